#!/usr/bin/env python3
"""`cctvweb backup`: what only the catalog knows survives its loss, with all frames that came since."""

import os
import signal
import sqlite3
import stat
import subprocess
import time

import cctvweb
import pictures
from cctvweb import *
from test_ftp import PASSWORD, Ftp

START = pictures.START_MS


class Backup(Ftp):
    def setUp(self):
        super().setUp()
        self.camera("add", "yard", "--zone", "America/St_Johns", "--dwell", "7.5")
        self.server = self.receive()
        self.client = self.connect()

    def send_picture(self, time_ms):
        self.store(self.client, "/%d.jpg" % time_ms, pictures.iqeye_jpeg(time_ms, windows=(3,), size=4000))

    def known(self, server):
        """All that is told of the camera and its events, but not what goes by the clock."""
        camera = server.api("/cameras/yard")
        for name in ("health", "state"):
            del camera[name]
        return camera, server.api("/events", camera="yard"), server.api("/marks"), server.api("/notes")

    def test_a_lost_catalog_comes_back_with_what_came_since(self):
        for i in range(20):
            self.send_picture(START + i * 1000)
        stretch = {"camera": "yard", "from": rfc3339(START), "to": rfc3339(START + 60000)}
        self.server.send("POST", "/marks", {"stretches": [stretch], "reviewed": True, "pinned": True})
        self.server.send("POST", "/notes", {**stretch, "text": "门 der Nachbar"}, status=201)
        self.server.send("PATCH", "/cameras/yard",
                         {"windows": [{"window": 3, "name": "gate", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}]})
        file = self.path("copies")
        os.mkdir(file)
        made = run("backup", "--data", self.data, file, "--json").json()
        self.assertRegex(os.path.basename(made["file"]), r"^cctvweb-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db$")
        self.assertEqual(made["bytes"], os.path.getsize(made["file"]))
        self.assertEqual(stat.S_IMODE(os.stat(made["file"]).st_mode), 0o600)
        self.assertEqual(os.listdir(file), [os.path.basename(made["file"])])
        # In the same hour file, and in another one.
        for time_ms in (START + 20000, START + 21000, START + 3 * 3600000):
            self.send_picture(time_ms)
        before = self.known(self.server)
        self.assertEqual(before[0]["frames"], 23)
        self.server.stop(signal.SIGKILL)
        for name in os.listdir(self.data):
            if name.startswith("catalog.db"):
                os.remove(os.path.join(self.data, name))
        with open(made["file"], "rb") as source, open(os.path.join(self.data, "catalog.db"), "wb") as target:
            target.write(source.read())
        run("reindex", "--data", self.data)
        self.check()
        server = self.receive()
        self.assertEqual(self.known(server), before)
        self.connect()  # the account is there as well

    def test_one_state_while_frames_come(self):
        process = self.start("simulate", "--cameras", 1, "--to", "ftp://yard:%s@127.0.0.1:%d/" % (PASSWORD, self.port),
                             "--seconds", 30 * 86400, "--speed", 0, "--size", "320x240", stderr=subprocess.DEVNULL)
        counts = []
        deadline = time.monotonic() + 60
        # Until the first frame came, and others between the copies.
        while time.monotonic() < deadline and (len(counts) < 8 or counts[-1][0] < 8 + counts[0][0]):
            folder = self.path("copy-%d" % len(counts))
            os.mkdir(folder)
            run("backup", "--data", self.data, "-o", os.path.join(folder, "catalog.db"))
            with sqlite3.connect(os.path.join(folder, "catalog.db")) as copy:
                counts.append(copy.execute("SELECT count(*), (SELECT sum(frames) FROM cameras), "
                                           "(SELECT sum(frames) FROM runs) FROM frames").fetchone())
            time.sleep(0.1)
        self.assertIsNone(process.poll(), "it was to upload until now")
        process.kill()
        self.assertGreater(counts[-1][0], counts[0][0], "nothing came while it was copied")
        for frames, of_cameras, of_runs in counts:
            self.assertEqual((of_cameras, of_runs or 0), (frames, frames))


class Refusals(Case):
    def test_nothing_half_or_in_the_place_of_another(self):
        write_picture(self.pictures, START)
        self.scan()
        file = self.path("copy.db")
        run("backup", "--data", self.data, file)
        with open(file, "rb") as copy:
            first = copy.read()
        self.assertIn("--force", run("backup", "--data", self.data, file, status=1).err)
        write_picture(self.pictures, START + 1000)
        self.scan()
        run("backup", "--data", self.data, "--force", file)
        with open(file, "rb") as copy:
            self.assertNotEqual(copy.read(), first)
        run("backup", "--data", self.path("none"), self.path("other.db"), status=1)
        run("backup", "--data", self.data, self.path("none", "other.db"), status=1)
        run("backup", "--data", self.data, "/dev/null", status=1)
        for wrong in ((), ("a", "b"), ("--nothing", "a")):
            run("backup", "--data", self.data, *wrong, status=2)
        self.assertEqual(sorted(os.listdir(self.dir)), ["copy.db", "data", "pictures"])

    def test_a_damaged_catalog_takes_no_good_copys_place(self):
        for i in range(300):
            write_picture(self.pictures, START + i * 5000)
        self.scan()
        file = self.path("copy.db")
        run("backup", "--data", self.data, file)
        with open(file, "rb") as copy:
            good = copy.read()
        catalog = os.path.join(self.data, "catalog.db")
        with open(catalog, "r+b") as damaged:
            # Where it is neither read when it is opened nor when its pages are copied.
            for page in range(os.path.getsize(catalog) // 4096 - 6, os.path.getsize(catalog) // 4096):
                damaged.seek(page * 4096)
                damaged.write(b"\x55" * 512)
        self.assertIn("damaged", run("backup", "--data", self.data, "--force", file, status=1).err)
        with open(file, "rb") as copy:
            self.assertEqual(copy.read(), good)
        self.assertFalse([name for name in os.listdir(self.dir) if name.startswith(".")])


if __name__ == "__main__":
    cctvweb.main()
