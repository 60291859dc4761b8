#!/usr/bin/env python3
"""Scanning 60,000 pictures into an empty catalog, against a bare walk (getdents, openat, pread of 4 KiB,
close) of the same files with as many threads: warm, again with nothing changed, and with a cold cache.

Both are processes, run in turn, so that what else the machine does hits both. The figure is the median of
the ratios of the rounds; the CPU time of both, which other work disturbs less, is given as well."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import BUILD, arguments, cctvweb, median, report, say  # noqa: E402

PROGRAM = os.environ["CCTVWEB"]
BARE = os.path.join(BUILD, "bench", "bench_bare_walk")
START_MS, CAMERAS, FILE_BYTES = 1795262400000, 10, 8192
WARM, AGAIN, COLD, COLD_THREADS, MEMORY = 0.5, 5.0, 0.6, 32, 64 << 20


def make(root, count):
    """Pictures as IQeye cameras name and head them; what follows the head is not read."""
    made = set()
    for number in range(count):
        time_ms, mac = START_MS + number * 400, cctvweb.mac_of(1 + number % CAMERAS)
        data = cctvweb.iqeye_jpeg(time_ms, mac, windows=(1 + number % 3,) if number // 70 % 3 == 0 else ())
        data = data[:-2] + bytes(FILE_BYTES - len(data)) + data[-2:]
        path = os.path.join(root, cctvweb.iqeye_path(time_ms, mac))
        if os.path.dirname(path) not in made:
            made.add(os.path.dirname(path))
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        os.utime(path, ns=(time_ms * 10**6, time_ms * 10**6))


def timed(*command):
    """Runs it; seconds of the clock, seconds of the processors, and what it printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
                          env=cctvweb.environment())
    clock, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def drop_caches():
    """False where that is not allowed."""
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
        return True
    except OSError:
        return False


class Bench:
    def __init__(self, pictures, data, count):
        self.pictures, self.data, self.count = pictures, data, count

    def scan(self, *options, fresh):
        if fresh:
            shutil.rmtree(self.data, ignore_errors=True)
        clock, cpu, out = timed(PROGRAM, "scan", "--data", self.data, "--json", *options, self.pictures)
        found = json.loads(out)
        if (found["added"], found["unchanged"], found["errors"]) != ((self.count, 0, 0) if fresh
                                                                     else (0, self.count, 0)):
            raise SystemExit("the scan found something else: %r" % found)
        return clock, cpu

    def bare(self, threads, *options):
        clock, cpu, out = timed(BARE, str(threads), self.pictures, *options)
        if int(out.split()[0]) != self.count:
            raise SystemExit("the bare walk read %s files" % out)
        return clock, cpu

    def warm(self, threads, rounds):
        """Rounds of (bare, first scan, second scan); each (clock, cpu)."""
        return [(self.bare(threads), self.scan("--threads", str(threads), fresh=True),
                 self.scan("--threads", str(threads), fresh=False)) for _ in range(rounds)]

    def report_warm(self, threads, rounds):
        results = self.warm(threads, rounds)
        first = [bare[0] / scan[0] for bare, scan, _ in results]
        again = [scan[0] / second[0] for _, scan, second in results]
        best = [min(result[i][0] for result in results) for i in range(3)]
        cpu = [min(result[i][1] for result in results) for i in range(3)]
        report("scan", "first scan, warm cache, %d threads, against a bare walk" % threads,
               value=round(self.count / best[1]), reference=round(self.count / best[0]),
               ratio=round(median(first), 3), cpu_ratio=round(cpu[0] / cpu[1], 3), target=WARM, unit="files/s")
        report("scan", "second scan with nothing changed, %d threads, against the first" % threads,
               value=round(self.count / best[2]), reference=round(self.count / best[1]),
               ratio=round(median(again), 2), cpu_ratio=round(cpu[1] / cpu[2], 2), target=AGAIN, unit="files/s")

    def report_cold(self, rounds):
        ratios, best = [], [0, 0]
        for _ in range(rounds):
            if not drop_caches():
                report("scan", "first scan, cold cache", skipped="only root may drop the caches")
                return
            bare = self.bare(COLD_THREADS, "random")[0]
            drop_caches()
            scan = self.scan(fresh=True)[0]
            ratios.append(bare / scan)
            best = [max(best[0], self.count / bare), max(best[1], self.count / scan)]
        report("scan", "first scan, cold cache, against a bare walk with 32 readers", value=round(best[1]),
               reference=round(best[0]), ratio=round(median(ratios), 3), target=COLD, unit="files/s")

    def report_memory(self):
        shutil.rmtree(self.data, ignore_errors=True)
        scan = subprocess.Popen([PROGRAM, "scan", "--data", self.data, self.pictures],
                                stderr=subprocess.DEVNULL, env=cctvweb.environment())
        _, _, usage = os.wait4(scan.pid, 0)
        scan.returncode = 0
        report("scan", "peak memory of a first scan of %d files" % self.count, value=usage.ru_maxrss * 1024,
               reference=MEMORY, ratio=round(MEMORY / (usage.ru_maxrss * 1024), 2), target=1.0, unit="bytes")


def main():
    options = arguments(__doc__)
    count, rounds = (10000, 3) if options.quick else (60000, 7)
    place = tempfile.mkdtemp(prefix="cctvweb-bench-")
    try:
        pictures, data = os.path.join(place, "pictures"), os.path.join(place, "data")
        say("writing %d pictures" % count)
        make(pictures, count)
        bench = Bench(pictures, data, count)
        bench.bare(2)
        for threads in (2, 32):
            bench.report_warm(threads, rounds)
        bench.report_memory()
        bench.report_cold(1 if options.quick else 3)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
