#!/usr/bin/env python3
"""What cameras do that did not hear how an upload ended: each frame is counted once, and nothing by halves."""

import contextlib
import ftplib
import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading

import cctvweb
import pictures
from test_ftp import PASSWORD, START, Ftp


class Repeats(Ftp):
    """A camera that lost the 226 sends the frame again."""

    def room_taken(self):
        return sum(os.stat(os.path.join(folder, name)).st_blocks * 512
                   for folder, _, names in os.walk(os.path.join(self.data, "frames")) for name in names)

    def test_it_is_acknowledged_and_counted_once(self):
        server = self.start_yard("--durability", "os")  # which keeps no room ahead
        sent = [pictures.iqeye_jpeg(START + n * 1000, size=100000 + n) for n in range(10)]
        client = self.connect()
        for name in ("a.jpg", "b.jpg"):
            for data in sent:
                self.assertTrue(self.store(client, name, data).startswith("226"))
        # Late, and in another order.
        for data in reversed(sent):
            self.assertTrue(self.store(self.connect(), "c.jpg", data).startswith("226"))
        # With this durability they are counted a moment after the answer.
        self.wait_until(lambda: "cctvweb_ingest_repeats_total 20" in server.get("/metrics").body.decode())
        camera = server.api("/cameras/yard")
        self.assertEqual((camera["frames"], camera["bytes"]), (10, sum(map(len, sent))))
        self.assertEqual(self.pictures_of(server), sorted(sent))
        event, = server.api("/events", camera="yard")["events"]
        self.assertEqual((event["frames"], event["bytes"]), (10, sum(map(len, sent))))
        self.assertLess(self.room_taken(), 2 * sum(map(len, sent)))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server = self.receive()
        client = self.connect()
        for data in sent:
            self.assertTrue(self.store(client, "a.jpg", data).startswith("226"))
        self.assertEqual(self.pictures_of(server), sorted(sent))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)
        self.run_cctvweb_reindex()
        server = self.receive()
        self.assertEqual(self.pictures_of(server), sorted(sent))

    def run_cctvweb_reindex(self):
        for _ in range(2):
            cctvweb.run("reindex", "--data", self.data)

    def test_at_the_same_moment_from_many_sessions(self):
        server = self.start_yard()
        clients = [self.connect() for _ in range(24)]
        sent = [pictures.iqeye_jpeg(START + n * 700, size=20000 + n) for n in range(8)]
        answers = []

        def send(client):
            answers.extend(self.store(client, "x%d.jpg" % n, data)[:3] for n, data in enumerate(sent))
        threads = [threading.Thread(target=send, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, ["226"] * 24 * 8)
        self.assertEqual(self.pictures_of(server), sorted(sent))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)

    def test_one_that_was_renamed_before_the_answer_was_lost(self):
        server = self.start_yard()
        data = pictures.iqeye_jpeg(START, size=30000)
        for _ in range(2):
            client = self.connect()
            self.store(client, "x.tmp", data)
            client.rename("x.tmp", "x.jpg")
        self.assertEqual(self.pictures_of(server), [data])

    def test_what_differs_is_another_frame(self):
        self.camera("add", "gate", "--zone", "UTC")
        server = self.start_yard()
        data = pictures.jpeg(size=20000)  # tells no time: two like it are two
        client = self.connect()
        self.store(client, "a.jpg", data)
        self.store(client, "a.jpg", data)
        self.assertEqual(len(self.frames(server)), 2)
        self.store(client, "20140523_140820.jpg", data)
        self.store(client, "20140523_140820.jpg", data)
        self.store(client, "20140523_140821.jpg", data)
        self.assertEqual(len(self.frames(server)), 4)
        self.store(self.connect("gate"), "20140523_140820.jpg", data)
        self.assertEqual(len(self.frames(server, "gate")), 1)


