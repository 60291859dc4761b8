#!/usr/bin/env python3
"""Cameras upload by FTP: what is answered 226 is there, byte for byte, whatever happens."""

import ftplib
import io
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import cctvweb
import pictures

START = pictures.START_MS
PASSWORD = "a-good-password"


def available(*programs):
    return all(shutil.which(program) for program in programs)


class Ftp(cctvweb.Case):
    """A server that receives, with one camera, "yard"."""

    def setUp(self):
        super().setUp()
        self.port = cctvweb.free_port()

    def camera(self, *arguments, password=PASSWORD, **options):
        given = {"input": password + "\n"} if password else {}
        return cctvweb.run("camera", *arguments, "--data", self.data, *(("--password-stdin",) if password else ()),
                           **given, **options)

    def receive(self, *arguments, **options):
        return self.serve("--ftp", "[::]:%d" % self.port, *arguments, **options)

    def start_yard(self, *arguments):
        self.camera("add", "yard", "--zone", "UTC")
        return self.receive(*arguments)

    def connect(self, user="yard", password=PASSWORD, host="127.0.0.1", kind=ftplib.FTP, timeout=30):
        client = kind()
        client.connect(host, self.port, timeout=timeout * cctvweb.PATIENCE)
        self.addCleanup(client.close)
        if user:
            client.login(user, password)
        return client

    def store(self, client, path, data):
        return client.storbinary("STOR " + path, io.BytesIO(data))

    def frames(self, server, camera="yard"):
        return server.pages("/frames", "frames", camera=camera)

    def pictures_of(self, server, camera="yard"):
        """The bytes of all frames, sorted."""
        return sorted(server.get(frame["url"]).body for frame in self.frames(server, camera))


class Uploads(Ftp):
    def test_an_upload_is_there_when_it_is_answered(self):
        server = self.start_yard()
        client = self.connect()
        data = pictures.iqeye_jpeg(START, windows=(3, 6), size=40000)
        self.assertTrue(self.store(client, "/2014/x.jpg", data).startswith("226"))
        frame, = self.frames(server)
        self.assertEqual(frame["time"], pictures.rfc3339(START))
        self.assertEqual(frame["windows"], [3, 6])
        self.assertEqual(frame["bytes"], len(data))
        self.assertEqual(server.get(frame["url"]).body, data)
        camera = server.api("/cameras/yard")
        self.assertEqual((camera["frames"], camera["account"], camera["new"], camera["rejected"]),
                         (1, "yard", False, 0))
        # It has learnt from the picture which camera it is.
        self.assertEqual((camera["mac"], camera["model"]), (pictures.MAC.hex(":"), "IQeye7xx"))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)

    def test_every_way_to_connect(self):
        server = self.start_yard()
        sent = []
        for number, (host, passive) in enumerate((h, p) for h in ("127.0.0.1", "::1") for p in (True, False)):
            with self.subTest(host=host, passive=passive):
                client = self.connect(host=host)
                client.set_pasv(passive)
                sent.append(pictures.iqeye_jpeg(START + 1000 * number, size=30000 + number))
                self.assertTrue(self.store(client, "a.jpg", sent[-1]).startswith("226"))
        self.assertEqual(self.pictures_of(server), sorted(sent))

    def test_the_same_name_and_the_same_moment_are_further_frames(self):
        server = self.start_yard()
        client = self.connect()
        sent = [pictures.iqeye_jpeg(START, size=9000 + n) for n in range(20)]
        for data in sent:
            self.store(client, "image.jpg", data)
        self.assertEqual(self.pictures_of(server), sorted(sent))

    def test_a_received_frame_is_told_at_once(self):
        server = self.start_yard()
        answer, connection = server.stream("/api/v1/live")
        self.addCleanup(connection.close)
        self.store(self.connect(), "a.jpg", pictures.iqeye_jpeg(START))
        kinds = []
        while "frame" not in kinds:
            line = answer.readline().decode()
            if line.startswith("event: "):
                kinds.append(line[7:].strip())

    def test_a_shared_account_has_the_cameras_that_paths_and_pictures_name(self):
        self.camera("add", "--shared", "--user", "all")
        server = self.receive()
        client = self.connect("all")
        first, second = pictures.mac_of(1), pictures.mac_of(2)
        self.store(client, "/front/a.jpg", pictures.jpeg(size=5000))
        self.store(client, "/b.jpg", pictures.iqeye_jpeg(START, mac=first))
        self.store(client, "/c.jpg", pictures.iqeye_jpeg(START, mac=second))
        self.store(client, "/front/test.txt", b"a test\r\n")
        self.store(client, "/camera_test12/test-101500.jpg", b"this is a test\r\n")
        cameras = {camera["name"]: camera for camera in server.api("/cameras")["cameras"]}
        self.assertEqual(set(cameras), {"front", pictures.mac_text(first, "_"), pictures.mac_text(second, "_")})
        self.assertTrue(all(camera["new"] and camera["account"] is None for camera in cameras.values()))

    def test_large_uploads_go_over_the_disk(self):
        server = self.start_yard()
        data = pictures.iqeye_jpeg(START, size=9 << 20)
        self.assertTrue(self.store(self.connect(), "large.jpg", data).startswith("226"))
        self.assertEqual(self.pictures_of(server), [data])

    def test_two_hundred_sessions_at_once(self):
        server = self.start_yard()
        clients = [self.connect() for _ in range(200)]
        sent, failures = [], []

        def send(number, client):
            data = pictures.iqeye_jpeg(START + number * 77, size=8000 + number)
            sent.append(data)
            try:
                if not self.store(client, "%d.jpg" % number, data).startswith("226"):
                    failures.append(number)
            except (OSError, ftplib.Error) as error:
                failures.append((number, error))

        threads = [threading.Thread(target=send, args=item) for item in enumerate(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.pictures_of(server), sorted(sent))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)


