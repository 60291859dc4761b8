"""Received frames in their hour files: shown, played, checked, built again, and played by others."""

import hashlib
import io
import json
import shutil
import zipfile

from cctvweb import *

MAKE_HOURS = os.environ.get("MAKE_HOURS", os.path.join(ROOT, "build", "tests", "e2e", "make_hours"))
HOUR = 3600000
NOON = 1400500800000  # 2014-05-19T12:00:00Z


class Hours(Case):
    """Two cameras, one of them over the end of an hour; no catalog until reindex makes it."""

    def setUp(self):
        super().setUp()
        self.sent = {"yard": {}, "gate": {}}  # camera -> time -> bytes
        for i in range(60):
            self.make("yard", NOON + HOUR - 12000 + i * 400, size=2000 + i * 37, shade=i)
        for i in range(10):
            self.make("gate", NOON + i * 1000, size=70000, shade=i)
        os.mkdir(self.data)
        self.append(self.sent)

    def make(self, camera, time_ms, **picture):
        self.sent[camera][time_ms] = jpeg(**picture)

    def append(self, sent):
        lines = []
        for camera, pictures in sent.items():
            for time_ms, picture in pictures.items():
                path = self.path("%s-%d.jpg" % (camera, time_ms))
                with open(path, "wb") as file:
                    file.write(picture)
                lines.append("%s %d %s\n" % (camera, time_ms, path))
        subprocess.run([MAKE_HOURS, self.data], input="".join(lines), text=True, check=True)

    def hour(self, camera, name):
        return os.path.join(self.data, "frames", camera, "2014-05-19", name + ".mjpeg")

    def whole(self, camera, start=0, end=1 << 62):
        return b"".join(picture for time_ms, picture in sorted(self.sent[camera].items())
                        if start <= time_ms <= end)

    def reindex(self, *arguments, **options):
        return run("reindex", "--data", self.data, *arguments, **options)


