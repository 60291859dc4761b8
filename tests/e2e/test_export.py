"""Frames as a film, an archive and one after the other, as other programs read them."""

import hashlib
import http.client
import json
import shutil
import zipfile

import cctvweb
from cctvweb import *

CAMERA = "00_50_1a_02_2c_be"
FFMPEG = shutil.which("ffmpeg")
FFPROBE = shutil.which("ffprobe")


def probe(path, *arguments):
    """What ffprobe says of a film; anything it complains of is a failure."""
    done = subprocess.run([FFPROBE, "-v", "error", "-of", "json", "-show_format", "-show_streams",
                           *arguments, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, text=True)
    if done.stderr:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class Exports(Case):
    """Thirty frames with pauses, bytes behind the end, two at one millisecond, and a change of size."""

    def setUp(self):
        super().setUp()
        self.times = [START_MS + i * 250 for i in range(10)]
        self.times += [START_MS + 20000 + i * 33 for i in range(10)]
        self.times += [START_MS + 30000 + i * 1000 for i in range(9)] + [START_MS + 38000]
        self.sent = []
        for i, time_ms in enumerate(self.times):
            size = (64, 48) if i < 20 else (96, 64)
            path = write_picture(self.pictures, time_ms, windows=(3,) if i % 4 == 0 else (),
                                 width=size[0], height=size[1], shade=64 + i,
                                 size=3000 + i, trigger="trig+%02d" % i, after=b"behind" * (i % 3))
            with open(os.path.join(self.pictures, path), "rb") as file:
                self.sent.append(file.read())
        self.scan()
        self.server = self.serve()
        self.range = {"camera": CAMERA, "from": self.times[0], "to": self.times[-1]}

    def fetch(self, format, headers=None, status=200, **changes):
        response = self.server.get("/api/v1/export", headers=headers, status=status, **dict(self.range, format=format, **changes))
        return response

    def save(self, format, name=None, **changes):
        path = self.path(name or "export." + format)
        with open(path, "wb") as file:
            file.write(self.fetch(format, **changes).body)
        return path


class TestFilm(Exports):
    def test_times_and_sizes_as_others_read_them(self):
        path = self.save("mov")
        told = probe(path, "-show_packets")
        stream = told["streams"][0]
        self.assertEqual(stream["codec_name"], "mjpeg")
        self.assertEqual((stream["width"], stream["height"]), (64, 48))
        self.assertEqual(stream["time_base"], "1/1000")
        times = [packet["pts"] for packet in told["packets"]]
        # Of two at the same millisecond the second is shown a millisecond later.
        shown = [time_ms - self.times[0] for time_ms in self.times]
        shown[-1] += 1
        self.assertEqual(times, shown)
        self.assertEqual([int(packet["size"]) for packet in told["packets"]], [len(sent) for sent in self.sent])
        self.assertEqual(float(told["format"]["duration"]), (shown[-1] + 1) / 1000)
        tags = dict(told["format"]["tags"])
        self.assertEqual(tags["title"], CAMERA)
        self.assertEqual(tags["creation_time"], "2014-05-19T14:47:21.000000Z")
        self.assertEqual(tags["com.apple.quicktime.creationdate"], "2014-05-19T14:47:21+0000")

    def test_the_very_pictures(self):
        path = self.save("mov")
        out = self.path("out")
        os.mkdir(out)
        subprocess.run([FFMPEG, "-v", "error", "-i", path, "-c", "copy", "-f", "image2", os.path.join(out, "%03d.jpg")],
                       check=True, timeout=60)
        found = []
        for name in sorted(os.listdir(out)):
            with open(os.path.join(out, name), "rb") as file:
                found.append(file.read())
        self.assertEqual(found, self.sent)

    def test_decodes_without_complaint_also_from_a_pipe(self):
        body = self.fetch("mov").body
        done = subprocess.run([FFMPEG, "-v", "error", "-i", "pipe:0", "-f", "framemd5", "-"], input=body,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=60)
        self.assertEqual(done.stderr, b"")

    def test_parts(self):
        whole = self.fetch("mov")
        self.assertEqual(int(whole.headers["content-length"]), len(whole.body))
        self.assertEqual(whole.headers["content-type"], "video/quicktime")
        self.assertEqual(whole.headers["content-disposition"],
                         'attachment; filename="%s_2014-05-19_14-47-21.mov"' % CAMERA)
        for first in list(range(0, 1200, 7)) + list(range(1200, len(whole.body), 997)) + [len(whole.body) - 1]:
            part = self.fetch("mov", headers={"Range": "bytes=%d-" % first}, status=206)
            self.assertEqual(part.body, whole.body[first:], first)
        tag = whole.headers["etag"]
        self.fetch("mov", headers={"If-None-Match": tag}, status=304)
        self.fetch("mov", headers={"Range": "bytes=%d-" % len(whole.body)}, status=416)
        self.assertNotEqual(tag, self.fetch("mjpeg").headers["etag"])

    def test_a_picture_that_is_gone_cuts_the_film_short(self):
        os.unlink(os.path.join(self.pictures, iqeye_path(self.times[15], trigger="trig+15")))
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.fetch("mov")
        before = sum(len(sent) for sent in self.sent[:15])
        self.assertGreater(len(caught.exception.partial), before)
        self.wait_until(lambda: "export-cut" in self.server.log())
        self.assertIn("no longer there", self.server.log())
        with self.assertRaises(http.client.IncompleteRead):
            self.fetch("zip")

    def test_refusals(self):
        self.assertIn("mov, mp4, zip, mjpeg", self.fetch("avi", status=400).json()["detail"])
        self.assertIn("POST", self.fetch("mp4", status=400).json()["detail"])
        self.fetch("mov", camera="nobody", status=404)
        for format in ("mov", "zip", "mjpeg"):
            self.fetch(format, to=self.times[0] - 1, status=404)
        self.fetch("mov", **{"from": "soon"}, status=400)


class TestArchive(Exports):
    def names(self):
        names = []
        for time_ms in self.times:
            name = rfc3339(time_ms).replace("T", "_").replace(":", "-")
            names.append("%s/%s.jpg" % (CAMERA, name))
        names[-1] = names[-1].replace(".jpg", "-1.jpg")
        return names

    def test_as_unzip_and_sha256sum_read_it(self):
        path = self.save("zip")
        out = self.path("out")
        subprocess.run(["unzip", "-q", path, "-d", out], check=True, stdout=subprocess.PIPE, timeout=60)
        done = subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=out, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        with open(os.path.join(out, "SHA256SUMS"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), len(self.sent) + 1)
        for name, sent in zip(self.names(), self.sent):
            with open(os.path.join(out, name), "rb") as file:
                self.assertEqual(file.read(), sent, name)

    def test_manifest(self):
        with zipfile.ZipFile(self.save("zip")) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist(), self.names() + ["manifest.json", "SHA256SUMS"])
            self.assertEqual({info.compress_type for info in archive.infolist()}, {zipfile.ZIP_STORED})
            manifest = json.loads(archive.read("manifest.json"))
        self.assertEqual(manifest["count"], len(self.sent))
        self.assertEqual(manifest["cameras"][0]["name"], CAMERA)
        frames = self.server.pages("/frames", "frames", camera=CAMERA, limit=1000)
        for told, frame, sent, name in zip(manifest["frames"], frames, self.sent, self.names()):
            self.assertEqual(told["sha256"], hashlib.sha256(sent).hexdigest())
            self.assertEqual(told["file"], name)
            for member in ("id", "camera", "time", "received", "sequence", "kinds", "windows", "trigger", "bytes",
                           "width", "height", "time_source", "path"):
                self.assertEqual(told[member], frame[member], member)


class TestStream(Exports):
    def test_one_after_the_other(self):
        answer = self.fetch("mjpeg")
        self.assertEqual(answer.body, b"".join(self.sent))
        part = self.fetch("mjpeg", headers={"Range": "bytes=4000-5000"}, status=206)
        self.assertEqual(part.body, answer.body[4000:5001])


if __name__ == "__main__":
    cctvweb.main()
