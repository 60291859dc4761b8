"""kill -9 at random instants, two writers at once, a server beside them: what is in the catalog agrees
with itself at once, and with the pictures after the next scan."""

import random
import signal
import subprocess
import time

import cctvweb
from cctvweb import PATIENCE, START_MS, events_of, mac_of, mac_text, write_picture

KILLS = 20
# Fewer pictures where sanitizers make all slower.
FRAMES = 12000 if PATIENCE < 5 else 3000


def times_of(camera):
    """Bursts of pictures with pauses around the dwell of three seconds, different for each camera."""
    chance, time_ms, times = random.Random(camera), START_MS + camera * 977, []
    while len(times) < FRAMES // 3:
        time_ms += chance.choice((55, 200, 500, 1000, 1001, 2999, 3000, 3001, 60000))
        times.append(time_ms)
    return times


class Crashes(cctvweb.Case):
    def setUp(self):
        super().setUp()
        self.cameras = {mac_text(mac_of(n), "_"): times_of(n) for n in (1, 2, 3)}
        for number, times in enumerate(self.cameras.values(), 1):
            for time_ms in times:
                write_picture(self.pictures, time_ms, mac=mac_of(number))

    def assert_truth(self):
        """The events are those of the pictures, for a few dwells."""
        self.check()
        for dwell_s in (1, 3, 60):
            found = {name: [] for name in self.cameras}
            for event in self.events("--dwell", dwell_s):
                found[event["camera"]].append((event["start"], event["end"], event["frames"]))
            for name, times in self.cameras.items():
                truth = [(cctvweb.rfc3339(start), cctvweb.rfc3339(end), frames)
                         for start, end, frames in events_of(times, dwell_s * 1000)]
                self.assertEqual(sorted(found[name]), truth, "camera %s, dwell %s s" % (name, dwell_s))

    def scan_and_kill(self, after):
        """True when the scan was still at work when it was killed."""
        scan = self.start("scan", "--data", self.data, self.pictures,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        working = scan.poll() is None
        scan.kill()
        scan.wait()
        return working

    def test_killed_scans_leave_a_sound_catalog(self):
        started = time.monotonic()
        self.scan()
        whole = time.monotonic() - started
        self.assert_truth()
        chance, killed, attempts = random.Random(7), 0, 0
        while killed < KILLS and attempts < 10 * KILLS:
            # Every third time on top of what the last killed scan left.
            if attempts % 3 == 0:
                self.data = self.path("data-%d" % attempts)
            killed += self.scan_and_kill(chance.uniform(0, whole))
            self.check_after_kill()
            if attempts % 6 == 5:
                self.scan()
                self.assert_truth()
            attempts += 1
        self.scan()
        self.assert_truth()
        self.assertEqual(killed, KILLS, "too few scans were killed at work to mean anything")

    def test_two_scans_at_once(self):
        scans = [self.start("scan", "--data", self.data, self.pictures, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for scan in scans:
            _, err = scan.communicate(timeout=60 * PATIENCE)
            self.assertEqual(scan.returncode, 0, err)
        self.assert_truth()

    def test_scan_beside_a_server_that_watches_the_same_folder(self):
        server = self.serve(self.pictures)
        for _ in range(3):
            self.scan()
        late = START_MS + 10**9
        write_picture(self.pictures, late, mac=mac_of(1), windows=(2,))
        name = mac_text(mac_of(1), "_")
        self.cameras[name].append(late)
        self.wait_until(lambda: sum(camera["frames"] for camera in server.api("/cameras")["cameras"])
                        == sum(map(len, self.cameras.values())), 30, "every frame in the server's answer")
        self.assertEqual(server.stop(), 0)
        self.assert_truth()

    def test_server_killed_while_it_takes_pictures_in(self):
        for _ in range(4):
            server = self.serve(self.pictures)
            time.sleep(random.Random(FRAMES).uniform(0, 0.2))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            self.check()
        self.scan()
        self.assert_truth()


if __name__ == "__main__":
    cctvweb.main()
