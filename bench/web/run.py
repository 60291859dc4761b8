#!/usr/bin/env python3
"""The web app in Chromium on this machine, on a server with real pictures of 1280x1024: what its code
costs on the wire, how soon a picture is there, how fast one steps, what memory a long event takes, and
a day of 3,000 events. Writes what it found between the markers in docs/reference/benchmarks.md, but not
with --quick or --only=PART,PART, which are of browser.mjs."""

import json
import os
import platform
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import ROOT, Place, report, say  # noqa: E402

import cctvweb  # noqa: E402
import pictures  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(ROOT, "docs", "reference", "benchmarks.md")
MARKERS = "<!-- bench/run web -->", "<!-- end of bench/run web -->"
START_MS = 1400810400000  # 2014-05-23T02:00:00Z
STEP_MS, GAP_MS, EVENT_FRAMES = 125, 5000, 400
DAY_MS, DAY_EVENTS = 1400889600000, 3000  # 2014-05-24
VIEWS = 100  # different pictures of the camera


def without_comments(jpeg):
    """A JPEG without its comments, so that it can be given others."""
    at, kept = 2, [jpeg[:2]]
    while jpeg[at + 1] != 0xDA:
        length = 2 + int.from_bytes(jpeg[at + 2:at + 4], "big")
        if jpeg[at + 1] != 0xFE:
            kept.append(jpeg[at:at + length])
        at += length
    return b"".join(kept) + jpeg[at:]


def views(place):
    """Real pictures of 1280x1024, as a simulated camera draws them."""
    folder = os.path.join(place.dir, "views")
    cctvweb.run("simulate", "--to", folder, "--cameras", "1", "--fps", "8", "--start", "2014-05-23T14:00:00Z",
                "--seconds", "600", "--activity", "120", timeout=300)
    files = sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)
    found = []
    for file in files[:VIEWS]:
        with open(file, "rb") as opened:
            found.append(without_comments(opened.read()))
    if len(found) < VIEWS:
        raise SystemExit("the simulated camera gave %d pictures" % len(found))
    return found


def write(path, time_ms, mac, jpeg, windows=()):
    comments = pictures.iqeye_comments(time_ms, mac=mac, windows=windows)
    with open(path, "wb") as file:
        file.write(jpeg[:2] + comments + jpeg[2:])


def seed(place, frames):
    """`frames` pictures of one camera in events of 400, eight a second; 3,000 events of another."""
    real = views(place)
    busy, still = (os.path.join(place.pictures, name) for name in ("busy", "still"))
    os.mkdir(busy), os.mkdir(still)
    for i in range(frames):
        time_ms = START_MS + i * STEP_MS + i // EVENT_FRAMES * GAP_MS
        write(os.path.join(busy, "%06d.jpg" % i), time_ms, pictures.mac_of(1), real[i % VIEWS],
              (1, 3) if i % 40 < 20 else ())
    small = pictures.jpeg(width=640, height=480, size=20000)
    every = 86400000 // DAY_EVENTS
    for i in range(DAY_EVENTS * 3):
        time_ms = DAY_MS + i // 3 * every + i % 3 * 500
        write(os.path.join(still, "%06d.jpg" % i), time_ms, pictures.mac_of(2), small, (2,))


def in_browser(server, plan):
    done = subprocess.run(["node", os.path.join(HERE, "browser.mjs"), server.url], input=json.dumps(plan),
                          text=True, stdout=subprocess.PIPE, timeout=900)
    if done.returncode == 77:
        report("web", "the web app in Chromium", skipped="no browser to try it in; the reason is on standard error")
        return None
    if done.returncode != 0:
        raise SystemExit("the browser failed")
    return json.loads(done.stdout)


def lines(found, plan):
    """What was found, a row each: what, what it is, against what, the ratio, and what it must be."""
    for name, rows in PARTS.items():
        if name in found:
            yield from rows(found[name], plan)


