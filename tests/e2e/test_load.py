"""A camera's day of 100,000 pictures, and many clients at once: answers stay right, memory stays flat,
and it still ends within five seconds."""

import os
import re
import signal
import threading
import time

import cctvweb
from cctvweb import MAC, PATIENCE, events_of, mac_text, write_picture

DAY_START_MS = 1400457600000  # 2014-05-19T00:00:00Z
CAMERA = mac_text(MAC, "_")


def peak_kib(process):
    with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))


def roomy_memory():
    """A folder in memory, if there is one with room to spare: 100,000 files are made there in seconds."""
    try:
        shm = os.statvfs("/dev/shm")
        return "/dev/shm" if shm.f_bavail * shm.f_frsize > 4 << 30 and os.access("/dev/shm", os.W_OK) else None
    except OSError:
        return None


ROOM = roomy_memory()
# A slow disk takes minutes for 100,000 new files; sanitizers take long for all.
FRAMES = 100000 if ROOM and PATIENCE < 5 else 10000


class Load(cctvweb.Case):
    room = ROOM

    def write_day(self):
        """Frames over the whole day with a pause of more than the dwell after each hundred."""
        self.times = [DAY_START_MS + n * (86300000 - FRAMES * 40) // FRAMES + (n // 100) * 4000
                      for n in range(FRAMES)]
        for n, time_ms in enumerate(self.times):
            write_picture(self.pictures, time_ms, windows=(n % 8 + 1,) if n % 5 == 0 else ())

    def test_a_day_of_many_frames(self):
        self.write_day()
        self.scan(timeout=240)
        truth = events_of(self.times)
        server = self.serve()
        server.api("/events", limit=1)
        before = peak_kib(server.process)
        day = {"camera": CAMERA, "from_": DAY_START_MS, "to": DAY_START_MS + 86399999}

        started = time.monotonic()
        page = server.api("/events", **day, limit=1000)
        events_s = time.monotonic() - started
        self.assertEqual(page["total"], len(truth))
        self.assertEqual(sum(event["frames"] for event in server.pages("/events", "events", **day, limit=300)), FRAMES)

        index = server.api("/playback/index", **day)
        self.assertEqual(index["count"], FRAMES)
        self.assertEqual(len(index["frames"]), FRAMES)
        self.assertEqual(index["bytes"], index["frames"][-1]["offset"] + index["frames"][-1]["length"])
        for frame, following in zip(index["frames"], index["frames"][1:]):
            self.assertEqual(frame["offset"] + frame["length"], following["offset"])

        # The whole day as one stream, read piece by piece: the bytes the index promised.
        answer, connection = server.stream("/api/v1/playback?camera=%s&from=%d&to=%d" % (
            CAMERA, day["from_"], day["to"]), timeout=120)
        received = 0
        while piece := answer.read(1 << 16):
            received += len(piece)
        connection.close()
        self.assertEqual(received, index["bytes"])

        if PATIENCE < 5:  # sanitizers keep freed memory, so it says nothing there
            self.assertLess(events_s, 1.0, "a day's events took too long")
            self.assertLess(peak_kib(server.process) - before, 96 * 1024,
                            "memory grew with the range (KiB, from %d)" % before)
        self.assertEqual(server.stop(), 0)

    def test_ends_within_five_seconds_under_load(self):
        start = int(time.time() * 1000) - 600000
        for n in range(3000):
            write_picture(self.pictures, start + n * 200, size=20000)
        server = self.serve(self.pictures)
        self.wait_until(lambda: server.api("/cameras")["total"] == 1 and
                        server.api("/cameras")["cameras"][0]["frames"] == 3000, 30, "all frames taken in")
        running = True

        def clients(path):
            while running:
                try:
                    server.get(path, status=None)
                except OSError:
                    return

        def camera():
            n = 0
            while running and n < 20000:
                write_picture(self.pictures, start + 700000 + n * 100)
                n += 1

        span = "camera=%s&from=%d&to=%d" % (CAMERA, start, start + 600000)
        threads = [threading.Thread(target=clients, args=(path,)) for path in (
            "/api/v1/events?limit=1000", "/api/v1/playback?" + span, "/api/v1/playback/index?" + span,
            "/api/v1/frames?limit=1000&camera=" + CAMERA)] + [threading.Thread(target=camera)]
        # Clients that read nothing of what they asked for, and such that wait for news.
        idle = [server.stream(path) for path in ("/api/v1/live", "/api/v1/live",
                                                 "/api/v1/playback.mjpeg?speed=1&" + span,
                                                 "/api/v1/playback?" + span)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        started = time.monotonic()
        try:
            status = server.stop(signal.SIGTERM, wait=5)
        finally:
            running = False
            for _, connection in idle:
                connection.close()
            for thread in threads:
                thread.join()
        self.assertEqual(status, 0)
        self.assertLess(time.monotonic() - started, 5 * PATIENCE + 1)
        self.scan()
        self.check()


if __name__ == "__main__":
    cctvweb.main()