class NoFrames(Ftp):
    """What is no frame is kept aside and shown."""

    def test_an_incomplete_picture_is_in_quarantine_with_the_reason(self):
        server = self.start_yard()
        client = self.connect()
        data = pictures.iqeye_jpeg(START, size=40000)[:25000]
        self.assertTrue(self.store(client, "/a b/half[1].jpg", data).startswith("226"))
        listed = server.api("/cameras/yard/quarantine")
        self.assertEqual(listed["total"], 1)
        item, = listed["quarantine"]
        self.assertEqual((item["name"], item["bytes"]), ("half[1].jpg", 25000))
        self.assertIn("no end", item["reason"])
        answer = server.get(item["url"])
        self.assertEqual(answer.body, data)
        self.assertEqual(answer.headers["content-type"], "application/octet-stream")
        self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
        self.assertIn("attachment", answer.headers["content-disposition"])
        self.assertEqual(server.api("/cameras/yard")["rejected"], 1)
        self.assertEqual(self.frames(server), [])
        server.stop()
        server = self.receive()
        self.assertEqual(server.api("/cameras/yard/quarantine"), listed)

    def test_a_cut_transfer_publishes_nothing_and_is_kept(self):
        server = self.start_yard()
        client = self.connect()
        data = pictures.iqeye_jpeg(START, size=400000)
        channel = client.transfercmd("STOR a.jpg")
        channel.sendall(data[:100000])
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        channel.close()  # by a reset
        client.close()
        listed = self.wait_until(lambda: server.api("/cameras/yard/quarantine")["quarantine"],
                                 what="the cut upload in quarantine")
        self.assertIn("cut", listed[0]["reason"])
        self.assertEqual(self.frames(server), [])

    def test_other_files_are_attachments(self):
        server = self.start_yard()
        client = self.connect()
        film = os.urandom(300000)
        self.store(client, "/films/2014.mp4", film)
        self.store(client, "/test.txt", b"hello\n")
        self.store(client, "/test-101500.jpg", b"a test\n")
        self.store(client, "/empty", b"")
        listed = server.api("/cameras/yard/attachments")["attachments"]
        self.assertEqual({item["name"]: item["bytes"] for item in listed},
                         {"2014.mp4": 300000, "test.txt": 6, "test-101500.jpg": 7, "empty": 0})
        for item in listed:
            if item["bytes"] == 300000:
                self.assertEqual(server.get(item["url"]).body, film)
        self.assertEqual(server.api("/cameras/yard")["rejected"], 0)

    def test_attachments_never_run(self):
        """Pages, drawings, and pictures that are both, from whoever has a camera's password."""
        server = self.start_yard()
        client = self.connect()
        page = b"<!doctype html><script>fetch('/api/v1/cameras')</script>"
        sent = {"x.html": page, "x.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
                'a".html': page, "x.js": b"alert(1)", "x.xml": page}
        for name, data in sent.items():
            self.store(client, "/" + name, data)
        broken = b"\xff\xd8\xff\xfe\0\x40" + page
        self.store(client, "/both.jpg", broken)
        listed = server.api("/cameras/yard/attachments")["attachments"]
        self.assertEqual({item["name"] for item in listed}, set(sent))
        for item in listed + server.api("/cameras/yard/quarantine")["quarantine"]:
            answer = server.get(item["url"])
            self.assertEqual(answer.body, sent.get(item["name"], broken))
            self.assertEqual(answer.headers["content-type"], "application/octet-stream")
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
            self.assertRegex(answer.headers["content-disposition"], r"^attachment; filename\*=UTF-8''[\w.%-]+$")
            self.assertIn("sandbox", answer.headers["content-security-policy"])
        # A whole picture with a page behind it is a picture, and nothing else.
        both = pictures.iqeye_jpeg(START) + page
        self.store(client, "/page.jpg", both)
        answer = server.get(self.frames(server)[0]["url"])
        self.assertEqual((answer.body, answer.headers["content-type"]), (both, "image/jpeg"))
        self.assertEqual(answer.headers["x-content-type-options"], "nosniff")

    def test_nothing_leads_out_of_the_folders(self):
        server = self.start_yard()
        client = self.connect()
        self.store(client, "/..%2f..%2fx.mp4", b"1" * 100)
        self.store(client, "/.hidden", b"\x00" * 100)
        below = [os.path.relpath(os.path.join(folder, name), self.data)
                 for folder, _, names in os.walk(self.data) for name in names]
        self.assertEqual(len([name for name in below if name.startswith("attachments/yard/")]), 2)
        for ending in ("..%2F..%2Fcatalog.db", "../catalog.db", "%2e%2e%2fcatalog.db", "20140523T140820529Z-..%2Fx"):
            server.get("/api/v1/cameras/yard/attachments/" + ending, status=404)
            server.get("/api/v1/cameras/yard/quarantine/" + ending, status=404)

    def test_both_are_bounded_and_the_oldest_go(self):
        server = self.start_yard("--quarantine-mb", "1", "--attachments-mb", "1")
        client = self.connect()
        half = pictures.iqeye_jpeg(START, size=200001)[:200000]
        for number in range(12):
            self.store(client, "%02d.jpg" % number, half)
            self.store(client, "%02d.mp4" % number, os.urandom(200000))
        for kind, ending in (("quarantine", "jpg"), ("attachments", "mp4")):
            listed = server.api("/cameras/yard/" + kind)[kind]
            self.assertEqual([item["name"] for item in listed], ["%02d.%s" % (n, ending) for n in (11, 10, 9, 8, 7)])
            size = sum(os.path.getsize(os.path.join(folder, name))
                       for folder, _, names in os.walk(os.path.join(self.data, kind)) for name in names)
            self.assertLess(size, 1 << 20)

    def test_the_owner_reads_what_was_said(self):
        server = self.start_yard()
        with self.assertRaises(ftplib.error_perm):
            self.connect(password="wrong-secret")
        client = self.connect()
        self.store(client, "a.jpg", pictures.iqeye_jpeg(START))
        lines = server.api("/cameras/yard/log")["lines"]
        said = [(line["from"], line["text"]) for line in lines]
        self.assertIn(("camera", "USER yard"), said)
        self.assertIn(("camera", "STOR a.jpg"), said)
        self.assertTrue(any(who == "server" and text.startswith("530") for who, text in said), said)
        self.assertNotIn("wrong-secret", json.dumps(lines))
        self.assertRegex(server.log(), r'warn ftp login-failed peer="127\.0\.0\.1" user="\w+" unsaid=0')
        self.assertNotIn("wrong-secret", server.log())
        self.assertNotIn(PASSWORD, json.dumps(lines))
        self.assertLessEqual(len(lines), 200)


