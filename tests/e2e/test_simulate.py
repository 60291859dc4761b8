"""Simulated cameras: what `cctvweb simulate` writes, and when."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time


import cctvweb
from cctvweb import Case, run

START = "2026-06-20T04:00:00Z"
SMALL = ("--size", "320x256")


def files_of(root):
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = path
    return found


def digest(root):
    whole = hashlib.sha256()
    for name, path in sorted(files_of(root).items()):
        with open(path, "rb") as file:
            whole.update(("%s %d " % (name, os.stat(path).st_mtime_ns)).encode() + file.read())
    return whole.hexdigest()


class Simulate(Case):
    def simulate(self, *arguments, to="simulated", **options):
        return run("simulate", "--to", self.path(to), "--profile", "iqeye", "--json", *arguments, **options).json()

    def test_the_same_options_give_the_same_files_with_any_number_of_threads(self):
        options = ("--cameras", 3, "--start", START, "--seconds", 3 * 3600, "--seed", 5) + SMALL
        digests = set()
        for i, more in enumerate((["--threads", 1], ["--threads", 3], ["--threads", 2, "--rename"])):
            summary = self.simulate(*options, *more, to=str(i))
            self.assertEqual(summary["frames"], len(files_of(self.path(str(i)))))
            self.assertGreater(summary["frames"], 100)
            digests.add(digest(self.path(str(i))))
        self.assertEqual(len(digests), 1)
        self.simulate(*options[:-3], 6, *SMALL, to="other")
        self.assertNotIn(digest(self.path("other")), digests)

    def test_the_windows_told_can_be_given_to_a_camera(self):
        data = self.data
        told = run("simulate", "--windows", "gate")
        windows = told.json()["windows"]
        self.assertEqual([one["window"] for one in windows], [1, 2, 3, 4])
        run("camera", "add", "gate", "--password-stdin", "--data", data, input="a good password\n")
        run("camera", "set", "gate", "--data", data, input=told.out)
        run("camera", "set", "gate", "--data", data, input='{"dwell": 7}')
        camera = self.serve("--ftp", "127.0.0.1:0").api("/cameras/gate")
        self.assertEqual((camera["windows"], camera["dwell"]), (windows, 7))
        for text, word in (('{"windows": [{"window": 1}]}', "x: is required"), ('{"colour": 1}', '"colour"'), ("", "JSON"),
                           ('{"dwell": 9', "JSON"), ("[" * 2000000, "too long")):
            with self.subTest(text=text[:40]):
                self.assertIn(word, run("camera", "set", "gate", "--data", data, input=text, status=2).err)
        run("camera", "set", "nobody", "--data", data, input="{}", status=1)
        self.assertIn("no camera", run("simulate", "--windows", "nowhere", status=2).err)
        self.assertNotEqual(run("simulate", "--windows", "field").json()["windows"], windows)

    def test_probe_understands_every_picture(self):
        summary = self.simulate("--cameras", 6, "--start", START, "--seconds", 4 * 3600, "--fps", 3, *SMALL)
        files = sorted(files_of(self.path("simulated")).values())
        frames = run("probe", "--json", *files, timeout=120).json_lines()
        self.assertEqual(len(frames), summary["frames"])
        by_mac = {}
        for frame in frames:
            self.assertEqual((frame["complete"], frame["notes"], frame["error"]), (True, [], None), frame)
            self.assertEqual((frame["width"], frame["height"], frame["time_source"]), (320, 256, "vendor"))
            self.assertEqual(frame["kinds"], ["motion"] if frame["windows"] else ["none"])
            role = re.search(r"/(\d\d)_(\d\d)_(\d\d)\.trig([+-]\d\d)\.jpg(\.\d+)?$", frame["file"])
            self.assertEqual(frame["trigger"], int(role.group(4)))
            self.assertEqual(frame["time"][11:19], ":".join(role.group(1, 2, 3)))
            self.assertIn("/" + frame["time"][:10] + "/" + frame["time"][11:13] + "/", frame["file"])
            self.assertGreaterEqual(frame["received"], frame["time"])
            by_mac.setdefault(frame["camera"]["mac"], []).append(frame)
        self.assertEqual(len(by_mac), 6)
        for camera in summary["cameras"]:
            own = by_mac[camera["mac"]]
            self.assertEqual(camera["frames"], len(own))
            self.assertEqual(camera["bytes"], sum(frame["bytes"] for frame in own))
            self.assertEqual(camera["motion_frames"], sum(bool(frame["windows"]) for frame in own))
            self.assertEqual(camera["triggers"], sum(frame["trigger"] == 0 for frame in own))
            self.assertEqual((camera["first"], camera["last"]),
                             (min(frame["time"] for frame in own), max(frame["time"] for frame in own)))
            sequence = [frame["sequence"] for frame in sorted(own, key=lambda frame: frame["time"])]
            self.assertEqual(sequence, sorted(set(sequence)))
        self.assertGreater(len({window for frame in frames for window in frame["windows"]}), 2)

    def test_other_programs_read_the_pictures(self):
        self.simulate("--cameras", 6, "--start", START, "--seconds", 3600)
        files = sorted(files_of(self.path("simulated")).values())[::10]
        for path in files:
            self.assertTrue(20000 < os.path.getsize(path) < 250000, path)
        tried = 0
        if shutil.which("ffmpeg"):
            tried += 1
            for path in files:
                done = subprocess.run(["ffmpeg", "-v", "warning", "-i", path, "-f", "null", "-"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""), path)
        if shutil.which("exiftool"):
            tried += 1
            done = subprocess.run(["exiftool", "-a", "-s3", "-Comment", "-Warning"] + files[:50],
                                  capture_output=True, text=True, errors="replace")
            self.assertEqual(done.stdout.count('{"IQimage":{"sequence":'), len(files[:50]))
        if not tried:
            self.skipTest("neither ffmpeg nor exiftool is installed")

    def test_names_follow_the_zone_across_the_end_of_summer_time(self):
        self.simulate("--cameras", 1, "--start", "2026-10-25T00:00:00Z", "--seconds", 2 * 3600,
                      "--zone", "Europe/Berlin", "--activity", 200, *SMALL)
        files = list(files_of(self.path("simulated")).values())
        hours = {path.split("/")[-2] for path in files}
        self.assertEqual(hours, {"02"})
        zones = set()
        for frame in run("probe", "--json", *files).json_lines():
            zones.add((frame["time"][11:13], frame["file"].split("/")[-2]))
        self.assertEqual(zones, {("00", "02"), ("01", "02")})

    def test_names_in_use_get_a_number_and_nothing_is_overwritten(self):
        options = ("--cameras", 1, "--start", START, "--seconds", 600, *SMALL)
        first = self.simulate(*options)
        before = {name: open(path, "rb").read() for name, path in files_of(self.path("simulated")).items()}
        self.simulate(*options, "--rename")
        after = files_of(self.path("simulated"))
        self.assertEqual(len(after), 2 * first["frames"])
        for name, content in before.items():
            with open(after[name], "rb") as file:
                self.assertEqual(file.read(), content)
        self.assertEqual([name for name in after if not re.search(r"\.jpg(\.\d+)?$", name)], [])

    def test_live_there_is_motion_at_once_and_a_signal_ends_it_cleanly(self):
        target = self.path("live")
        process = self.start("simulate", "--to", target, "--cameras", "2", "--seconds", "0", "--json",
                             *SMALL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_until(lambda: len(files_of(target)) > 6, 20, "pictures")
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        out, err = process.communicate(timeout=10 * cctvweb.PATIENCE)
        self.assertLess(time.monotonic() - began, 3 * cctvweb.PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        files = list(files_of(target).values())
        now = time.time()
        for frame in run("probe", "--json", *files).json_lines():
            self.assertTrue(frame["complete"], frame)
            self.assertGreater(os.stat(frame["file"]).st_mtime, now - 120)
        self.assertIn('"frames":%d,' % len(files), out)

    def test_speed_is_that_of_the_clock(self):
        began = time.monotonic()
        self.simulate("--cameras", 1, "--seconds", 120, "--speed", 60, *SMALL)
        self.assertLess(time.monotonic() - began, 20 * cctvweb.PATIENCE)
        began = time.monotonic()
        summary = self.simulate("--cameras", 1, "--seconds", 3, "--seed", 2, *SMALL, to="clock")
        self.assertGreaterEqual(summary["seconds"], 0.5)

    def test_what_is_not_possible_is_refused_with_a_reason(self):
        to = ("--to", self.path("refused"))
        for arguments, word in (((), "--to"), (to + ("--cameras", "0"), "0"), (to + ("--fps", "19"), "19"),
                                (to + ("--size", "100x100"), "100x100"), (to + ("--size", "640"), "640"),
                                (to + ("--profile", "axis"), "axis"), (to + ("--start", "noon"), "noon"),
                                (to + ("--seconds", "-1"), "-1"), (to + ("--speed", "x"), "x"),
                                (to + ("--speed", "0", "--seconds", "0"), "--seconds 0"),
                                (to + ("--zone", "Mars/Base"), "Mars/Base"), (to + ("more",), "more"),
                                (to + ("--activity", "0"), "0"), (to + ("--nonsense",), "--nonsense")):
            result = run("simulate", *arguments, status=2)
            self.assertIn(word, result.err, arguments)
            self.assertEqual(result.out, "")
            self.assertEqual(len(result.err.strip().splitlines()), 1, result)
        self.assertFalse(os.path.exists(self.path("refused")))
        with open(self.path("file"), "w"):
            pass
        result = run("simulate", "--to", self.path("file"), "--start", START, "--seconds", "60", status=1)
        self.assertIn(self.path("file"), result.err)


if __name__ == "__main__":
    cctvweb.main()
