#!/usr/bin/env python3
"""A disk without room: cameras are told so at once, what is there can be seen, and it goes on when there is room."""

import ftplib
import os
import shutil
import subprocess
import time

import cctvweb
import pictures
from test_ftp import START, Ftp


def quietly(*command):
    """True when there is such a program and it succeeds."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class FullDisk(Ftp):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        os.mkdir(self.data)
        if not self.mount():
            self.skipTest("a small disk cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.data])

    def mount(self):
        return quietly("mount", "-t", "tmpfs", "-o", "size=24m", "none", self.data)

    def test_it_says_so_and_goes_on(self):
        server = self.start_yard("--reserve-mb", "512", "--cache-mb", "0")
        client = self.connect()
        sent = []
        with self.assertRaises(ftplib.Error) as refused:
            for number in range(1000):
                data = pictures.iqeye_jpeg(START + number * 100, size=100000 + number)
                self.store(client, "a.jpg", data)
                sent.append(data)
        self.assertRegex(str(refused.exception), "^45[12]")
        self.assertGreater(len(sent), 50)
        self.assertEqual(self.pictures_of(server), sorted(sent))
        health = self.wait_until(lambda: (lambda h: h if h["status"] == "trouble" else None)(server.api("/healthz")))
        self.assertIn("full", health["detail"])
        self.assertIn("cctvweb_disk_full 1", server.get("/metrics").body.decode())
        with self.assertRaises(ftplib.error_temp):
            self.store(client, "b.jpg", pictures.iqeye_jpeg(START))
        # Room again: as if old hours had been removed by hand.
        for folder, _, names in os.walk(os.path.join(self.data, "frames")):
            for name in names:
                os.truncate(os.path.join(folder, name), 0)
        self.wait_until(lambda: server.api("/healthz")["status"] == "ok")

    def fill(self):
        """Not a block is free; returns the names of what fills it."""
        names = []
        for size in (1 << 20, 4096, 1):
            names.append(os.path.join(self.data, "filler-%d" % size))
            with open(names[-1], "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
        self.assertEqual(os.statvfs(self.data).f_bavail, 0)
        return names

    def assert_full_but_viewable(self, server, sent):
        self.assertEqual(self.pictures_of(server), sorted(sent))
        self.assertEqual(server.api("/events", camera="yard")["total"], 1)
        client = self.connect()
        for _ in range(3):
            start = time.monotonic()
            with self.assertRaises(ftplib.error_temp) as refused:
                self.store(client, "b.jpg", pictures.iqeye_jpeg(START + 100000, size=30000))
            self.assertRegex(str(refused.exception), "^452")
            self.assertLess(time.monotonic() - start, 2 * cctvweb.PATIENCE)

    def test_it_starts_on_a_disk_without_any_room(self):
        server = self.start_yard("--cache-mb", "0")
        client = self.connect()
        sent = [pictures.iqeye_jpeg(START + number * 100, size=50000 + number) for number in range(20)]
        for data in sent:
            self.store(client, "a.jpg", data)
        for how in ("stopped", "killed", "full before it was stopped"):
            with self.subTest(how=how):
                if how == "stopped":
                    self.assertEqual(server.stop(), 0)
                names = self.fill()
                if how == "killed":
                    server.process.kill()
                    server.process.wait()
                elif how != "stopped":
                    self.assertEqual(server.stop(), 0)
                    names += self.fill()
                server = self.receive("--cache-mb", "0")
                self.assert_full_but_viewable(server, sent)
                self.assertEqual(server.stop(), 0)
                server = self.receive("--cache-mb", "0")  # and once more
                self.assert_full_but_viewable(server, sent)
                for name in set(names):
                    os.unlink(name)
                self.wait_until(lambda: server.api("/healthz")["status"] == "ok", 10, "room again")
                sent.append(pictures.iqeye_jpeg(START + 100 * len(sent), size=40000 + len(sent)))
                self.assertTrue(self.store(self.connect(), "c.jpg", sent[-1]).startswith("226"))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.check().status, 0)


class SmallBlocks(FullDisk):
    """ext4 as it is made on small disks: a byte that is written gives no room to the rest of its page, which a
    process that shares memory with others in a file (SQLite) has to ask for."""

    def mount(self):
        image = self.data + ".image"
        with open(image, "wb") as file:
            file.truncate(40 << 20)
        return (quietly("mkfs.ext4", "-q", "-F", "-b", "1024", "-m", "0", "-O", "^has_journal", image)
                and quietly("mount", "-o", "loop", image, self.data))

    def test_no_room_for_the_memory_that_is_shared(self):
        server = self.start_yard("--cache-mb", "0")
        client = self.connect()
        for number in range(40):
            self.store(client, "a.jpg", pictures.iqeye_jpeg(START + number * 100, size=5000))
        server.process.kill()  # and what it wrote last is still in the log
        server.process.wait()
        log, shared = (os.path.join(self.data, "catalog.db" + suffix) for suffix in ("-wal", "-shm"))
        self.assertGreater(os.path.getsize(log), 100 * 4096)
        os.truncate(shared, 0)
        filler = self.fill()[0]
        size = os.path.getsize(filler)
        answers = []
        for room in range(0, 100, 3):
            os.truncate(filler, size - (room << 10))
            done = cctvweb.run("events", "--data", self.data, status=None)
            answers.append(done.status)
            if done.status == 0:
                break
            self.assertIn("full", done.err)
            os.truncate(shared, 0)
        self.assertEqual((answers[0], answers[-1]), (1, 0), "refused without room, and answered with some")
        os.unlink(filler)
        self.assertEqual(self.check().status, 0)


if __name__ == "__main__":
    cctvweb.main()