class TestHours(Hours):
    def test_where_they_lie(self):
        self.assertEqual(sorted(os.listdir(os.path.join(self.data, "frames"))), ["gate", "yard"])
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.hour("yard", "12")))),
                         ["12.mjpeg", "13.mjpeg"])

    def test_exported_as_they_were_sent(self):
        self.reindex()
        server = self.serve()
        query = {"camera": "yard", "from": NOON, "to": NOON + 2 * HOUR}
        film = server.get("/api/v1/export", format="mov", **query).body
        self.assertTrue(film.endswith(self.whole("yard")))
        with zipfile.ZipFile(io.BytesIO(server.get("/api/v1/export", format="zip", **query).body)) as archive:
            frames = json.loads(archive.read("manifest.json"))["frames"]
            self.assertEqual(len(frames), len(self.sent["yard"]))
            for frame, (time_ms, picture) in zip(frames, sorted(self.sent["yard"].items())):
                self.assertEqual(archive.read(frame["file"]), picture)
                # As the camera called it: that stands beside the picture in its hour file.
                self.assertEqual(os.path.basename(frame["path"]), "yard-%d.jpg" % time_ms)

    def test_shown_as_they_were_sent(self):
        self.reindex()
        self.check()
        server = self.serve()
        for camera, pictures in self.sent.items():
            frames = server.pages("/frames", "frames", camera=camera, limit=7)
            self.assertEqual([frame["time"] for frame in frames],
                             [rfc3339(time_ms) for time_ms in sorted(pictures)])
            for frame, time_ms in zip(frames, sorted(pictures)):
                answer = server.get(frame["url"])
                self.assertEqual(answer.body, pictures[time_ms])
                self.assertEqual(frame["bytes"], len(pictures[time_ms]))
                self.assertEqual(frame["received"], rfc3339(time_ms + 250))
                self.assertRegex(frame["path"], r"^frames/%s/2014-05-19/1[23]\.mjpeg$" % camera)
                again = server.get(frame["url"], headers={"If-None-Match": answer.headers["etag"]},
                                   status=304)
                self.assertEqual(again.body, b"")
            part = server.get(frames[3]["url"], headers={"Range": "bytes=10-99"}, status=206)
            self.assertEqual(part.body, pictures[sorted(pictures)[3]][10:100])
            small = server.get(frames[0]["url"], width=160)
            self.assertEqual(small.body[:2], b"\xff\xd8")

    def test_played_over_the_end_of_an_hour(self):
        self.reindex()
        server = self.serve()
        first, last = min(self.sent["yard"]), max(self.sent["yard"])
        whole = self.whole("yard")
        query = {"camera": "yard", "from_": first, "to": last}
        self.assertEqual(server.get("/api/v1/playback", **query).body, whole)
        index = server.api("/playback/index", **query)
        self.assertEqual(index["bytes"], len(whole))
        for frame, time_ms in zip(index["frames"], sorted(self.sent["yard"])):
            self.assertEqual(whole[frame["offset"]:frame["offset"] + frame["length"]],
                             self.sent["yard"][time_ms])
        for start, end in [(0, 0), (1, 5000), (len(whole) // 3, len(whole) // 2), (5000, len(whole) - 1)]:
            part = server.get("/api/v1/playback", headers={"Range": "bytes=%d-%d" % (start, end)},
                              status=206, **query)
            self.assertEqual(part.body, whole[start:end + 1])
        paced = server.get("/api/v1/playback.mjpeg", camera="yard", from_=first, to=first + 400, speed=8)
        for time_ms in (first, first + 400):
            self.assertIn(self.sent["yard"][time_ms], paced.body)

    def test_played_beside_a_folder(self):
        """Frames of a folder and received ones of the same camera, in one stream."""
        folder = os.path.join(self.pictures, "yard")
        os.makedirs(folder)
        self.reindex()
        for i in range(5):
            with open(os.path.join(folder, "2014-05-19_13-00-%02d.jpg" % (20 + i)), "wb") as file:
                file.write(jpeg(shade=i))
        self.scan()
        self.check()
        self.reindex()
        self.check()
        server = self.serve()
        names = sorted(camera["name"] for camera in server.api("/cameras")["cameras"])
        self.assertEqual(names, ["gate", "yard"])
        start = max(self.sent["yard"])
        body = server.get("/api/v1/playback", camera="yard", from_=start - 400, to=NOON + HOUR + 30000).body
        self.assertEqual(body, self.whole("yard", start - 400) + b"".join(jpeg(shade=i) for i in range(5)))

    def test_vanished_hour(self):
        self.reindex()
        server = self.serve()
        frames = server.pages("/frames", "frames", camera="gate")
        os.unlink(self.hour("gate", "12"))
        self.assertIn("12.mjpeg", server.get(frames[0]["url"], status=410).json()["detail"])
        self.assertEqual(run("check", "--data", self.data, status=1).out.count("is missing"), 1)

    def test_cut_hour(self):
        self.reindex()
        server = self.serve()
        frames = server.pages("/frames", "frames", camera="gate")
        os.truncate(self.hour("gate", "12"), 300000)
        server.get(frames[9]["url"], status=410)
        self.assertEqual(server.get(frames[0]["url"]).body, self.sent["gate"][NOON])

    def test_reindex_says_what_it_did(self):
        done = self.reindex("--json").json()
        self.assertEqual((done["files"], done["frames"], done["cameras_new"]), (3, 70, 2))
        self.assertEqual(done["bytes"], len(self.whole("yard")) + len(self.whole("gate")))
        again = self.reindex("--json").json()
        self.assertEqual((again["frames"], again["cameras_new"], again["settings_kept"]), (70, 0, True))
        self.check()

    def test_reindex_refuses(self):
        self.assertIn("neither", run("reindex", "--data", self.path("nothing"), status=1).err)
        self.assertFalse(os.path.exists(self.path("nothing")))
        self.reindex()
        self.serve()
        self.assertIn("in use", self.reindex(status=1).err)

    def test_scan_while_reindexing_is_refused(self):
        import fcntl
        self.reindex()
        # As reindex holds it: byte 0 of DATA/lock, for itself alone.
        lock = open(os.path.join(self.data, "lock"), "r+b")
        self.addCleanup(lock.close)
        fcntl.lockf(lock, fcntl.LOCK_EX, 1, 0)
        self.assertIn("alone", self.scan(status=1).err)

    def test_newer_catalog_stays(self):
        import sqlite3
        self.reindex()
        with sqlite3.connect(os.path.join(self.data, "catalog.db")) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        self.assertIn("99", self.reindex(status=1).err)
        self.assertTrue(os.path.exists(os.path.join(self.data, "catalog.db")))


@unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
class TestPlayers(Hours):
    def hashes(self, path):
        """Hashes of the decoded pictures of a file."""
        made = subprocess.run(["ffmpeg", "-v", "error", "-f", "mjpeg", "-i", path, "-fps_mode", "passthrough",
                               "-f", "framehash", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=True)
        lines = [line for line in made.stdout.decode().splitlines() if not line.startswith("#")]
        self.assertEqual(made.stderr, b"")
        return [line.split(",")[-1].strip() for line in lines]

    def hash_of(self, picture):
        path = self.path("one.jpg")
        with open(path, "wb") as file:
            file.write(picture)
        return self.hashes(path)[0]

    def test_ffmpeg_decodes_exactly_the_pictures(self):
        sent = [self.sent["gate"][time_ms] for time_ms in sorted(self.sent["gate"])]
        self.assertEqual(self.hashes(self.hour("gate", "12")), [self.hash_of(picture) for picture in sent])

    def test_ffmpeg_plays_what_was_punched(self):
        path = self.hour("gate", "12")
        sent = [self.sent["gate"][time_ms] for time_ms in sorted(self.sent["gate"])]
        with open(path, "rb") as file:
            whole = file.read()
        begins = [at for at in range(len(whole)) if whole.startswith(b"CCTVWEB1 ", at)] + [len(whole)]
        self.assertEqual(len(begins), 11)
        for gone in (2, 3, 7):
            freed = subprocess.run([MAKE_HOURS, "--punch", path, str(begins[gone]),
                                    str(begins[gone + 1] - begins[gone])],
                                   stdout=subprocess.PIPE, check=True)
            self.assertGreaterEqual(int(freed.stdout), 60000)
        left = [picture for i, picture in enumerate(sent) if i not in (2, 3, 7)]
        self.assertEqual(self.hashes(path), [self.hash_of(picture) for picture in left])
        self.assertEqual(self.reindex("--json").json()["frames"], 67)
        self.check()

    def test_no_picture_begins_in_a_header(self):
        for camera, name in (("yard", "12"), ("yard", "13"), ("gate", "12")):
            with open(self.hour(camera, name), "rb") as file:
                whole = file.read()
            count = 0
            at = 0
            while at < len(whole):
                header = int(whole[at + 9:at + 17], 16) + 65
                self.assertNotIn(b"\xff", whole[at:at + header])
                json.loads(whole[at + 65:at + header])
                at += header + int(whole[at + 18:at + 30], 16)
                count += 1
            self.assertEqual(at, len(whole))
            self.assertGreater(count, 0)


if __name__ == "__main__":
    main()
