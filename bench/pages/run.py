#!/usr/bin/env python3
"""What the pages of the web app ask for, on a catalog of 200 cameras and a year (bench_year), and on
one of 200 steady cameras that all fell silent.

Each call is asked for cold, once, in a server that has just been started and whose catalog the kernel
was told to forget, and then five times. The figure is the median of these; `cold_ms` stands beside."""

import datetime
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import BUILD, arguments, cctvweb, median, report, say  # noqa: E402

DAY, HOUR = 86400000, 3600000
PAGE_MS, OTHER_MS, WARM = 100, 500, 5


def forget(data):
    file = os.open(os.path.join(data, "catalog.db"), os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def query(path, **parameters):
    pairs = [(name.rstrip("_"), value) for name, values in parameters.items()
             for value in (values if isinstance(values, list) else [values])]
    return "%s?%s" % (path, urllib.parse.urlencode(pairs))


def calls_of_pages(cameras):
    """(name, URL, what it may cost)"""
    newest = max(datetime.datetime.fromisoformat(camera["last"].replace("Z", "+00:00")) for camera in cameras)
    day = int(newest.timestamp() * 1000) // DAY * DAY
    names = [camera["name"] for camera in cameras]
    always, moved, first = names[5], names[1], names[:32]
    month = {"from_": day - 30 * DAY, "to": day + DAY - 1}
    return [
        ("all cameras", "/cameras", PAGE_MS),
        ("newest events of all cameras", "/events?sort=-time&limit=60", PAGE_MS),
        ("the same, not reviewed", "/events?sort=-time&limit=60&reviewed=false", PAGE_MS),
        ("the same, by length", "/events?sort=-duration&limit=60", OTHER_MS),
        ("events of a day of all cameras", query("/events", from_=day, to=day + DAY - 1, sort="time", limit=60), PAGE_MS),
        ("events of a day of a camera that always sends",
         query("/events", camera=always, from_=day, to=day + DAY - 1, sort="time", limit=60), PAGE_MS),
        ("a day of 32 cameras in bars of 5 minutes",
         query("/activity", camera=first, from_=day, to=day + DAY - 1, bucket=300), PAGE_MS),
        ("silences of 32 cameras around a day",
         query("/silences", camera=first, from_=day - DAY, to=day + 2 * DAY), PAGE_MS),
        ("calendar: a month of a camera by hours",
         query("/activity", camera=always, bucket=3600, **month), PAGE_MS),
        ("calendar: a year of a camera by days",
         query("/activity", camera=moved, from_=day - 364 * DAY, to=day + DAY - 1, bucket=86400), PAGE_MS),
        ("a month of all cameras by hours", query("/activity", bucket=3600, **month), OTHER_MS),
        ("a year of all cameras by days",
         query("/activity", from_=day - 364 * DAY, to=day + DAY - 1, bucket=86400), OTHER_MS),
    ]


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", "/api/v1" + path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 200:
        raise SystemExit("%s: %d" % (path, answer.status))
    return took


def measure(data, which, only=None):
    forget(data)
    server = cctvweb.Server("--data", data)
    try:
        cold = ask(server.port, "/cameras")
        for name, path, most in calls_of_pages(server.api("/cameras")["cameras"])[:only]:
            first = ask(server.port, path)
            if path == "/cameras":
                first = cold
            took = median([ask(server.port, path) for _ in range(WARM)])
            report("pages", "%s: %s, ms" % (which, name), value=round(took, 1), reference=most,
                   ratio=round(most / took, 2), target=1, cold_ms=round(first, 1))
    finally:
        server.stop()


def main():
    quick = arguments(__doc__.splitlines()[0]).quick
    cameras, days = ("20", "10") if quick else ("200", "365")
    place = tempfile.mkdtemp(prefix="cctvweb-bench-")
    try:
        for which, more in (("year", [days]), ("silent", ["31" if not quick else "8", "steady"])):
            data = os.path.join(place, which)
            say("making a catalog of %s cameras" % cameras)
            subprocess.run([os.path.join(BUILD, "bench", "bench_year"), data, cameras, *more], check=True,
                           stderr=subprocess.DEVNULL)
            measure(data, which, 1 if which == "silent" else None)
            shutil.rmtree(data)
    finally:
        shutil.rmtree(place, ignore_errors=True)


main()
