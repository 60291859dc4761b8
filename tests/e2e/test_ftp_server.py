"""The FTP server against sockets that behave badly, and against crowds."""

import concurrent.futures
import os
import re
import socket
import threading
import time

import cctvweb
from ftp_host import PATIENCE, Client, ServerTest, abandon, picture


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

    def test_slow_pieces_are_no_stall(self):
        """Fewer than the kernel tells of, for longer than the time without news."""
        client = self.client()
        data = client.passive()
        client.said("STOR a.jpg", 150)
        whole = picture()
        for at in range(0, len(whole), len(whole) // 6 + 1):
            data.sendall(whole[at:at + len(whole) // 6 + 1])
            time.sleep(0.7)
        data.close()
        self.assertTrue(client.reply().startswith("226 "))
        self.assertEqual(self.host.files("whole"), [("/a.jpg", whole)])

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

    def test_a_crowd_of_one_peer_makes_room_at_once(self):
        """However much it says, and to a peer that is no part of it."""
        crowd = [self.client(login=False) for _ in range(18)]
        other = [self.client(login=False, source="127.0.0.2") for _ in range(2)]
        for round_number in range(4):
            for client in crowd[3 * round_number:]:
                client.send("NOOP")
            for _ in range(3):
                self.client(source="127.0.0.3").store("a.jpg", picture(100))
        for client in other:
            client.said("USER camera", 331)


if __name__ == "__main__":
    cctvweb.main()