class Renames(Ftp):
    def test_a_temporary_name_waits_for_the_real_one(self):
        server = self.start_yard()
        client = self.connect()
        data = pictures.iqeye_jpeg(START, size=30000)
        self.assertTrue(self.store(client, "/a/x.jpg.tmp", data).startswith("226"))
        self.assertEqual(self.frames(server), [])
        self.assertTrue(client.rename("/a/x.jpg.tmp", "/a/x.jpg").startswith("250"))
        self.assertEqual(self.pictures_of(server), [data])
        self.assertEqual(os.listdir(os.path.join(self.data, "incoming")), [])

    def test_one_that_is_deleted_is_kept_aside(self):
        server = self.start_yard()
        client = self.connect()
        self.store(client, "x.part", pictures.iqeye_jpeg(START, size=30000))
        client.delete("x.part")
        listed = self.wait_until(lambda: server.api("/cameras/yard/quarantine")["quarantine"])
        self.assertIn("deleted by the camera", listed[0]["reason"])

    def test_one_that_was_held_at_a_kill_is_a_frame_after_the_start(self):
        server = self.start_yard()
        data = pictures.iqeye_jpeg(START, size=30000)
        self.store(self.connect(), "x.tmp", data)
        server.process.kill()
        server.process.wait()
        server = self.receive()
        self.wait_until(lambda: self.pictures_of(server) == [data], what="the frame that was held")
        server.stop()
        server = self.receive()
        self.assertEqual(self.pictures_of(server), [data])


