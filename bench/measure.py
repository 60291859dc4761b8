"""What the benches in Python share: pictures, a server, a place for both, JSON lines.

A bench is a folder with run.py, or a C program that Meson builds as bench_NAME. It prints a JSON line
a result on standard output, with at least

    {"bench": name, "what": sentence, "value": v, "reference": r, "ratio": v/r or r/v, "target": t}

where more is better in `ratio`; all else goes to standard error. Its exit status is 0 when it could
measure, whatever it measured; ./bench compares ratios with targets.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BENCH_BUILD", os.path.join(ROOT, "build", "release")))
os.environ.setdefault("CCTVWEB", os.path.join(BUILD, "cctvweb"))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import cctvweb  # noqa: E402

FRAME_BYTES = 40 * 1024


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="less of everything; figures are rough")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def report(bench, what, **fields):
    print(json.dumps({"bench": bench, "what": what, **fields}), flush=True)


def median(values):
    return statistics.median(values)


def cpu_seconds(pid):
    """What a process, the children in hand and those that ended have computed, in seconds: hardly
    disturbed by others."""
    total = 0
    for task in [pid] + [int(child) for child in children(pid)]:
        try:
            with open("/proc/%d/stat" % task) as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile: its parent has it, or soon will
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return file.read().split()


class Place:
    """A temporary folder with pictures of one camera and a server on them. Use with `with`."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cctvweb-bench-")
        os.chmod(self.dir, 0o755)
        self.pictures = os.path.join(self.dir, "pictures")
        os.mkdir(self.pictures)
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.server:
            self.server.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def write(self, count, every_ms, start_ms=1795262400000):
        """Writes `count` pictures of 40 KB; gives their paths below self.pictures, by time."""
        return [cctvweb.write_picture(self.pictures, start_ms + i * every_ms, windows=(1,), size=FRAME_BYTES)
                for i in range(count)]

    def serve(self):
        data = os.path.join(self.dir, "data")
        cctvweb.run("scan", "--data", data, self.pictures, timeout=600)
        self.server = cctvweb.Server("--data", data)
        return self.server
