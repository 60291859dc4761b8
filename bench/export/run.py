#!/usr/bin/env python3
"""A range as a QuickTime film over HTTP, against `ffmpeg -c copy` that makes one of the same frames,
and what an export takes in memory when there are many."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import Place, arguments, cctvweb, cpu_seconds, median, report, say  # noqa: E402

MANY_BYTES = 600


def timed(command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def samples(film):
    """The pictures in a film, one hash over all."""
    done = subprocess.Popen(["ffmpeg", "-v", "error", "-i", film, "-c", "copy", "-f", "mjpeg", "-"], stdout=subprocess.PIPE)
    digest = hashlib.file_digest(done.stdout, "sha256").hexdigest()
    if done.wait() != 0:
        raise SystemExit("ffmpeg cannot read %s" % film)
    return digest


def speed(place, quick):
    frames, rounds = (1000, 3) if quick else (4000, 9)
    place.write(frames, 100)
    server = place.serve()
    event = server.api("/events")["events"][0]
    query = {"camera": event["camera"], "from": event["start"], "to": event["end"]}
    url = server.url + "/api/v1/export?" + urllib.parse.urlencode(dict(query, format="mov"))
    ours, theirs = place.dir + "/ours.mov", place.dir + "/theirs.mov"
    stream = place.dir + "/all.mjpeg"
    with open(stream, "wb") as file:
        file.write(server.get("/api/v1/export", **dict(query, format="mjpeg")).body)
    fetch = ["curl", "-s", "--fail", "-o", "/dev/null", url]
    # From one file that is read through, which is easier than the frames' own files are for us.
    remux = ["ffmpeg", "-v", "error", "-y", "-f", "mjpeg", "-framerate", "10", "-i", stream, "-c", "copy", "-f", "mov", "/dev/null"]
    subprocess.run(fetch[:4] + [ours, url], check=True)
    subprocess.run(remux[:-1] + [theirs], check=True)
    if samples(ours) != samples(theirs):
        raise SystemExit("the films do not hold the same pictures")
    times = {"ours": [], "theirs": []}
    computed = []
    for i in range(-1, rounds):
        before = cpu_seconds(server.process.pid)
        fetched = timed(fetch)
        computed.append(cpu_seconds(server.process.pid) - before)
        remuxed = timed(remux)
        if i < 0:
            computed.clear()
            continue
        times["ours"].append(frames / fetched)
        times["theirs"].append(frames / remuxed)
    ratio = median([a / b for a, b in zip(times["ours"], times["theirs"])])
    report("export", "frames/s of 40 KB as a film over HTTP, from their own files, against ffmpeg -c copy from one stream",
           value=round(median(times["ours"])), reference=round(median(times["theirs"])), ratio=round(ratio, 2), target=1,
           rounds=rounds, cpu_us=round(median(computed) * 1e6 / frames), quick=quick)
    archive = url.replace("format=mov", "format=zip")
    rates = [frames / timed(["curl", "-s", "--fail", "-o", "/dev/null", archive]) for _ in range(3)]
    report("export", "frames/s of 40 KB as an archive with SHA-256 of each, over HTTP", value=round(median(rates)), quick=quick)


def peak_kb(arguments):
    """What a command had in memory at most, looked at while it runs: what the kernel says at its end
    counts us before it became another program."""
    process = subprocess.Popen([cctvweb.PROGRAM] + arguments, stderr=subprocess.DEVNULL, env=cctvweb.environment())
    peak = 0
    while process.poll() is None:
        with open("/proc/%d/status" % process.pid) as file:
            for line in file:
                if line.startswith("VmHWM:") and os.readlink("/proc/%d/exe" % process.pid) == os.path.realpath(cctvweb.PROGRAM):
                    peak = int(line.split()[1])
        time.sleep(0.002)
    if process.returncode != 0:
        raise SystemExit("%s failed" % " ".join(arguments))
    return peak


def memory(quick):
    few, many = (1000, 5000) if quick else (1000, 100000)
    with Place() as place:
        for i in range(many):
            cctvweb.write_picture(place.pictures, 1795262400000 + i * 50, size=MANY_BYTES)
        data = os.path.join(place.dir, "data")
        cctvweb.run("scan", "--data", data, place.pictures, timeout=600)
        camera = cctvweb.run("events", "--data", data, "--json", "--limit", "1").json()["events"][0]["camera"]
        for format in ("mov", "zip"):
            peaks = []
            for count in (few, many):
                peaks.append(peak_kb(["export", "--data", data, "--camera", camera, "--from", "1795262400000", "--to",
                                      str(1795262400000 + (count - 1) * 50), "--force", "-o", place.dir + "/many." + format]))
            report("export", "bytes of memory more for each picture of %d as %s" % (many, format),
                   value=round((peaks[1] - peaks[0]) * 1024 / (many - few), 1), peak_kb=peaks[1], quick=quick)


def main():
    quick = arguments(__doc__).quick
    if shutil.which("ffmpeg") is None or shutil.which("curl") is None:
        say("export: ffmpeg or curl is not installed")
        report("export", "frames/s as a film", skipped="no ffmpeg or curl", target=1)
        return
    with Place() as place:
        speed(place, quick)
    memory(quick)


if __name__ == "__main__":
    main()
