"""The FTP server against sockets that behave badly, and against the clients that people have.

It drives tests/ftp_host ($FTP_HOST), which keeps uploads as files named NUMBER.KIND.PATH, KIND
being whole, held or cut, and prints what the server counts for each line on its standard input.
"""

import concurrent.futures
import ftplib
import io
import os
import re
import resource
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import cctvweb

HOST = os.environ.get("FTP_HOST", os.path.join(cctvweb.ROOT, "build", "tests", "ftp_host"))
PATIENCE = cctvweb.PATIENCE


def picture(size=40000, seed=1):
    return bytes((i * seed + i // 251) & 0xff for i in range(size))


class Host:
    """A running ftp_host, in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.errors = open(os.path.join(folder, "..", os.path.basename(folder) + ".log"), "w+")
        self.process = subprocess.Popen([HOST, *options, folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.port, self.tls_port = map(int, self.process.stdout.readline().split())

    def counters(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read_counters()

    def read_counters(self):
        while True:
            line = self.process.stdout.readline()
            if line == "" or line.startswith("uploads="):
                return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line)}

    def wait_for(self, **wanted):
        end = time.monotonic() + 10 * PATIENCE
        while True:
            counters = self.counters()
            if all(counters[name] == value for name, value in wanted.items()):
                return counters
            if time.monotonic() > end:
                raise AssertionError(f"wanted {wanted}, is {counters}")
            time.sleep(0.02)

    def memory(self):
        """Bytes of memory that the process has."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    def stop(self):
        self.process.stdin.close()
        counters = self.read_counters()
        status = self.process.wait(20 * PATIENCE)
        self.process.stdout.close()
        self.errors.seek(0)
        log = self.errors.read()
        self.errors.close()
        return status, counters, log

    def files(self, kind):
        """The uploads of a kind, in order: (path, bytes)."""
        found = []
        for name in sorted(os.listdir(self.folder)):
            number, this, path = name.split(".", 2)
            if this == kind:
                with open(os.path.join(self.folder, name), "rb") as file:
                    found.append((path.replace("#", "/"), file.read()))
        return found


class Client:
    """A control connection, spoken by hand."""

    def __init__(self, port, login=True, host="127.0.0.1", user="camera"):
        self.socket = socket.create_connection((host, port), timeout=20 * PATIENCE)
        self.input = self.socket.makefile("rb")
        self.greeting = self.reply()
        if login:
            self.said("USER " + user, 331)
            self.said("PASS secret", 230)

    def send(self, line):
        self.socket.sendall(line.encode() + b"\r\n" if isinstance(line, str) else line)

    def reply(self):
        while True:
            line = self.input.readline().decode("latin-1")
            if not line:
                return None
            if re.match(r"\d\d\d ", line):
                return line.rstrip("\r\n")

    def said(self, line, code):
        self.send(line)
        reply = self.reply()
        if reply is None or not reply.startswith(str(code)):
            raise AssertionError(f"{line}: wanted {code}, got {reply}")
        return reply

    def passive(self):
        port = int(re.search(r"\|\|\|(\d+)\|", self.said("EPSV", 229)).group(1))
        return socket.create_connection((self.socket.getpeername()[0], port), timeout=20 * PATIENCE)

    def store(self, name, content, code=226):
        with self.passive() as data:
            self.said("STOR " + name, 150)
            data.sendall(content)
        reply = self.reply()
        if reply is None or not reply.startswith(str(code)):
            raise AssertionError(f"STOR {name}: wanted {code}, got {reply}")

    def close(self, reset=False):
        if reset:
            abandon(self.socket)
        self.input.close()
        self.socket.close()


def abandon(connection):
    """Makes closing a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class ServerTest(unittest.TestCase):
    options = ()

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="cctvweb-ftp-")
        self.folder = os.path.join(self.top, "uploads")
        os.mkdir(self.folder)
        self.host = Host(self.folder, *self.options)
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()
        status, counters, log = self.host.stop()
        shutil.rmtree(self.top)
        self.assertEqual(status, 0, log[-3000:])
        self.assertEqual((counters["open"], counters["memory"], counters["sessions"]), (0, 0, 0))

    def client(self, **arguments):
        client = Client(self.host.port, **arguments)
        self.clients.append(client)
        return client


class BadLuck(ServerTest):
    def test_uploads_of_all_sizes(self):
        client = self.client()
        sizes = [0, 1, 40000, 65535, 65536, 65537, 200000, 4 << 20, 6 << 20]
        for size in sizes:
            client.store(f"{size}.jpg", picture(size))
        self.assertEqual([(path, len(content)) for path, content in self.host.files("whole")],
                         [(f"/{size}.jpg", size) for size in sizes])
        for path, content in self.host.files("whole"):
            self.assertEqual(content, picture(len(content)), path)
        self.host.wait_for(open=0, memory=0)

    def test_no_data_connection(self):
        client = self.client()
        begin = time.monotonic()
        client.said("EPSV", 229)
        client.said("STOR a.jpg", 150)
        self.assertTrue(client.reply().startswith("425 "))
        self.assertLess(time.monotonic() - begin, 2 + 3 * PATIENCE)
        client.store("b.jpg", picture())
        # Active, to a port where nobody listens.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        client.said(f"EPRT |1|127.0.0.1|{port}|", 200)
        client.said("STOR c.jpg", 150)
        self.assertTrue(client.reply().startswith("425 "))
        self.assertEqual(len(self.host.files("whole")), 1)

    def test_port_to_others(self):
        client = self.client()
        for line in ("PORT 127,0,0,2,200,10", "PORT 10,0,0,1,200,10", "PORT 127,0,0,1,0,22",
                     "EPRT |1|127.0.0.2|51210|", "EPRT |1|127.0.0.1|1023|", "EPRT |2|::1|51210|"):
            client.said(line, 500)
        client.said("STOR a.jpg", 425)

    def test_connection_of_another_peer(self):
        client = self.client()
        port = int(re.search(r"\|\|\|(\d+)\|", client.said("EPSV", 229)).group(1))
        stranger = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.9", 0))
        stranger.sendall(b"not a picture")
        client.said("STOR a.jpg", 150)
        time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", port)) as data:
            data.sendall(picture())
        self.assertTrue(client.reply().startswith("226 "))
        stranger.close()
        self.assertEqual(self.host.files("whole"), [("/a.jpg", picture())])

    def test_stray_connections_before_the_next_transfer(self):
        client = self.client()
        port = int(re.search(r"\|\|\|(\d+)\|", client.said("EPSV", 229)).group(1))
        data = socket.create_connection(("127.0.0.1", port))
        stray = socket.create_connection(("127.0.0.1", port))
        stray.sendall(b"left over")
        client.said("STOR a.jpg", 150)
        data.sendall(b"first")
        data.close()
        self.assertTrue(client.reply().startswith("226 "))
        client.store("b.jpg", b"second")
        stray.close()
        self.assertEqual([content for _, content in self.host.files("whole")], [b"first", b"second"])

    def test_active(self):
        for verb in ("PORT", "EPRT"):
            client = self.client()
            with socket.create_server(("127.0.0.1", 0)) as listener:
                port = listener.getsockname()[1]
                client.said(f"PORT 127,0,0,1,{port >> 8},{port & 255}" if verb == "PORT"
                            else f"EPRT |1|127.0.0.1|{port}|", 200)
                client.said(f"STOR {verb}.jpg", 150)
                data, _ = listener.accept()
                data.sendall(picture())
                data.close()
            self.assertTrue(client.reply().startswith("226 "))
        self.assertEqual(len(self.host.files("whole")), 2)

    def test_cut_by_reset_and_resumed(self):
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        data.sendall(picture()[:30000])
        time.sleep(0.2)
        abandon(data)
        data.close()
        self.assertTrue(client.reply().startswith("426 "))
        client.said("SIZE a.jpg", 550)
        self.assertEqual(self.host.files("whole"), [])
        self.host.wait_for(open=0, memory=0)  # what waits does so on the disk
        client.said("REST 20000", 350)
        client.store("a.jpg", picture()[20000:])
        self.assertEqual(self.host.files("whole"), [("/a.jpg", picture())])
        self.assertEqual(self.host.files("cut"), [])

    def test_appended_after_a_cut(self):
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        data.sendall(picture(5 << 20))
        time.sleep(0.3)
        abandon(data)
        data.close()
        reply = client.reply()
        self.assertTrue(reply.startswith("426 "), reply)
        with client.passive() as data:
            client.said("APPE a.jpg", 150)
            data.sendall(b"the end")
        self.assertTrue(client.reply().startswith("226 "))
        (path, content), = self.host.files("whole")
        self.assertEqual(path, "/a.jpg")
        self.assertEqual(content, picture(5 << 20)[:len(content) - 7] + b"the end")
        with client.passive():
            client.said("APPE a.jpg", 550)

    def test_stall_is_a_cut(self):
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        data.sendall(b"some")
        self.assertTrue(client.reply().startswith("426 "))
        client.close()
        self.clients.remove(client)
        data.close()
        self.host.wait_for(sessions=0)
        self.assertEqual(self.host.files("cut"), [("/a.jpg", b"some")])
        self.assertEqual(self.host.files("whole"), [])

    def test_slow_loris_on_data(self):
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        client.socket.settimeout(0.3)
        reply = None
        begin = time.monotonic()
        while reply is None and time.monotonic() - begin < 30 * PATIENCE:
            try:
                data.sendall(b".")
                reply = client.socket.recv(100)
            except TimeoutError:
                pass
            except OSError:
                break
        if reply is None:
            reply = client.socket.recv(100)
        self.assertTrue(reply.startswith(b"426 "), reply)
        data.close()

    def test_control_gone(self):
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        data.sendall(picture()[:1000])
        time.sleep(0.1)
        client.close(reset=True)
        self.clients.remove(client)
        self.host.wait_for(sessions=0, open=0, memory=0, cut=1)
        self.assertEqual(self.host.files("cut"), [("/a.jpg", picture()[:1000])])
        data.close()

    def test_control_closed_behind_the_data(self):
        client = self.client()
        data = client.passive()
        client.send("STOR a.jpg\r\nQUIT")
        data.sendall(picture())
        data.close()
        client.socket.shutdown(socket.SHUT_WR)
        self.assertTrue(client.reply().startswith("150 "))
        self.assertTrue(client.reply().startswith("226 "))
        self.assertTrue(client.reply().startswith("221 "))
        self.assertEqual(self.host.files("whole"), [("/a.jpg", picture())])

    def test_abort(self):
        client = self.client()
        for urgent in (False, True):
            data = client.passive()
            client.said("STOR a.jpg", 150)
            data.sendall(b"some")
            time.sleep(0.1)
            if urgent:
                client.socket.sendall(b"\xff\xf4\xff")
                client.socket.send(b"\xf2", socket.MSG_OOB)
                client.socket.sendall(b"ABOR\r\n")
            else:
                client.socket.send(b"ABOR\r\n", socket.MSG_OOB)
            self.assertTrue(client.reply().startswith("426 "))
            self.assertTrue(client.reply().startswith("226 "))
            data.close()
            client.said("NOOP", 200)
        self.assertEqual(self.host.files("whole"), [])

    def test_pipelined_before_the_banner(self):
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=10 * PATIENCE) as raw:
            raw.sendall(b"user camera\npass secret\r\r\n\r\nSYST\r\nPWD\r\nCWD /no\nMKD a/b\nQUIT\r\n"
                        b"NOOP\r\n")
            replies = raw.makefile("rb").read().decode()
        self.assertEqual(re.findall(r"^(\d\d\d) ", replies, re.M),
                         "220 331 230 215 257 550 257 221".split())

    def test_many_commands_at_once(self):
        client = self.client()
        done = []

        def read():
            while len(done) < 5000:
                done.append(client.reply())

        reader = threading.Thread(target=read)
        reader.start()
        client.socket.sendall(b"HELP\r\nNOOP\r\n" * 2500)
        reader.join(30 * PATIENCE)
        self.assertEqual({reply[:3] for reply in done[0::2]}, {"214"})
        self.assertEqual({reply[:3] for reply in done[1::2]}, {"200"})
        self.assertEqual(len(done), 5000)

    def test_replies_that_nobody_reads(self):
        deaf = self.client()
        deaf.socket.settimeout(1)
        try:
            for _ in range(1000):
                deaf.socket.sendall(b"HELP\r\n" * 1000)
        except TimeoutError:
            pass
        self.assertLess(self.host.memory(), 200 << 20)
        self.client().store("a.jpg", picture())

    def test_lines_that_never_end(self):
        client = self.client()
        for _ in range(64):
            client.socket.sendall(b"A" * 65536)
        client.send("")
        self.assertTrue(client.reply().startswith("500 "))
        client.said("NOOP", 200)

    def test_disk_full(self):
        client = self.client()
        old = os.getcwd()
        self.assertEqual(os.readlink(f"/proc/{self.host.process.pid}/cwd"), old)
        marker = os.path.join(old, "full")
        self.assertFalse(os.path.exists(marker))
        with open(marker, "w"):
            pass
        try:
            with client.passive():
                client.said("STOR a.jpg", 452)
        finally:
            os.remove(marker)
        client.store("a.jpg", picture())

    def test_wrong_passwords_delay_that_peer_only(self):
        def guess():
            client = Client(self.host.port, login=False)
            client.said("USER camera", 331)
            begin = time.monotonic()
            client.said("PASS wrong", 530)
            client.close()
            return time.monotonic() - begin

        self.assertGreater(guess(), 0.4)
        self.assertGreater(guess(), 0.9)
        slow = threading.Thread(target=guess)
        slow.start()
        time.sleep(0.1)
        begin = time.monotonic()
        self.client().store("a.jpg", picture())
        self.assertLess(time.monotonic() - begin, 1 * PATIENCE)
        slow.join()

    def test_held_until_renamed(self):
        client = self.client()
        client.store("a.tmp", picture())
        client.said("RNFR a.tmp", 350)
        client.said("RNTO a.jpg", 250)
        client.said("SIZE a.jpg", 213)
        self.assertEqual(self.host.files("held"), [("/a.tmp", picture())])

    def test_login_for_each_file(self):
        for i in range(50):
            client = Client(self.host.port)
            client.store("same.jpg", picture(1000, i))
            client.close()
        self.assertEqual([content for _, content in self.host.files("whole")],
                         [picture(1000, i) for i in range(50)])

    def test_hundreds_of_uploads_in_a_session(self):
        client = self.client()
        for i in range(350):
            client.store(f"{i}.jpg", picture(500, i))
        self.assertEqual(len(self.host.files("whole")), 350)


class IdleTime(ServerTest):
    options = ("-i", "1")

    def test_idle(self):
        client = self.client()
        begin = time.monotonic()
        self.assertIsNone(client.reply())
        self.assertGreater(time.monotonic() - begin, 0.8)

    def test_not_while_something_is_said(self):
        client = self.client()
        for _ in range(8):
            time.sleep(0.4)
            client.said("NOOP", 200)


class Six(ServerTest):
    options = ("-l", "[::]:0")

    def test_both(self):
        for address in ("::1", "127.0.0.1"):
            client = self.client(host=address)
            client.store("a.jpg", picture())
            with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address
                                      else socket.AF_INET) as listener:
                family = 2 if ":" in address else 1
                client.said(f"EPRT |{family}|{address}|{listener.getsockname()[1]}|", 200)
                client.said("STOR b.jpg", 150)
                data, _ = listener.accept()
                data.sendall(picture())
                data.close()
            self.assertTrue(client.reply().startswith("226 "))
        self.assertEqual(len(self.host.files("whole")), 4)


class FewPorts(ServerTest):
    first = 20000 + os.getpid() % 2500 * 4  # below what systems give to those who ask for any
    options = ("-p", str(first), "-P", str(first + 3))

    def test_all_are_used_and_given_back(self):
        clients = [self.client() for _ in range(5)]
        ports = [int(re.search(r"\|\|\|(\d+)\|", client.said("EPSV", 229)).group(1))
                 for client in clients[:4]]
        self.assertEqual(sorted(ports), list(range(self.first, self.first + 4)))
        clients[4].said("EPSV", 425)
        clients[0].said("QUIT", 221)
        self.assertIsNone(clients[0].reply())
        for i in range(10):
            clients[4].store(f"{i}.jpg", picture())


class LittleMemory(ServerTest):
    options = ("-m", str(1 << 20), "-q")

    def test_slowed_but_not_lost(self):
        """Uploads that stop half way hold the memory; others wait a moment, and go on."""
        holders = []
        for i in range(24):
            client = self.client(user=f"camera{i}")
            data = client.passive()
            client.said(f"STOR held{i}.jpg", 150)
            data.sendall(picture(60000, i))
            holders.append((client, data))
        time.sleep(0.2)

        def upload(i):
            client = Client(self.host.port)
            client.store(f"new{i}.jpg", picture(300000, i))
            client.close()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(upload, range(48)))
        new = dict(item for item in self.host.files("whole") if item[0].startswith("/new"))
        self.assertEqual(new, {f"/new{i}.jpg": picture(300000, i) for i in range(48)})
        for client, data in holders:
            data.close()


class Crowd(ServerTest):
    options = ("-q", "-n")

    def test_thousand_sessions(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 4000:
            self.skipTest("fewer than 4000 descriptors may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8000), hard))
        Client(self.host.port).close()
        before = self.host.memory()
        clients = [self.client(user=f"camera{i}") for i in range(1000)]
        idle = (self.host.memory() - before) / 1000
        content = picture()

        def send(client):
            for i in range(5):
                client.store(f"{i}.jpg", content)

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            list(pool.map(send, clients[:200]))
        counters = self.host.wait_for(open=0, memory=0)
        self.assertEqual((counters["uploads"], counters["cut"]), (1000, 0))
        self.assertEqual(counters["bytes"], 1000 * len(content))
        if PATIENCE == 1:
            self.assertLess(idle, 32 << 10)
            self.assertLess(self.host.memory(), 256 << 20)
        for client in clients:
            client.close()
        self.clients.clear()
        self.host.wait_for(sessions=0)


class Full(ServerTest):
    options = ("-s", "20")

    def test_sessions_are_bounded(self):
        cameras = [self.client() for _ in range(20)]
        refused = Client(self.host.port, login=False)
        self.assertTrue(refused.greeting.startswith("421 "))
        refused.close()
        for camera in cameras:
            camera.store("a.jpg", picture(100))

    def test_strangers_make_room(self):
        strangers = [self.client(login=False) for _ in range(20)]
        time.sleep(5.2)
        for _ in range(3):
            self.client().store("a.jpg", picture(100))
        self.assertIsNone(strangers[0].reply())


def certificate(folder):
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                           folder + "/key.pem", "-out", folder + "/cert.pem", "-days", "3", "-subj",
                           "/CN=localhost"], capture_output=True)
    if made.returncode != 0:
        raise unittest.SkipTest("openssl made no certificate")
    return folder + "/cert.pem", folder + "/key.pem"


def need(program):
    if shutil.which(program) is None:
        raise unittest.SkipTest(program + " is not installed")


class Clients(ServerTest):
    """Programs that people have, in the ways that they can be used."""

    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.mkdtemp(prefix="cctvweb-ftp-")
        cls.addClassCleanup(shutil.rmtree, cls.certificates)
        cert, key = certificate(cls.certificates)
        cls.options = ("-c", cert, "-k", key, "-t", "127.0.0.1:0")

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.top, "a.jpg")
        with open(self.file, "wb") as file:
            file.write(picture())

    def run_client(self, *arguments, **options):
        result = subprocess.run(arguments, capture_output=True, text=True, timeout=60 * PATIENCE,
                                **options)
        self.assertEqual(result.returncode, 0, f"{arguments}\n{result.stdout}{result.stderr}")
        return result.stdout

    def check(self, *paths):
        self.assertEqual(self.host.files("whole"), [(path, picture()) for path in paths])

    def test_curl(self):
        need("curl")
        url = f"ftp://camera:secret@127.0.0.1:{self.host.port}/d/e/"
        for extra in ([], ["--disable-epsv"], ["-P", "127.0.0.1"], ["--ftp-method", "nocwd"],
                      ["--ssl-reqd"], ["--ssl-reqd", "--tlsv1.3"], ["--ssl-reqd", "--tls-max", "1.2"],
                      ["--ssl-reqd", "--no-sessionid"]):
            self.run_client("curl", "-sS", "-k", "--ftp-create-dirs", *extra, "-T", self.file, url)
        self.check(*["/d/e/a.jpg"] * 8)
        self.assertIn("a.jpg", self.run_client("curl", "-sS", url))

    def test_curl_implicit_tls(self):
        need("curl")
        url = f"ftps://camera:secret@127.0.0.1:{self.host.tls_port}/"
        for extra in ([], ["--tls-max", "1.2"]):  # 7.88 sends in the clear when it is active
            self.run_client("curl", "-sS", "-k", *extra, "-T", self.file, url)
        self.check(*["/a.jpg"] * 2)

    def test_curl_many_over_tls(self):
        need("curl")
        names = "{" + ",".join(f"{i}.jpg" for i in range(40)) + "}"
        folder = os.path.join(self.top, "many")
        os.mkdir(folder)
        for i in range(40):
            with open(f"{folder}/{i}.jpg", "wb") as file:
                file.write(picture(10 + i))
        for extra in ([], ["--tls-max", "1.2"]):
            self.run_client("curl", "-sS", "-k", "--ssl-reqd", *extra, "-T", folder + "/" + names,
                            f"ftp://camera:secret@127.0.0.1:{self.host.port}/")
        self.assertEqual([len(content) for _, content in self.host.files("whole")],
                         [10 + i for i in range(40)] * 2)

    def test_lftp(self):
        need("lftp")
        for settings in ("set ftp:ssl-allow no", "set ftp:ssl-allow no; set ftp:passive-mode no",
                         "set ftp:ssl-force yes; set ftp:ssl-protect-data yes",
                         "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ftp:passive-mode no",
                         "set ftp:ssl-allow no; set ftp:use-stat no; set ftp:prefer-epsv yes"):
            listing = self.run_client(
                "lftp", "-c", f"set ssl:verify-certificate no; set net:max-retries 1; {settings}; "
                f"open -u camera,secret ftp://127.0.0.1:{self.host.port}; mkdir -pf x/y; "
                f"put -O x/y {self.file}; cls x/y; ls x/y", env={**os.environ, "HOME": self.top})
            self.assertIn("a.jpg", listing)
        self.check(*["/x/y/a.jpg"] * 5)

    def test_ncftpput(self):
        need("ncftpput")
        for extra in (["-E"], ["-F"]):
            self.run_client("ncftpput", *extra, "-m", "-u", "camera", "-p", "secret", "-P",
                            str(self.host.port), "127.0.0.1", "/n/m", self.file,
                            env={**os.environ, "HOME": self.top})
        self.check(*["/n/m/a.jpg"] * 2)

    def test_tnftp(self):
        need("tnftp")
        for extra in ([], ["-A"]):
            self.run_client("tnftp", "-n", *extra, "-u",
                            f"ftp://camera:secret@127.0.0.1:{self.host.port}/", "a.jpg",
                            cwd=self.top, env={**os.environ, "HOME": self.top})
        self.check(*["/a.jpg"] * 2)

    def test_busybox(self):
        need("busybox")
        if subprocess.run(["busybox", "ftpput", "--help"], capture_output=True).returncode != 0:
            self.skipTest("busybox has no ftpput")
        self.run_client("busybox", "ftpput", "-u", "camera", "-p", "secret", "-P",
                        str(self.host.port), "127.0.0.1", "b/c.jpg", self.file)
        self.check("/b/c.jpg")

    def ftplib_session(self, ftp):
        ftp.login("camera", "secret")
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        ftp.mkd("/o \"q\"")
        ftp.cwd("/o \"q\"")
        self.assertEqual(ftp.pwd(), "/o \"q\"")
        ftp.storbinary("STOR a b.jpg", io.BytesIO(picture()))
        self.assertEqual(ftp.size("a b.jpg"), 40000)
        self.assertEqual(ftp.nlst(), ["a b.jpg"])
        (name, facts), = ftp.mlsd()
        self.assertEqual((name, facts["type"], facts["size"]), ("a b.jpg", "file", "40000"))
        lines = []
        ftp.dir(lines.append)
        self.assertEqual(len(lines), 1)
        ftp.rename("a b.jpg", "c.jpg")
        ftp.delete("c.jpg")
        ftp.cwd("/")
        ftp.rmd("/o \"q\"")
        ftp.quit()

    def test_ftplib(self):
        for passive in (True, False):
            ftp = ftplib.FTP()
            ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
            ftp.set_pasv(passive)
            self.ftplib_session(ftp)
        self.check(*["/o \"q\"/a b.jpg"] * 2)

    def test_ftplib_tls(self):
        versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        for version in versions:
            for passive in (True, False):
                context = ssl._create_unverified_context()
                context.minimum_version = context.maximum_version = version
                ftp = ftplib.FTP_TLS(context=context)
                ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
                ftp.set_pasv(passive)
                self.ftplib_session(ftp)
        self.check(*["/o \"q\"/a b.jpg"] * 4)

    def test_tls_without_goodbye(self):
        """TLS 1.3 and 1.2 data connections closed without close_notify, and with unread bytes."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl._create_unverified_context()
            context.minimum_version = context.maximum_version = version
            ftp = ftplib.FTP_TLS(context=context)
            ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
            ftp.login("camera", "secret")
            ftp.prot_p()
            for i in range(10):
                data = ftp.transfercmd("STOR a.jpg")
                data.sendall(picture())
                socket.socket(fileno=data.detach()).close()
                self.assertTrue(ftp.voidresp().startswith("226 "))
            ftp.close()
        self.check(*["/a.jpg"] * 20)

    def test_handshake_that_never_comes(self):
        context = ssl._create_unverified_context()
        ftp = ftplib.FTP_TLS(context=context)
        ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
        ftp.login("camera", "secret")
        ftp.prot_p()
        host, port = ftp.makepasv()
        with socket.create_connection((host, port)):
            self.assertTrue(ftp.sendcmd("STOR a.jpg").startswith("150 "))
            with self.assertRaises(ftplib.error_temp):
                ftp.voidresp()
        ftp.close()

    def test_commands_in_the_clear_behind_auth(self):
        client = Client(self.host.port, login=False)
        client.send("AUTH TLS\r\nUSER camera\r\nPASS secret\r\nMKD injected")
        self.assertTrue(client.reply().startswith("234 "))
        context = ssl._create_unverified_context()
        try:
            secure = context.wrap_socket(client.socket)
            secure.sendall(b"PWD\r\n")
            self.assertTrue(secure.recv(100).startswith(b"530 "))
            secure.close()
        except OSError:
            pass  # the handshake fails: that is well, too
        client.input.close()


if __name__ == "__main__":
    cctvweb.main()
