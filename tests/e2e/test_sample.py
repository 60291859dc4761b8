"""The events of a real camera's 199 frames, against grouping the rows of the list in Python."""

import csv
import json
import random

import cctvweb
from cctvweb import rfc3339, run

DWELLS = (1, 2, 2.5, 3, 5, 10, 30, 60, 300, 3000)


def read_rows(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            rows.append(json.loads(row[1])["IQimage"] | {"path": row[0]})
    return sorted(rows, key=lambda row: row["time"])


def group(rows, dwell_s):
    """(start, end, frames, frames with motion, windows) of each event, by the rule."""
    events = []
    for row in rows:
        if not events or row["time"] - events[-1][-1]["time"] > dwell_s * 1000:
            events.append([])
        events[-1].append(row)
    told = []
    for event in events:
        windows = sorted({window for row in event for window in row.get("motionWindows", [])})
        motion = sum("motion" in row["event"] or bool(row.get("motionWindows")) for row in event)
        told.append((rfc3339(event[0]["time"]), rfc3339(event[-1]["time"]), len(event), motion, windows))
    return told


class Sample(cctvweb.Case):
    def setUp(self):
        super().setUp()
        self.sample = cctvweb.sample_csv()
        self.rows = read_rows(self.sample)

    def told(self, dwell_s):
        return [(event["start"], event["end"], event["frames"], event["motion_frames"], event["windows"])
                for event in self.events("--dwell", dwell_s, "--sort", "time")]

    def test_events_are_those_of_the_rows(self):
        run("import", "--data", self.data, self.sample)
        self.assertEqual((self.rows[0]["time"], self.rows[-1]["time"]), (1400853934582, 1400856818822))
        for dwell_s in DWELLS:
            with self.subTest(dwell=dwell_s):
                self.assertEqual(self.told(dwell_s), group(self.rows, dwell_s))
        self.check()

    def test_any_order_in_any_pieces_gives_the_same(self):
        with open(self.sample, encoding="utf-8") as file:
            lines = file.read().splitlines(keepends=True)
        random.Random(7).shuffle(lines)
        for number, at in enumerate(range(0, len(lines), 23)):
            piece = self.path("piece-%d.csv" % number)
            with open(piece, "w", encoding="utf-8") as file:
                file.writelines(lines[at:at + 23])
            run("import", "--data", self.data, piece)
        for dwell_s in DWELLS:
            with self.subTest(dwell=dwell_s):
                self.assertEqual(self.told(dwell_s), group(self.rows, dwell_s))
        self.check()


if __name__ == "__main__":
    cctvweb.main()
