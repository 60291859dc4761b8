"""Disks that are full or read-only, catalogs that are not what they should be, folders that may not be
read: a clear sentence, exit status 1, nothing spoiled, and all is well once the cause is gone."""

import json
import os
import shutil
import sqlite3
import subprocess
import time

import cctvweb
from cctvweb import MAC, PATIENCE, START_MS, mac_text, run, write_picture

FRAMES = 4000


class Faults(cctvweb.Case):
    def write_pictures(self, count=FRAMES, first=0):
        for n in range(first, first + count):
            write_picture(self.pictures, START_MS + n * 700)

    def assert_frames(self, count):
        self.check()
        self.assertEqual(sum(event["frames"] for event in self.events()), count)

    def mount(self, options):
        """A small file system of its own at self.path("disk")."""
        disk = self.path("disk")
        os.mkdir(disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if mounted.returncode != 0:
            self.skipTest("needs the right to mount: " + mounted.stdout.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        return disk

    def assert_sentence(self, result, *words):
        """Failed with a short text for people that has one of the words in it."""
        self.assertEqual(result.status, 1, result)
        text = result.err.strip()
        self.assertTrue(text, "says nothing")
        self.assertTrue(any(word in text.lower() for word in words), text)
        self.assertLess(len(text.splitlines()), 6, text)

    def test_full_disk(self):
        self.write_pictures()
        disk = self.mount("size=8m")
        failures = 0
        for room_kib in (0, 40, 200, 400, 800, 6000):
            self.data = os.path.join(disk, "data-%d" % room_kib)
            os.mkdir(self.data)
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            with open(os.path.join(disk, "filler"), "wb") as filler:
                filler.write(bytes(max(0, free - room_kib * 1024)))
            result = self.scan(status=None)
            if result.status != 0:
                failures += 1
                self.assert_sentence(result, "space", "full")
            os.unlink(os.path.join(disk, "filler"))
            self.scan()
            self.assert_frames(FRAMES)
            shutil.rmtree(self.data)
        self.assertGreaterEqual(failures, 2, "the disk was never full")

    def test_full_disk_under_a_server(self):
        """Viewing goes on, and what could not be written is written when there is room again."""
        self.write_pictures(500)
        disk = self.mount("size=16m")
        self.data = os.path.join(disk, "data")
        self.scan()
        server = self.serve(self.pictures)
        self.wait_until(lambda: server.get("/readyz", status=None).status == 200, 10, "readiness")
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        self.write_pictures(FRAMES, first=500)
        self.assertEqual(server.get("/healthz").status, 200)
        self.assertGreaterEqual(server.api("/events")["total"], 1)
        # Who asks for a change is told that it could not be made, while the writer tries again and again.
        camera = mac_text(MAC, "_")
        self.wait_until(lambda: "not-written" in server.log(), 20, "the full disk to be noticed")
        mark = {"stretches": [{"camera": camera, "from": 1, "to": 2}], "reviewed": True}
        began = time.monotonic()
        statuses = set()
        for _ in range(5):
            statuses.add(server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"}, json.dumps(mark)).status)
        self.assertLessEqual(statuses, {200, 503})
        self.assertLess(time.monotonic() - began, 15 * PATIENCE)
        os.unlink(os.path.join(disk, "filler"))
        self.wait_until(lambda: server.api("/cameras/" + camera)["frames"] == FRAMES + 500, 60,
                        "all frames after the disk had room again")
        self.assertEqual(server.stop(), 0)
        self.assert_frames(FRAMES + 500)

    def test_a_server_with_a_full_disk_stops(self):
        """It does not wait for room, and the next one takes what this one could not write."""
        self.write_pictures(500)
        disk = self.mount("size=6m")
        self.data = os.path.join(disk, "data")
        self.scan()
        self.write_pictures(FRAMES, first=500)
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                filler.truncate(filler.tell() - (120 << 10))  # it can start, and no more
        server = self.serve(self.pictures)
        self.wait_until(lambda: "not-written" in server.log(), 20, "the full disk to be noticed")
        started = time.monotonic()
        server.stop(wait=8)
        self.assertLess(time.monotonic() - started, 5 * PATIENCE)
        os.unlink(os.path.join(disk, "filler"))
        server = self.serve(self.pictures)
        self.wait_until(lambda: server.api("/cameras/" + mac_text(MAC, "_"))["frames"] == FRAMES + 500, 30,
                        "all frames")
        self.assertEqual(server.stop(), 0)
        self.assert_frames(FRAMES + 500)

    def test_read_only_data(self):
        self.write_pictures(10)
        disk = self.mount("size=8m")
        self.data = os.path.join(disk, "data")
        self.scan()
        self.write_pictures(10, first=10)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        self.assert_sentence(self.scan(status=None), "read-only file system")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        self.scan()
        self.assert_frames(20)

    def test_data_is_a_file_or_cannot_be_made(self):
        self.write_pictures(3)
        for data in ("/proc/nowhere/data", os.path.join(self.dir, "file"), os.path.join(self.dir, "file", "data")):
            open(os.path.join(self.dir, "file"), "w").close()
            self.data = data
            self.assert_sentence(self.scan(status=None), os.path.dirname(data))

    def spoil(self, how):
        """All commands on a catalog changed by how(path) refuse it with a sentence that names it."""
        catalog = os.path.join(self.data, "catalog.db")
        how(catalog)
        with open(catalog, "rb") as file:
            before = file.read()
        for command in (["scan", self.pictures], ["events", "--json"], ["check"]):
            with self.subTest(command=command[0]):
                result = run(command[0], "--data", self.data, *command[1:], status=None)
                self.assert_sentence(result, "catalog.db", "catalog")
        serve = run("serve", "--data", self.data, "--listen", "127.0.0.1:0", self.pictures, status=None)
        self.assert_sentence(serve, "catalog")
        with open(catalog, "rb") as file:
            self.assertEqual(file.read(), before, "a catalog that is not understood must be left alone")

    def test_catalog_that_is_not_one(self):
        self.write_pictures(300)
        self.scan()

        def garbage(path):
            with open(path, "wb") as file:
                file.write(b"\x00\x01 not a catalog \xff" * 1000)
        self.spoil(garbage)

        # Moved away, as the sentence may say, all comes back from the pictures.
        os.unlink(os.path.join(self.data, "catalog.db"))
        self.scan()
        self.assert_frames(300)

    def test_catalog_cut_short(self):
        self.write_pictures(3000)
        self.scan()
        catalog = os.path.join(self.data, "catalog.db")
        size = os.path.getsize(catalog)
        saved = self.path("saved.db")
        shutil.copy(catalog, saved)
        for cut in (1, 50, 5000, size // 2, size - 4096):
            with self.subTest(cut=cut):
                shutil.copy(saved, catalog)
                os.truncate(catalog, cut)
                for command in (["check"], ["events", "--json"], ["scan", self.pictures]):
                    result = run(command[0], "--data", self.data, *command[1:], status=None)
                    if command[0] == "check":
                        self.assertEqual(result.status, 1, result)
                    if result.status != 0:
                        self.assertIn("catalog", result.err + result.out)

    def test_catalog_of_a_newer_version(self):
        self.write_pictures(10)
        self.scan()

        def newer(path):
            with sqlite3.connect(path) as catalog:
                catalog.execute("PRAGMA user_version = 1000")
            catalog.close()
        self.spoil(newer)
        self.assertIn("newer", run("events", "--data", self.data, status=1).err)

    def test_folders_that_may_not_be_read(self):
        """They are named; the rest is taken in; nothing in them counts as vanished."""
        self.write_pictures(50)
        write_picture(self.pictures, START_MS, path="closed/a.jpg", mac=cctvweb.mac_of(9))
        first = self.run_without_rights("scan", "--data", self.data, self.pictures)
        self.assertEqual(first.status, 0, first)
        self.assert_frames(51)
        os.chmod(os.path.join(self.pictures, "closed"), 0)
        self.addCleanup(os.chmod, os.path.join(self.pictures, "closed"), 0o755)
        again = self.run_without_rights("scan", "--data", self.data, self.pictures)
        self.assertIn("closed", again.err)
        self.assert_frames(51)


if __name__ == "__main__":
    cctvweb.main()