class Accounts(Ftp):
    def test_changes_hold_at_once(self):
        server = self.receive()
        with self.assertRaises(ftplib.error_perm):
            self.connect()
        self.camera("add", "yard")
        client = self.connect()
        self.store(client, "a.jpg", pictures.iqeye_jpeg(START))
        self.camera("password", "yard", password="another")
        with self.assertRaises(ftplib.error_perm):
            self.connect()
        self.assert_ended(client)
        client = self.connect(password="another")
        self.camera("disable", "yard", password=None)
        with self.assertRaises(ftplib.error_perm):
            self.connect(password="another")
        self.assert_ended(client)
        self.camera("enable", "yard", password=None)
        client = self.connect(password="another")
        self.camera("rename", "yard", "garden", password=None)
        self.store(client, "b.jpg", pictures.iqeye_jpeg(START + 5000))
        self.assertEqual(server.api("/cameras/garden")["frames"], 2)
        self.camera("remove", "garden", password=None)
        with self.assertRaises(ftplib.error_perm):
            self.connect(password="another")
        self.assert_ended(client)
        self.assertEqual(server.api("/cameras/garden")["frames"], 2)

    def assert_ended(self, client):
        def ended():
            try:
                client.voidcmd("NOOP")
                return False
            except (EOFError, OSError, ftplib.Error):
                return True
        self.wait_until(ended, 5, "the end of the session")

    def test_ftp_begins_when_the_first_account_appears(self):
        self.port = 2121
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("::", self.port))
        except OSError:
            self.skipTest("port 2121, the default, is in use")
        server = self.serve()
        time.sleep(1.5)
        self.assertNotIn("ftp listening", server.log())
        self.camera("add", "yard")
        self.wait_until(lambda: "ftp listening" in server.log(), 5, "FTP")
        self.store(self.connect(), "a.jpg", pictures.iqeye_jpeg(START))
        self.assertEqual(len(self.frames(server)), 1)

    def test_wrong_passwords_slow_down_nobody_else(self):
        self.start_yard()
        self.connect()  # known from now on
        stop = threading.Event()

        def guess():
            while not stop.is_set():
                try:
                    self.connect(password="guess", host="127.0.0.2")
                except (OSError, EOFError, ftplib.Error):
                    pass
        guessers = [threading.Thread(target=guess, daemon=True) for _ in range(8)]
        for guesser in guessers:
            guesser.start()
        try:
            time.sleep(0.5)
            start = time.monotonic()
            for _ in range(20):
                self.connect(host="::1").quit()
            self.assertLess(time.monotonic() - start, 5 * cctvweb.PATIENCE)
        finally:
            stop.set()

    def test_a_camera_that_logs_in_for_each_file(self):
        server = self.start_yard()
        for number in range(30):
            client = self.connect()
            self.store(client, "a.jpg", pictures.iqeye_jpeg(START + number * 500, size=6000))
            client.quit()
        self.assertEqual(len(self.frames(server)), 30)
        metrics = server.get("/metrics").body.decode()
        hashed = int(re.search(r"^cctvweb_ftp_logins_hashed_total (\d+)", metrics, re.M).group(1))
        self.assertLessEqual(hashed, 2)

    def test_the_command_line(self):
        made = json.loads(self.camera("add", "yard", "--json", password=None).out)
        self.assertRegex(made["password"], r"^[a-z2-9]{5}(-[a-z2-9]{5}){2}$")
        self.assertEqual(made["account"]["user"], "yard")
        self.camera("add", "yard", status=1)
        self.camera("add", "a/b", status=2)
        self.camera("add", "x", "--zone", "Nowhere/Land", status=2)
        self.camera("show", "none", password=None, status=1)
        self.camera("nonsense", password=None, status=2)
        self.assertNotIn(PASSWORD, self.camera("password", "yard").out)
        with open(os.path.join(self.data, "catalog.db"), "rb") as file:
            self.assertNotIn(PASSWORD.encode(), file.read())
        self.receive()
        self.connect().quit()


