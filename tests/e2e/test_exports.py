"""Exports made in the background and by the command: films encoded by ffmpeg among them."""

import json
import shutil
import struct

import cctvweb
from cctvweb import *
from test_export import CAMERA, FFMPEG, Exports, probe
from test_streams import Listener


class Jobs(Exports):
    def post(self, format="mov", status=202, stretches=None, **more):
        body = dict({"format": format, "stretches": stretches or [self.range]}, **more)
        answer = self.server.request("POST", "/api/v1/exports", {"Content-Type": "application/json"}, json.dumps(body))
        self.assertEqual(answer.status, status, answer)
        return answer.json()

    def job(self, id):
        return self.server.api("/exports/" + id)

    def delete(self, id, status=200):
        answer = self.server.request("DELETE", "/api/v1/exports/" + id)
        self.assertEqual(answer.status, status, answer)
        return answer.json()

    def wait(self, id, state="done", seconds=30):
        def over():
            job = self.job(id)
            return job if job["state"] not in ("waiting", "running") else None
        job = self.wait_until(over, seconds, "the end of export %s" % id)
        self.assertEqual(job["state"], state, job)
        return job

    def download(self, job, name=None):
        path = self.path(name or "download." + job["format"])
        with open(path, "wb") as file:
            file.write(self.server.get(job["url"]).body)
        return path

    def left(self):
        """What lies in DATA/exports."""
        return sorted(set(os.listdir(os.path.join(self.data, "exports"))) - {"lock"})

    def fake_ffmpeg(self, script):
        """A server whose ffmpeg is a script."""
        os.mkdir(self.path("bin"))
        with open(self.path("bin", "ffmpeg"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(self.path("bin", "ffmpeg"), 0o755)
        self.server.stop()
        self.server = self.serve(env=environment(PATH=self.path("bin") + ":/usr/bin:/bin"))


class TestJobs(Jobs):
    def test_each_format(self):
        asked = {format: self.post(format) for format in ("mov", "zip", "mjpeg")}
        for format, job in asked.items():
            self.assertEqual(job["state"], "waiting")
            self.assertEqual(job["total"], len(self.sent))
            done = self.wait(job["id"])
            self.assertEqual((done["done"], done["problem"]), (len(self.sent), None))
            self.assertEqual(done["file"], "%s_2014-05-19_14-47-21.%s" % (CAMERA, format))
            answer = self.server.get(done["url"])
            self.assertEqual(len(answer.body), done["bytes"])
            self.assertIn('filename="%s"' % done["file"], answer.headers["content-disposition"])
            if format != "zip":
                self.assertEqual(answer.body, self.fetch(format).body)
            part = self.server.get(done["url"], headers={"Range": "bytes=10-99"}, status=206)
            self.assertEqual(part.body, answer.body[10:100])
        listed = self.server.api("/exports")
        self.assertEqual([job["id"] for job in listed["exports"]], [asked[f]["id"] for f in ("mjpeg", "zip", "mov")])
        self.assertEqual(listed["total"], 3)
        first = self.server.api("/exports", limit=2)
        self.assertEqual(len(first["exports"]), 2)
        rest = self.server.api("/exports", limit=2, cursor=first["next"])
        self.assertEqual(first["exports"] + rest["exports"], listed["exports"])
        for job in listed["exports"]:
            self.assertEqual(self.delete(job["id"])["state"], "removed")
            self.delete(job["id"], status=404)
        self.assertEqual(self.left(), [])
        self.assertEqual(self.server.api("/exports")["total"], 0)

    def test_encoded_with_true_times(self):
        job = self.wait(self.post("mp4", burn_in=True)["id"])
        self.assertTrue(job["burn_in"])
        told = probe(self.download(job), "-show_packets")
        stream = told["streams"][0]
        self.assertEqual((stream["codec_name"], stream["pix_fmt"]), ("h264", "yuv420p"))
        self.assertEqual((stream["width"], stream["height"]), (96, 64))
        shown = [time_ms - self.times[0] for time_ms in self.times]
        shown[-1] += 1
        times = sorted(round(float(packet["pts_time"]) * 1000) for packet in told["packets"])
        self.assertEqual(times, shown)

    def test_several_stretches_follow_one_another(self):
        parts = [{"camera": CAMERA, "from": self.times[20], "to": self.times[24]},
                 {"camera": CAMERA, "from": self.times[0], "to": self.times[4]},
                 {"camera": CAMERA, "from": self.times[3], "to": self.times[6]}]
        job = self.post("mjpeg", stretches=parts)
        self.assertEqual(job["stretch_count"], 3)
        done = self.wait(job["id"])
        self.assertEqual(self.server.get(done["url"]).body, b"".join(self.sent[0:7] + self.sent[20:25]))
        film = self.wait(self.post("mov", stretches=parts)["id"])
        times = [packet["pts"] for packet in probe(self.download(film), "-show_packets")["packets"]]
        self.assertEqual(times, [0, 250, 500, 750, 1000, 1250, 1500] + [1750 + i * 1000 for i in range(5)])

    def test_told_live(self):
        listener = Listener(self, self.server)
        self.wait(self.post("mov")["id"])
        def states():
            return [job["state"] for job in listener.of("export")]
        self.wait_until(lambda: states() and states()[-1] == "done", what="a message that it is done")
        self.assertEqual(sorted(set(states()), key=states().index), ["waiting", "running", "done"])

    def test_pages(self):
        ids = [self.post()["id"] for _ in range(4)]
        for id in ids:
            self.wait(id)
        for limit in (1, 2, 3, 4, 5):
            path, found, pages = "/exports?limit=%d" % limit, [], 0
            page = self.server.api(path)
            while True:
                pages += 1
                found += [job["id"] for job in page["exports"]]
                if page["next"] is None:
                    break
                page = self.server.api(path + "&cursor=" + page["next"])
            self.assertEqual(found, ids[::-1])
            self.assertEqual(pages, -(-4 // limit))

    def test_refusals(self):
        self.assertIn("only mp4", self.post("mov", burn_in=True, status=400)["detail"])
        self.post("avi", status=400)
        self.post("mov", stretches=[dict(self.range, camera="nobody")], status=404)
        self.post("mov", stretches=[dict(self.range, **{"from": 1, "to": 2})], status=404)
        self.assertIn("speed", self.post("mov", speed=2, status=400)["detail"])
        self.server.api("/exports/99", status=404)
        self.server.api("/exports/12x", status=404)
        self.server.get("/api/v1/exports/99/file", status=404)
        self.assertEqual(self.left(), [])


class TestTrouble(Jobs):
    def test_a_picture_that_is_gone(self):
        os.unlink(os.path.join(self.pictures, iqeye_path(self.times[15], trigger="trig+15")))
        for format in ("mov", "mp4", "zip"):
            job = self.wait(self.post(format)["id"], "failed")
            self.assertIn("no longer there", job["problem"])
            self.server.get("/api/v1/exports/%s/file" % job["id"], status=409)
        self.assertEqual(self.left(), [])

    def test_no_ffmpeg(self):
        os.mkdir(self.path("bin"))
        self.server.stop()
        self.server = self.serve(env=environment(PATH=self.path("bin")))
        job = self.wait(self.post("mp4")["id"], "failed")
        self.assertIn("apt install ffmpeg", job["problem"])
        self.wait(self.post("mov")["id"])

    def test_ffmpeg_that_fails_says_why(self):
        self.fake_ffmpeg("head -c 1000 >/dev/null\necho '[fatal] no such luck' >&2\nexit 3\n")
        job = self.wait(self.post("mp4")["id"], "failed")
        self.assertEqual(job["problem"], "ffmpeg failed: no such luck")

    def test_a_huge_picture_in_a_small_file(self):
        """Of which an encoder would make gigabytes, for minutes. What is not encoded is as it was."""
        data = iqeye_jpeg(self.times[-1] + 1000)
        at = data.index(b"\xff\xc0") + 5
        data = data[:at] + struct.pack(">HH", 16000, 16000) + data[at + 4:]
        with open(os.path.join(self.pictures, iqeye_path(self.times[-1] + 1000)), "wb") as file:
            file.write(data)
        self.scan()
        self.range["to"] += 1000
        self.fake_ffmpeg("echo it was started >&2\nexit 3\n")
        job = self.wait(self.post("mp4")["id"], "failed")
        self.assertIn("16000 x 16000 pixels are more than", job["problem"])
        self.assertEqual(self.wait(self.post("mov")["id"])["total"], len(self.sent) + 1)

    def test_ffmpeg_that_is_killed(self):
        self.fake_ffmpeg("head -c 1000 >/dev/null\nkill -9 $$\n")
        job = self.wait(self.post("mp4")["id"], "failed")
        self.assertIn("killed", job["problem"])
        self.assertEqual(self.left(), [])

    def test_cancelled_and_started_anew(self):
        """An ffmpeg that never ends: cancelling kills it; a restart begins what was being made anew."""
        self.fake_ffmpeg("echo $$ >> %s\nexec sleep 1000\n" % self.path("pids"))
        def pids():
            if not os.path.exists(self.path("pids")):
                return []
            with open(self.path("pids"), encoding="utf-8") as file:
                return file.read().split()
        def alive(pid):
            return os.path.exists("/proc/%s" % pid)
        first = self.post("mp4")["id"]
        second = self.post("mp4")["id"]
        self.wait_until(pids, what="ffmpeg")
        self.assertEqual(self.job(first)["state"], "running")
        self.assertEqual(self.left(), [first + ".part"])
        self.assertEqual(self.delete(first)["state"], "cancelled")
        self.wait_until(lambda: not alive(pids()[0]), what="the end of ffmpeg")
        self.wait_until(lambda: len(pids()) == 2, what="the second ffmpeg")
        self.assertEqual(self.job(first)["state"], "cancelled")
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(alive(pids()[1]))
        self.assertEqual(self.left(), [])
        os.mkdir(self.path("data", "exports", "77.part"))
        with open(self.path("data", "exports", "77.mov"), "wb") as file:
            file.write(b"half")
        self.server = self.serve()
        self.wait(second)
        self.assertEqual(self.left(), [second + ".mp4"])
        self.check()

    def test_killed_server(self):
        self.fake_ffmpeg("exec sleep 30\n")
        id = self.post("mp4")["id"]
        self.wait_until(lambda: self.left() == [id + ".part"])
        self.server.stop(signal.SIGKILL)
        self.server = self.serve()
        self.wait(id)
        self.assertEqual(self.left(), [id + ".mp4"])

    def test_bounds(self):
        self.server.stop()
        big = self.times[-1] + 60000
        for i in range(12):
            write_picture(self.pictures, big + i * 100, size=100000, trigger="trig+%02d" % i)
        self.scan()
        self.server = self.serve("--exports-mb", "1")
        whole = dict(self.range, to=big + 2000)
        for format in ("mov", "zip"):
            job = self.wait(self.post(format, stretches=[whole])["id"], "failed")
            self.assertIn("exports_mb", job["problem"])
        self.wait(self.post("mov")["id"])
        self.assertEqual(len(self.left()), 1)


class TestFullDisk(Jobs):
    def test_a_full_disk_fails_the_export_and_nothing_else(self):
        self.server.stop()
        disk = self.path("disk")
        os.mkdir(disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        if mounted.returncode != 0:
            self.skipTest("needs the right to mount: " + mounted.stdout.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        later = self.times[-1] + 60000
        for i in range(15):
            write_picture(self.pictures, later + i * 100, size=2 << 20, trigger="trig+%02d" % i)
        self.scan()
        self.data = shutil.copytree(self.data, os.path.join(disk, "data"))
        self.server = self.serve()
        large = [dict(self.range, to=later + 2000)]
        for format in ("mov", "zip"):
            job = self.wait(self.post(format, stretches=large)["id"], "failed")
            self.assertRegex(job["problem"], "disk is nearly full|No space left")
        self.assertEqual(self.left(), [])
        done = self.wait(self.post("mov")["id"])
        self.assertEqual(len(self.left()), 1)
        probe(self.download(done))
        write_picture(self.pictures, later + 9000, trigger="trig+99")
        self.scan()
        self.check()


class TestCommand(Exports):
    def run_export(self, *arguments, **options):
        return run("export", "--data", self.data, "--camera", CAMERA, "--from", self.times[0], "--to", self.times[-1],
                   *arguments, **options)

    def test_formats(self):
        for format in ("mov", "mjpeg"):
            path = self.path("out." + format)
            told = self.run_export("-o", path, "--json").json()
            self.assertEqual(told["file"], path)
            self.assertEqual(told["frames"], len(self.sent))
            with open(path, "rb") as file:
                body = file.read()
            self.assertEqual(body, self.fetch(format).body)
            self.assertEqual(told["bytes"], len(body))
        told = self.run_export("--format", "mp4", "--burn-in", "-o", self.dir, "--json").json()
        self.assertEqual(told["file"], os.path.join(self.dir, "%s_2014-05-19_14-47-21.mp4" % CAMERA))
        self.assertEqual(probe(told["file"])["streams"][0]["nb_frames"], str(len(self.sent)))
        self.assertFalse([name for name in os.listdir(self.dir) if name.startswith(".cctvweb-export")])

    def test_standard_output(self):
        done = subprocess.run([PROGRAM, "export", "--data", self.data, "--camera", CAMERA, "--from", str(self.times[0]),
                               "--to", str(self.times[-1]), "--format", "mjpeg", "-o", "-"], env=environment(),
                              stdout=subprocess.PIPE, check=True, timeout=60)
        self.assertEqual(done.stdout, b"".join(self.sent))

    def test_overwrites_nothing(self):
        path = self.path("out.mov")
        with open(path, "wb") as file:
            file.write(b"precious")
        self.assertIn("--force", self.run_export("-o", path, status=1).err)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.run_export("-o", path, "--force")
        probe(path)

    def test_wrong_use_and_failures(self):
        self.run_export("--format", "avi", status=2)
        self.run_export("--burn-in", "-o", self.path("x.mov"), status=2)
        self.run_export("--json", "-o", "-", status=2)
        run("export", "--data", self.data, "--camera", CAMERA, status=2)
        self.assertIn("no camera", run("export", "--data", self.data, "--camera", "nobody", "--from", "0", "--to", "1",
                                       status=1).err)
        os.unlink(os.path.join(self.pictures, iqeye_path(self.times[15], trigger="trig+15")))
        self.assertIn("no longer there", self.run_export("-o", self.path("x.mov"), status=1).err)
        self.assertFalse(os.path.exists(self.path("x.mov")))
        self.assertFalse([name for name in os.listdir(self.dir) if name.startswith(".cctvweb-export")])


class TestBurnIn(Case):
    """Each picture shows its own time: what is written on it in a long film is what is written when it
    is exported alone."""

    def pixels(self, path, count):
        done = subprocess.run([FFMPEG, "-v", "error", "-i", path, "-vf", "crop=640:30:0:450", "-pix_fmt", "gray",
                               "-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-f", "rawvideo", "-"], stdout=subprocess.PIPE, check=True, timeout=60)
        size = 640 * 30
        self.assertEqual(len(done.stdout), size * count)
        return [bytes(byte > 150 for byte in done.stdout[i * size:(i + 1) * size]) for i in range(count)]

    def test_frame_exact(self):
        times = [START_MS + 7]
        for gap in (1, 1, 2, 3, 5, 40, 1, 33, 1000, 1, 7, 86400000 * 3, 1, 1, 9):
            times.append(times[-1] + gap)
        for i, time_ms in enumerate(times):
            write_picture(self.pictures, time_ms, width=640, height=480, trigger="trig+%02d" % i)
        self.scan()
        def export(first, last, name):
            run("export", "--data", self.data, "--camera", CAMERA, "--from", first, "--to", last, "--burn-in", "-o", self.path(name))
            return self.path(name)
        film = self.pixels(export(times[0], times[-1], "all.mp4"), len(times))
        for i in (0, 1, 2, 3, 7, 8, 11, 12, 13, len(times) - 1):
            alone = self.pixels(export(times[i], times[i], "one-%d.mp4" % i), 1)[0]
            def distance(other):
                return sum(a != b for a, b in zip(alone, other))
            distances = [distance(other) for other in film]
            self.assertEqual(distances.index(min(distances)), i, distances)
            others = sorted(distances)
            self.assertGreater(others[1], others[0] + 5, distances)


if __name__ == "__main__":
    cctvweb.main()