class Cut(Ftp):
    """Nothing is published by halves, and the halves do not fill the quarantine."""

    def half(self, number=0):
        return pictures.iqeye_jpeg(START + number * 1000, size=60000)[:30000 + number]

    def quarantine(self, server):
        return server.api("/cameras/yard/quarantine")["quarantine"]

    def test_a_client_that_is_killed(self):
        server = self.start_yard()
        for number in range(3):
            with subprocess.Popen([sys.executable, "-c", KILLED, str(self.port), PASSWORD, str(number)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
                client.stdin.write(self.half(number))
                client.stdin.close()
                client.stdout.read(1)
                client.kill()
        # Its sockets are closed in no order: it was cut, or the picture has no end.
        self.wait_until(lambda: len(self.quarantine(server)) == 3, what="the halves in quarantine")
        self.assertEqual(self.frames(server), [])

    def test_halves_do_not_fill_the_quarantine(self):
        server = self.start_yard()
        self.store(self.connect(), "text.jpg", b"\x00" * 5000)  # has something else to tell
        for number in range(30):
            client = self.connect()
            channel = client.transfercmd("STOR a.jpg")
            channel.sendall(self.half(number))
            client.close()
            channel.close()
        self.wait_until(lambda: any(item["bytes"] == 30029 for item in self.quarantine(server)))
        kept = self.quarantine(server)
        self.assertEqual([item["bytes"] for item in kept], [30029 - n for n in range(20)] + [5000])
        self.assertIn("cut", kept[0]["reason"])
        self.assertIn('rejects_total{reason="cut"} 30', server.get("/metrics").body.decode())
        self.assertEqual(self.frames(server), [])

    def test_a_film_that_was_cut_is_told_from_one_that_is_whole(self):
        server = self.start_yard()
        film = b"\0\0\0\x0cftypisom" + b"\0\0\0\x0cmoov...." + b"\0\0\x40\0mdat" + bytes(range(256)) * 64
        for name, data in (("cut.mp4", film[:9000]), ("whole.mp4", film[:24 + 0x4000])):
            client = self.connect()
            channel = client.transfercmd("STOR " + name)
            channel.sendall(data)
            client.close()  # all its sockets are closed, as when it is killed
            channel.close()
        self.wait_until(lambda: server.api("/cameras/yard/attachments")["total"] == 1, what="the whole film")
        self.wait_until(lambda: server.api("/cameras/yard/quarantine")["total"] == 1, what="the cut film")
        self.assertEqual(server.api("/cameras/yard/attachments")["attachments"][0]["name"], "whole.mp4")
        cut, = self.quarantine(server)
        self.assertEqual((cut["name"], cut["bytes"]), ("cut.mp4", 9000))
        self.assertIn("cut after 9000 bytes", cut["reason"])

    def test_one_in_parts_is_a_frame(self):
        server = self.start_yard()
        sent = pictures.iqeye_jpeg(START, size=50000)
        for at in range(0, len(sent), 8000):  # a session for each
            client = self.connect()
            client.storbinary("APPE part.jpg", io.BytesIO(sent[at:at + 8000]))
            client.close()
        self.assertEqual(self.pictures_of(server), [sent])
        self.assertEqual(server.api("/cameras/yard/quarantine")["total"], 0)
        # One that is never whole is kept, at the end at the latest.
        self.connect().storbinary("APPE half.jpg", io.BytesIO(sent[:20000]))
        self.assertEqual(server.stop(), 0)
        server = self.receive()
        item, = server.api("/cameras/yard/quarantine")["quarantine"]
        self.assertEqual((item["name"], item["bytes"]), ("half.jpg", 20000))
        self.assertIn("no end", item["reason"])

    def test_one_that_was_announced_longer(self):
        server = self.start_yard()
        client = self.connect()
        whole = pictures.iqeye_jpeg(START, size=60000)
        client.sendcmd("ALLO 60000")
        with self.assertRaises(ftplib.error_temp) as refused:
            self.store(client, "a.jpg", whole[:30000])
        self.assertIn("announced", str(refused.exception))
        self.assertEqual(self.frames(server), [])
        self.assertIn("60000", self.quarantine(server)[0]["reason"])
        # It holds for one upload, and a picture with an end is one, whatever was announced.
        self.assertTrue(self.store(client, "b.jpg", whole[:30000]).startswith("226"))
        client.sendcmd("ALLO 1000000")
        self.assertTrue(self.store(client, "c.jpg", whole).startswith("226"))
        client.sendcmd("ALLO 1000000")
        self.assertTrue(self.store(client, "c.mp4", b"film" * 1000).startswith("226"))
        self.assertEqual(self.pictures_of(server), [whole])

    def test_a_whole_picture_of_one_that_is_gone_is_stored(self):
        server = self.start_yard()
        whole = pictures.iqeye_jpeg(START, size=60000)
        client = self.connect()
        channel = client.transfercmd("STOR a.jpg")
        channel.sendall(whole)
        client.close()
        channel.close()
        self.wait_until(lambda: self.pictures_of(server) == [whole], what="the picture")


# Sends what it is given, says so, and waits to be killed.
KILLED = """
import ftplib, sys, time
client = ftplib.FTP()
client.connect("127.0.0.1", int(sys.argv[1]))
client.login("yard", sys.argv[2])
channel = client.transfercmd("STOR %s.jpg" % sys.argv[3])
channel.sendall(sys.stdin.buffer.read())
print("x", flush=True)
time.sleep(60)
"""


class ColdStart(Ftp):
    """After a start all cameras log in at once."""

    CAMERAS = 80

    def test_all_get_in(self):
        self.camera("add", "--shared", "--user", "camera")
        with contextlib.closing(sqlite3.connect(os.path.join(self.data, "catalog.db"))) as catalog, catalog:
            one = catalog.execute("SELECT hash, created FROM accounts").fetchone()
            catalog.executemany("INSERT INTO accounts (user, hash, created) VALUES (?, ?, ?)",
                                [("camera%d" % n,) + one for n in range(self.CAMERAS)])
        server = self.receive()
        sessions = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(self.CAMERAS)]
        for number, session in enumerate(sessions):
            self.addCleanup(session.close)
            session.settimeout(120 * cctvweb.PATIENCE)
            session.sendall(b"USER camera%d\r\nPASS %s\r\n" % (number, PASSWORD.encode()))
        answers = [session.makefile("rb") for session in sessions]
        for answer in answers:
            self.addCleanup(answer.close)
        codes = [[answer.readline()[:3] for _ in range(3)][2] for answer in answers]
        self.assertEqual(set(codes), {b"230"})
        self.assertIn("cctvweb_ftp_logins_later_total 0", server.get("/metrics").body.decode())


if __name__ == "__main__":
    cctvweb.main()