class Tls(Ftp):
    def certificate(self):
        if not available("openssl"):
            self.skipTest("openssl is not installed")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", self.path("key.pem"), "-out", self.path("cert.pem")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return "--tls-cert", self.path("cert.pem"), "--tls-key", self.path("key.pem")

    def context(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def test_explicit(self):
        server = self.start_yard(*self.certificate(), "--tls-required", "yes")
        with self.assertRaises(ftplib.Error):
            self.connect()
        client = ftplib.FTP_TLS(context=self.context())
        client.connect("127.0.0.1", self.port, timeout=30)
        self.addCleanup(client.close)
        client.login("yard", PASSWORD)
        client.prot_p()
        data = pictures.iqeye_jpeg(START, size=200000)
        self.assertTrue(self.store(client, "a.jpg", data).startswith("226"))
        with self.assertRaisesRegex(ftplib.error_perm, "^534"):
            client.prot_c()
        # Neither does one go in the clear whose client never says how its data are sent.
        other = ftplib.FTP_TLS(context=self.context())
        other.connect("127.0.0.1", self.port, timeout=30)
        self.addCleanup(other.close)
        other.login("yard", PASSWORD)
        with self.assertRaisesRegex(ftplib.error_perm, "^522"):
            self.store(other, "b.jpg", data)
        with self.assertRaisesRegex(ftplib.error_perm, "^522"):
            other.nlst()
        self.assertEqual(self.pictures_of(server), [data])

    def test_data_in_the_clear(self):
        """Where TLS is not required its client may choose."""
        server = self.start_yard(*self.certificate())
        client = ftplib.FTP_TLS(context=self.context())
        client.connect("127.0.0.1", self.port, timeout=30)
        self.addCleanup(client.close)
        client.login("yard", PASSWORD)
        client.prot_c()
        data = pictures.iqeye_jpeg(START, size=200000)
        self.assertTrue(self.store(client, "a.jpg", data).startswith("226"))
        self.assertEqual(self.pictures_of(server), [data])

    def test_implicit(self):
        if not available("curl"):
            self.skipTest("curl is not installed")
        port = cctvweb.free_port()
        server = self.start_yard(*self.certificate(), "--ftps", "[::]:%d" % port)
        data = pictures.iqeye_jpeg(START, size=200000)
        with open(self.path("a.jpg"), "wb") as file:
            file.write(data)
        subprocess.run(["curl", "-sSk", "-T", self.path("a.jpg"), "-u", "yard:" + PASSWORD,
                        "ftps://127.0.0.1:%d/a.jpg" % port], check=True)
        self.assertEqual(self.pictures_of(server), [data])


class Programs(Ftp):
    """Programs that people have."""

    def try_program(self, program, *command, input=None):
        if not available(program):
            self.skipTest(program + " is not installed")
        server = self.start_yard()
        data = pictures.iqeye_jpeg(START, size=50000)
        with open(self.path("a.jpg"), "wb") as file:
            file.write(data)
        words = [word.format(port=self.port, password=PASSWORD, dir=self.dir) for word in (program,) + command]
        done = subprocess.run(words, input=input and input.format(port=self.port, password=PASSWORD), cwd=self.dir,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.assertEqual(self.pictures_of(server), [data], done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_curl(self):
        self.try_program("curl", "-sS", "--ftp-create-dirs", "-T", "a.jpg", "-u", "yard:{password}",
                         "ftp://127.0.0.1:{port}/2014/05/a.jpg")

    def test_curl_active(self):
        self.try_program("curl", "-sS", "-P", "-", "-T", "a.jpg", "-u", "yard:{password}",
                         "ftp://127.0.0.1:{port}/a.jpg")

    def test_lftp(self):
        self.try_program("lftp", "-e", "set ssl:verify-certificate no; put a.jpg; bye", "-u", "yard,{password}",
                         "-p", "{port}", "127.0.0.1")

    def test_ncftpput(self):
        self.try_program("ncftpput", "-u", "yard", "-p", "{password}", "-P", "{port}", "127.0.0.1", "/", "a.jpg")

    def test_tnftp(self):
        self.try_program("tnftp", "-n", "127.0.0.1", "{port}",
                         input="user yard {password}\nbinary\nput a.jpg\nbye\n")

    def test_busybox(self):
        self.try_program("busybox", "ftpput", "-u", "yard", "-p", "{password}", "-P", "{port}", "127.0.0.1",
                         "a.jpg", "a.jpg")


class Kills(Ftp):
    """kill -9 at any moment: what was acknowledged is there once, and nothing is there that was not sent."""

    ROUNDS = int(os.environ.get("CCTVWEB_KILL_ROUNDS", "12"))

    def sender(self, number, sent, acknowledged, stop):
        count = 0
        while not stop.is_set():
            try:
                client = self.connect("all", timeout=10)
            except (OSError, EOFError, ftplib.Error):
                time.sleep(0.02)
                continue
            try:
                while not stop.is_set():
                    count += 1
                    size = 3000 + (len(sent) * 7919) % 60000
                    data = pictures.iqeye_jpeg(START + len(sent) * 997, mac=pictures.mac_of(number), size=size)
                    data = data[:-2] + b"\xff\xd9"
                    sent.append(data)
                    temporary = count % 5 == 0
                    self.store(client, "x.tmp" if temporary else "x.jpg", data)
                    if not temporary or client.rename("x.tmp", "x.jpg").startswith("250"):
                        acknowledged.append(data)
            except (OSError, EOFError, ftplib.Error):
                pass
            finally:
                client.close()

    def test_nothing_acknowledged_is_lost(self):
        self.camera("add", "--shared", "--user", "all")
        senders = 6
        sent = [[] for _ in range(senders)]
        acknowledged = [[] for _ in range(senders)]
        for round_number in range(self.ROUNDS):
            server = self.receive("--durability", "os" if round_number % 3 == 1 else "sync")
            stop = threading.Event()
            threads = [threading.Thread(target=self.sender, args=(n, sent[n], acknowledged[n], stop))
                       for n in range(senders)]
            for thread in threads:
                thread.start()
            time.sleep(0.25 + (round_number * 37 % 50) / 100)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            stop.set()
            for thread in threads:
                thread.join()
        server = self.receive()
        self.wait_until(lambda: not [name for name in os.listdir(os.path.join(self.data, "incoming"))],
                        20, "what was held is taken")
        total = 0
        for number in range(senders):
            if not acknowledged[number]:
                continue
            there = self.pictures_of(server, pictures.mac_text(pictures.mac_of(number), "_"))
            total += len(acknowledged[number])
            self.assertEqual(len(there), len(set(there)), "a frame is there twice")
            self.assertEqual(set(acknowledged[number]) - set(there), set(), "acknowledged and lost")
            self.assertEqual(set(there) - set(sent[number]), set(), "never sent like this")
        self.assertGreater(total, self.ROUNDS)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)


if __name__ == "__main__":
    cctvweb.main()
