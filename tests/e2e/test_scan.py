"""`cctvweb scan`: what is on disk gets into the catalog, once, and nothing else does."""

import os
import pty
import random
import re
import shutil
import signal
import subprocess
import time

import cctvweb
from catalog_truth import catalog_files, differences, disk_files, vanished_files
from cctvweb import START_MS, iqeye_jpeg, jpeg, mac_of, mac_text, run, write_picture

OLD = START_MS  # a modification time long ago


class Scan(cctvweb.Case):
    def setUp(self):
        super().setUp()
        self.time_ms = START_MS

    def add(self, count=1, **options):
        """Pictures where their cameras would put them; their paths below self.pictures."""
        paths = []
        for _ in range(count):
            self.time_ms += 137
            paths.append(write_picture(self.pictures, self.time_ms, **options))
        return paths

    def put(self, path, data, mtime_ms=OLD):
        whole = os.path.join(self.pictures, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(data)
        if mtime_ms is not None:
            os.utime(whole, ns=(mtime_ms * 10**6, mtime_ms * 10**6))
        return whole

    def report(self, *arguments, status=0, folder=None):
        return run("scan", "--data", self.data, "--json", *arguments, folder or self.pictures, status=status).json()

    def assert_agree(self, *roots):
        found = differences(self.data, *(roots or (self.pictures,)))
        self.assertEqual(found[:10], [])
        self.check()

    def test_first_and_second(self):
        for camera in range(3):
            self.add(100, mac=mac_of(camera))
        first = self.report()
        self.assertEqual({name: first[name] for name in ("files", "frames", "added", "replaced", "unchanged",
                                                         "skipped", "vanished", "errors")},
                         {"files": 300, "frames": 300, "added": 300, "replaced": 0, "unchanged": 0,
                          "skipped": {}, "vanished": 0, "errors": 0})
        self.assertEqual(first["cameras_new"], [mac_text(mac_of(n), "_") for n in range(3)])
        self.assert_agree()
        second = self.report()
        self.assertEqual((second["files"], second["frames"], second["added"], second["unchanged"]),
                         (300, 0, 0, 300))
        self.assertEqual(second["cameras_new"], [])
        self.assert_agree()

    def opened(self, *arguments):
        """Names of the files below self.pictures that a scan opens."""
        trace = self.path("trace")
        subprocess.run(["strace", "-f", "-e", "trace=openat,open", "-o", trace, cctvweb.PROGRAM, "scan",
                        "--data", self.data, self.pictures, *arguments], check=True, capture_output=True,
                       env=cctvweb.environment())
        with open(trace) as file:
            names = re.findall(r'openat\(\d+, "([^"/]+)"', file.read())
        return set(names)

    def test_only_what_may_have_changed_is_opened(self):
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        paths = [os.path.join(self.pictures, path) for path in self.add(100)]
        self.put("cam/video.mp4", b"x")
        self.put("cam/notes.txt", b"x")
        self.put("cam/DVRWorkDirectory", b"x")
        self.put("cam/.hidden.jpg", b"x")
        self.put("cam/a.jpg.tmp", b"x")
        self.put("cam/not-a-picture.jpg", b"GIF89a")
        try:
            names = self.opened()
        except subprocess.CalledProcessError:
            self.skipTest("strace may not trace here")
        self.assertEqual(names, {os.path.basename(path) for path in paths} | {"not-a-picture.jpg"})
        self.assertEqual(self.opened(), set())
        changed = paths[17]
        write_picture(self.pictures, self.time_ms + 5000, path=os.path.relpath(changed, self.pictures))
        new = self.put("cam/new.jpg", iqeye_jpeg(START_MS + 10**6))
        self.assertEqual(self.opened(), {os.path.basename(changed), os.path.basename(new)})
        self.assert_agree_but("cam/not-a-picture.jpg", "cam/.hidden.jpg")

    def assert_agree_but(self, *paths):
        left_out = {os.path.join(self.pictures, path) for path in paths}
        known = {path: (size, modified) for path, (size, _, modified) in catalog_files(self.data).items()}
        there = {path: facts for path, facts in disk_files(self.pictures).items() if path not in left_out}
        self.assertEqual(known, there)
        self.check()

    def test_what_is_no_picture_is_counted_by_reason(self):
        self.add(3)
        self.put("cam/a.mp4", b"x")
        self.put("cam/b.TXT", b"x")
        self.put("cam/c.jpg.tmp", b"x")
        self.put("cam/d.part", b"x")
        self.put("cam/.e.jpg", b"x")
        self.put("cam/DVRWorkDirectory", b"x")
        self.put("cam/f.jpg", b"")
        self.put("cam/g.jpg", b"hello, this is no picture")
        self.put("cam/trig+3.jpg.1", iqeye_jpeg(START_MS + 10**7))
        self.put("cam/snapshot", iqeye_jpeg(START_MS + 10**7 + 1))
        self.put("cam/h.JPEG", iqeye_jpeg(START_MS + 10**7 + 2))
        os.symlink(self.put("cam/i.jpg", iqeye_jpeg(START_MS + 10**7 + 3)),
                   os.path.join(self.pictures, "cam/link.jpg"))
        os.mkfifo(os.path.join(self.pictures, "cam/pipe.jpg"))
        for _ in range(2):
            found = self.report()
            self.assertEqual({name: count for name, count in found["skipped"].items()
                              if name not in ("empty", "not-jpeg")},
                             {"extension": 2, "temporary": 2, "hidden": 1, "vendor-file": 1,
                              "symbolic-link": 1, "no-file": 1})
            self.assertEqual(found["errors"], 0)
        self.assertEqual(len(catalog_files(self.data)), 7)
        self.check()

    def test_links_to_folders_are_not_followed(self):
        self.add(2)
        os.symlink(self.pictures, os.path.join(self.pictures, "loop"))
        os.symlink("/", os.path.join(self.pictures, "all"))
        self.assertEqual(self.report()["frames"], 2)

    def test_changed_and_renamed_and_vanished(self):
        paths = [os.path.join(self.pictures, path) for path in self.add(40)]
        self.report()
        os.unlink(paths[0])
        os.rename(paths[1], paths[1] + ".1")
        write_picture(self.pictures, self.time_ms + 9999, path=os.path.relpath(paths[2], self.pictures))
        self.put(os.path.relpath(paths[3], self.pictures), b"no picture any more")
        found = self.report()
        self.assertEqual((found["added"], found["replaced"], found["vanished"], found["unchanged"]), (1, 1, 2, 36))
        self.assertEqual(vanished_files(self.data), {paths[0], paths[1]})
        self.assertNotIn(paths[3], catalog_files(self.data))
        self.check()
        # It comes back.
        write_picture(self.pictures, START_MS + 1, path=os.path.relpath(paths[0], self.pictures))
        self.assertEqual(self.report()["added"], 1)
        self.assertEqual(vanished_files(self.data), {paths[1]})

    def test_a_file_that_went_and_came_as_it_was(self):
        paths = self.add(5)
        self.report()
        path = os.path.join(self.pictures, paths[2])
        os.rename(path, self.path("kept"))
        self.assertEqual(self.report()["vanished"], 1)
        os.rename(self.path("kept"), path)
        self.assertEqual(self.report()["added"], 1)
        self.assert_agree()

    def test_a_folder_that_went_and_came_as_it_was(self):
        self.add(50)
        self.add(50, mac=mac_of(9))
        self.report()
        folder = os.path.join(self.pictures, mac_text(mac_of(9), "_"))
        os.rename(folder, self.path("kept"))
        self.assertEqual(self.report()["vanished"], 50)
        self.assertEqual(len(catalog_files(self.data)), 50)
        self.check()
        os.rename(self.path("kept"), folder)
        self.assertEqual(self.report()["added"], 50)
        self.assert_agree()

    def test_a_disk_that_is_not_mounted_marks_nothing(self):
        self.add(20)
        self.report()
        before = catalog_files(self.data)
        os.rename(self.pictures, self.pictures + "-away")
        gone = run("scan", "--data", self.data, self.pictures, status=1)
        self.assertIn(self.pictures, gone.err)
        os.mkdir(self.pictures)
        empty = run("scan", "--data", self.data, self.pictures, status=1)
        self.assertIn("mounted", empty.err)
        self.assertEqual(catalog_files(self.data), before)
        self.check()

    def test_what_cannot_be_read_is_told_and_not_marked(self):
        self.add(10)
        paths = self.add(10, mac=mac_of(7))
        self.report()
        folder = os.path.join(self.pictures, os.path.dirname(paths[0]))
        file = os.path.join(self.pictures, self.add(1)[0])
        os.chmod(folder, 0)
        os.chmod(file, 0)
        try:
            result = self.run_without_rights("scan", "--data", self.data, "--json", self.pictures)
        finally:
            os.chmod(folder, 0o700)
            os.chmod(file, 0o600)
        self.assertEqual(result.status, 1)
        self.assertIn(folder, result.err)
        self.assertIn(file, result.err)
        report = result.json()
        self.assertEqual((report["errors"], report["vanished"]), (2, 0))
        self.report()
        self.assert_agree()

    def test_young_files_are_not_trusted(self):
        whole = iqeye_jpeg(START_MS, size=20000)
        now = int(time.time() * 1000)
        self.put("cam/half.jpg", whole[:15000], now - 1000)
        self.put("cam/whole.jpg", whole, now - 1000)
        self.put("cam/old-half.jpg", iqeye_jpeg(START_MS + 1, size=20000)[:15000], now - 60000)
        found = self.report()
        self.assertEqual((found["added"], found["skipped"]), (2, {"unfinished": 1}))
        # It is finished without the folder telling so by anything but the file itself.
        self.put("cam/half.jpg", iqeye_jpeg(START_MS + 2, size=20000), now - 1000)
        self.assertEqual(self.report()["added"], 1)
        self.assert_agree()

    def test_one_flat_folder_is_shared_by_many_threads(self):
        cameras = [mac_text(mac_of(n), "_") for n in range(5)]
        for number in range(20000):
            self.put("%s.%d.jpg" % (cameras[number % 5], number),
                     iqeye_jpeg(START_MS + number * 55, mac=mac_of(number % 5)))
        self.assertEqual(self.report()["added"], 20000)
        self.assert_agree()
        self.assertEqual(self.report()["unchanged"], 20000)
        os.unlink(os.path.join(self.pictures, "%s.777.jpg" % cameras[2]))
        self.put("new.jpg", iqeye_jpeg(START_MS))
        found = self.report()
        self.assertEqual((found["unchanged"], found["added"], found["vanished"]), (19999, 1, 1))
        self.assert_agree()

    def test_each_number_of_threads_gives_the_same(self):
        for camera in range(4):
            self.add(300, mac=mac_of(camera))
        truth = None
        for threads in (1, 2, 3, 64):
            self.data = self.path("data-%d" % threads)
            self.assertEqual(self.report("--threads", str(threads))["added"], 1200)
            self.assert_agree()
            truth = truth or catalog_files(self.data)
            self.assertEqual(catalog_files(self.data), truth)

    def test_killed_at_any_time_and_run_again(self):
        for camera in range(4):
            self.add(2000, mac=mac_of(camera))
        chance = random.Random(3)
        for _ in range(12):
            scan = self.start("scan", "--data", self.data, self.pictures, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.005, 0.15))
            scan.kill()
            scan.wait()
            self.check_after_kill()
            if chance.random() < 0.3:
                self.data = self.path("data-%d" % chance.randrange(10**6))
        self.scan()
        self.assert_agree()
        self.assertEqual(self.report()["unchanged"], 8000)

    def test_ended_by_a_signal_it_keeps_what_it_read(self):
        for number in range(30000):
            self.put("%d/%d.jpg" % (number % 50, number), iqeye_jpeg(START_MS + number * 55))
        ended_early = 0
        for how in (signal.SIGINT, signal.SIGTERM):
            self.data = self.path("data-%d" % how)
            scan = self.start("scan", "--data", self.data, self.pictures, stderr=subprocess.PIPE, text=True)
            self.wait_until(lambda: os.path.exists(os.path.join(self.data, "catalog.db")))
            time.sleep(0.05)
            scan.send_signal(how)
            _, err = scan.communicate(timeout=5 * cctvweb.PATIENCE)
            if scan.returncode == 1:
                ended_early += 1
                self.assertIn("ended early", err)
            self.check()
            self.scan()
            self.assert_agree()
        self.assertGreater(ended_early, 0, "no scan was still at work when the signal came")

    def test_usr1_logs_how_far_it_is(self):
        for number in range(20000):
            self.put("%d/%d.jpg" % (number % 50, number), iqeye_jpeg(START_MS + number * 55))
        scan = self.start("scan", "--data", self.data, "--threads", "1", self.pictures, stderr=subprocess.PIPE,
                          text=True)
        self.wait_until(lambda: os.path.exists(os.path.join(self.data, "catalog.db")))
        time.sleep(0.05)
        scan.send_signal(signal.SIGUSR1)
        _, err = scan.communicate(timeout=60 * cctvweb.PATIENCE)
        self.assertEqual(scan.returncode, 0)
        self.assertRegex(err, r"info scan progress files=\d+ ")

    def test_the_bar_is_for_terminals_only(self):
        self.add(2000)
        self.assertNotIn("\r", self.scan().err)
        main, end = pty.openpty()
        scan = self.start("scan", "--data", self.path("other"), self.pictures, stderr=end)
        os.close(end)
        seen = b""
        try:
            while True:
                piece = os.read(main, 4096)
                if not piece:
                    break
                seen += piece
        except OSError:
            pass  # the other side is closed
        os.close(main)
        self.assertEqual(scan.wait(), 0)
        self.assertIn(b"files", seen)

    def test_several_folders_also_inside_each_other(self):
        self.add(10)
        self.add(10, mac=mac_of(3))
        inner = os.path.join(self.pictures, mac_text(mac_of(3), "_"))
        self.assertEqual(run("scan", "--data", self.data, "--json", inner, self.pictures, inner).json()["added"], 20)
        self.assert_agree()
        relative = os.path.relpath(self.pictures, self.dir)
        self.assertEqual(run("scan", "--data", self.data, "--json", relative + "/./", cwd=self.dir)
                         .json()["unchanged"], 20)

    def test_names_that_are_not_text(self):
        for name in (b"\xff\xfe.jpg", b"new\nline.jpg", b"  .jpg", b"%s%n.jpg", b"a'b\".jpg", b"x" * 251 + b".jpg"):
            with open(os.path.join(os.fsencode(self.pictures), name), "wb") as file:
                file.write(iqeye_jpeg(START_MS + len(name)))
            os.utime(file.name, (1, 1))
        self.assertEqual(self.report()["added"], 6)
        self.assert_agree()
        self.assertEqual(self.report()["unchanged"], 6)

    def test_usage(self):
        self.assertIn("example:", run("scan", "--help").out)
        for arguments in ((), ("--threads", "0", "x"), ("--threads", "x", "x"), ("--wrong", "x"), ("--data",)):
            self.assertEqual(len(run("scan", *arguments, status=2).err.strip().splitlines()), 1)
        run("scan", "--data", self.data, "--zone", "Nowhere/Nothing", self.pictures, status=1)
        run("scan", "--data", self.data, "--template", "$SD(", self.pictures, status=1)

    def test_one_picture_without_camera_is_named_by_its_folder(self):
        self.put("Front door/x.jpg", jpeg())
        self.assertEqual(self.report()["cameras_new"], ["Front door"])


if __name__ == "__main__":
    cctvweb.main()