def wire(found, _):
    first, everything = found["first"] / 1024, found["all"] / 1024
    yield "JavaScript of the first page, KB on the wire", first, 80, 80 / first, 1
    yield "all assets of the app, KB on the wire", everything, 200, 200 / everything, 1


def click(found, _):
    yield ("click on an event to its first frame drawn, ms, against the same JPEG in an <img>", found["player"],
           found["image"], found["ratio"], 1 / 1.5)
    yield ("the same with a mouse that presses for 60 ms, from the letting go on", found["mouse"], found["image"],
           found["image"] / found["mouse"], 1 / 1.5)


def step(found, _):
    aim = min(60, found["bare"])
    yield ("steps through an event, frames drawn a second, against 60 or a bare loop of decoding (%.0f)" % found["bare"],
           found["rate"], aim, found["rate"] / aim, 1)


def scrub(found, _):
    yield "scrubbing: blank looks at the picture of %d" % found["looks"], found["blank"], 0, 1 if found["blank"] == 0 else 0, 1


def memory(found, plan):
    yield ("%s frames: MiB of heap and bitmaps, all threads, at most" % "{:,}".format(plan["frames"]), found["most"],
           found["bound"], found["bound"] / found["most"], 1)
    yield ("the same, after %d replays, against after the first ones" % found["replays"], found["last"], found["first"],
           found["first"] / found["last"], 0.9)


def day(found, plan):
    yield "a day of 3,000 events: covers drawn while %d of them were read" % found["read"], found["covers"], 1, min(1, found["covers"]), 1
    yield "the same: the longest task while scrolling, ms", found["longest"], 50, 50 / max(1, found["longest"]), 1
    yield "the same: covers asked for at first and for a jump to its end", found["asked"], plan["near"], plan["near"] / max(1, found["asked"]), 1


PARTS = {"bytes": wire, "click": click, "step": step, "scrub": scrub, "memory": memory, "day": day}


def write_down(rows, plan):
    with open(DOCUMENT) as file:
        text = file.read()
    head, rest = text.split(MARKERS[0])
    tail = rest.split(MARKERS[1])[1]
    table = "| what | measured | against | ratio | must be |\n|---|---|---|---|---|\n" + "".join(
        "| %s | %s | %s | %.2f | %.2f%s |\n" % (what, value, reference, ratio, target, "" if ratio >= target else ", **missed**")
        for what, value, reference, ratio, target in rows)
    said = "%s, %d processors, load %.1f, %s, %s frames.\n\n" % (
        time.strftime("%Y-%m-%d"), os.cpu_count(), os.getloadavg()[0], platform.machine(), "{:,}".format(plan["frames"]))
    with open(DOCUMENT, "w") as file:
        file.write(head + MARKERS[0] + "\n" + said + table + MARKERS[1] + tail)


def main():
    quick = "--quick" in sys.argv[1:]
    only = [argument[len("--only="):].split(",") for argument in sys.argv[1:] if argument.startswith("--only=")]
    plan = {"frames": 3000 if quick else 10000, "rounds": 7 if quick else 21, "replays": 3 if quick else 10,
            "date": "2014-05-23", "day": "2014-05-24", "near": 150}
    if only:
        plan["only"] = only[0]
    with Place() as place:
        say("web: making %d pictures" % plan["frames"])
        seed(place, plan["frames"])
        server = place.serve()
        cameras = {camera["frames"]: camera["name"] for camera in server.api("/cameras")["cameras"]}
        plan["busy"], plan["still"] = cameras[plan["frames"]], cameras[DAY_EVENTS * 3]
        found = in_browser(server, plan)
        if found is None:
            return
        rows = [(what, round(value, 1), round(reference, 1), round(ratio, 3), round(target, 3))
                for what, value, reference, ratio, target in lines(found, plan)]
        for what, value, reference, ratio, target in rows:
            report("web", what, value=value, reference=reference, ratio=ratio, target=target, quick=quick)
        if not quick and not only:
            write_down(rows, plan)


if __name__ == "__main__":
    main()
