#!/usr/bin/env python3
"""Simulated cameras: pictures of 1280x1024 a second, as fast as possible."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import Place, arguments, cctvweb, report  # noqa: E402


def main():
    quick = arguments(__doc__).quick
    with Place() as place:
        for threads in (1, os.cpu_count()):
            summary = cctvweb.run(
                "simulate", "--to", os.path.join(place.dir, str(threads)), "--cameras", 4, "--json",
                "--start", "2026-06-20T06:00:00Z", "--seconds", 900 if quick else 3600,
                "--activity", 30, "--threads", threads, timeout=600).json()
            report("simulate", "frames/s of four simulated cameras, 1280x1024, threads: %d" % threads,
                   value=summary["frames_per_second"], frames=summary["frames"],
                   bytes_a_frame=summary["bytes"] // summary["frames"], quick=quick)


if __name__ == "__main__":
    main()
