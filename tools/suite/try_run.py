"""./run as a newcomer uses it: the address, four live cameras, a second start, Ctrl-C, and no process
left behind however it ends. Prints TAP."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from shell import ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import cctvweb  # noqa: E402

FIRST_START_S = 600  # the release build is part of it


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def of_session(session):
    """The processes of a session, by what they are."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.getsid(int(entry)) == session:
                    with open("/proc/%s/cmdline" % entry, "rb") as file:
                        words = file.read().replace(b"\0", b" ").decode(errors="replace")
                    with open("/proc/%s/stat" % entry) as file:
                        if words and file.read().rsplit(")", 1)[1].split()[0] != "Z":
                            found.append("%s %s" % (entry, words))
            except OSError:
                pass
    return found


class Run(unittest.TestCase):
    folder = None

    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory(prefix="cctvweb-run-")
        cls.folder = cls.keep.name

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def begin(self, port):
        log = tempfile.TemporaryFile()
        process = subprocess.Popen([os.path.join(ROOT, "run"), "--port", str(port)], cwd="/", start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env={**os.environ, "CCTVWEB_RUN_DIR": self.folder})
        self.addCleanup(self.finish, process)
        self.addCleanup(log.close)
        self.said = lambda: os.pread(log.fileno(), 1 << 20, 0).decode(errors="replace")
        return process

    @staticmethod
    def finish(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def wait_until(self, condition, seconds, process):
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if process.poll() is not None or time.monotonic() > deadline:
                self.fail("./run (status %s) said:\n%s" % (process.poll(), self.said()[-3000:]))
            time.sleep(0.2)

    @staticmethod
    def cameras(port):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/cameras" % port, timeout=5) as answer:
                return json.load(answer)["cameras"]
        except OSError:
            return []

    def four_cameras_one_live(self, port):
        cameras = self.cameras(port)
        return len(cameras) == 4 and any(camera["state"] == "live" for camera in cameras)

    def assert_nothing_left(self, process, seconds=10):
        deadline = time.monotonic() + seconds
        while of_session(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(of_session(process.pid), [])

    def test_1_four_live_cameras_and_ctrl_c(self):
        port = free_port()
        process = self.begin(port)
        self.wait_until(lambda: re.search(r"http://127\.0\.0\.1:%d/" % port, self.said()), FIRST_START_S, process)
        self.wait_until(lambda: self.four_cameras_one_live(port), 60, process)
        with urllib.request.urlopen("http://127.0.0.1:%d/" % port) as answer:
            self.assertIn(b"<html", answer.read().lower())
        self.wait_until(lambda: all(camera["frames"] > 0 for camera in self.cameras(port)), 60, process)
        self.assertTrue(all(len(camera["windows"]) >= 3 for camera in self.cameras(port)), self.cameras(port))
        second = subprocess.run([os.path.join(ROOT, "run"), "--port", str(port)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(second.returncode, 1, second.stdout)
        self.assertIn("port %d is in use" % port, second.stdout)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(15)
        self.assert_nothing_left(process)

    def test_2_again_it_is_there_at_once_and_ends_on_term(self):
        port = free_port()
        process, started = self.begin(port), time.monotonic()
        self.wait_until(lambda: self.four_cameras_one_live(port), 60, process)
        self.assertLess(time.monotonic() - started, 60)
        process.terminate()
        process.wait(15)
        self.assert_nothing_left(process)

    def test_3_killed_it_leaves_nothing_either(self):
        port = free_port()
        process = self.begin(port)
        self.wait_until(lambda: self.cameras(port), 60, process)
        process.kill()
        process.wait()
        self.assert_nothing_left(process)


if __name__ == "__main__":
    cctvweb.main()
