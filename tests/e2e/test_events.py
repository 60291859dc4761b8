"""`cctvweb events` and `cctvweb check`."""

import json
import os
import sqlite3

import cctvweb
from cctvweb import START_MS, iqeye_path, rfc3339, run

HOUR_MS = 3600 * 1000


class Events(cctvweb.Case):
    """30 events, seven hours apart: event n has n + 1 frames, half a second apart, and motion in
    window n % 6 + 1 unless n is a multiple of 5."""

    def setUp(self):
        super().setUp()
        self.starts = [START_MS + n * 7 * HOUR_MS for n in range(30)]
        with open(self.path("list.csv"), "w", encoding="utf-8") as file:
            for n, start in enumerate(self.starts):
                for k in range(n + 1):
                    time_ms = start + 500 * k
                    facts = {"sequence": k, "time": time_ms, "event": ["none"]}
                    if n % 5:
                        facts.update(event=["motion"], motionWindows=[n % 6 + 1])
                    file.write("%s,%s\n" % (iqeye_path(time_ms), json.dumps({"IQimage": facts})))
        run("import", "--data", self.data, self.path("list.csv"))

    def starts_of(self, *arguments):
        return [event["start"] for event in self.events(*arguments)]

    def expected(self, choose, key=None, reverse=False):
        chosen = [n for n in range(30) if choose(n)]
        chosen.sort(key=key, reverse=reverse)
        return [rfc3339(self.starts[n]) for n in chosen]

    def test_filters(self):
        self.assertEqual(self.starts_of(), self.expected(lambda n: True))
        self.assertEqual(self.starts_of("--window", 3, "--window", 5),
                         self.expected(lambda n: n % 5 and n % 6 in (2, 4)))
        self.assertEqual(self.starts_of("--kind", "none"), self.expected(lambda n: n % 5 == 0))
        self.assertEqual(self.starts_of("--kind", "never"), [])
        self.assertEqual(self.starts_of("--sort", "-frames", "--limit", 3),
                         self.expected(lambda n: n > 26, reverse=True))
        self.assertEqual(self.starts_of("--from", self.starts[10], "--to", rfc3339(self.starts[12])),
                         self.expected(lambda n: 10 <= n <= 12))
        hour = lambda n: self.starts[n] // HOUR_MS % 24
        self.assertEqual(self.starts_of("--hours", "22:00-06:00"),
                         self.expected(lambda n: hour(n) >= 22 or hour(n) < 6))
        self.assertEqual(self.starts_of("--weekday", "sun", "--weekday", 3),
                         self.expected(lambda n: (self.starts[n] // HOUR_MS // 24 + 4) % 7 in (0, 3)))
        self.assertEqual(len(self.starts_of("--dwell", 7 * 3600)), 1)

    def test_pages_are_the_whole(self):
        found, cursor = [], []
        while True:
            page = run("events", "--data", self.data, "--json", "--sort", "-duration", "--limit", 7, *cursor).json()
            self.assertEqual(page["total"], 30)
            found += [event["start"] for event in page["events"]]
            if page["next"] is None:
                break
            cursor = ["--cursor", page["next"]]
        self.assertEqual(found, self.expected(lambda n: True, reverse=True))

    def test_the_document(self):
        event = self.events()[7]
        camera = event["camera"]
        start, end = self.starts[7], self.starts[7] + 3500
        cover = event.pop("cover")
        self.assertEqual(event, {"camera": camera, "start": rfc3339(start), "end": rfc3339(end), "duration": 3.5,
                                 "frames": 8, "motion_frames": 8, "windows": [2], "kinds": ["motion"], "bytes": 0,
                                 "reviewed": False, "pinned": False, "notes": []})
        self.assertEqual((cover["windows"], cover["url"]), ([2], "/api/v1/frames/%s.jpg" % cover["id"]))

    def test_the_table(self):
        lines = run("events", "--data", self.data, "--limit", 2, "--sort", "-time").out.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[0].split()[0], "camera")
        self.assertIn(" 30 ", lines[1])
        self.assertEqual(lines[-1], "30 events")

    def test_wrong_use(self):
        for arguments in (["--dwell", "0"], ["--hours", "8-9"], ["--limit", "0"], ["--limit", "x"], ["--nothing"],
                          ["--sort"], ["surplus"], ["--cursor", "AAAA"], ["--from", "2", "--to", "1"]):
            with self.subTest(arguments=arguments):
                result = run("events", "--data", self.data, *arguments, status=2)
                self.assertEqual((result.out, len(result.err.splitlines())), ("", 1))
        self.assertIn("dwell: ", run("events", "--dwell", "0", status=2).err)
        self.assertIn("nobody", run("events", "--data", self.data, "--camera", "nobody", status=1).err)
        self.assertIn("no catalog", run("events", "--data", self.path("nothing"), status=1).err)

    def test_check_names_what_is_wrong(self):
        self.assertEqual(run("check", "--data", self.data, "--json").json(), {"differences": [], "count": 0})
        database = sqlite3.connect(os.path.join(self.data, "catalog.db"))
        with database:
            database.execute("UPDATE runs SET frames = frames + 1 WHERE start = ?", (self.starts[4],))
        database.close()
        found = run("check", "--data", self.data, "--json", status=1).json()
        self.assertEqual(found["count"], 1)
        self.assertIn("frames should be 5, but is 6", found["differences"][0])
        self.assertIn(rfc3339(self.starts[4]), found["differences"][0])
        self.assertIn("1 difference", run("check", "--data", self.data, status=1).out)
        run("check", "--nothing", status=2)


if __name__ == "__main__":
    cctvweb.main()
