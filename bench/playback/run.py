#!/usr/bin/env python3
"""A whole event (200 frames of 40 KB) as one /playback stream, against fetching its frames one by
one over six keep-alive connections: with 2 ms of round trip, and in a browser on loopback."""

import json
import os
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import BUILD, FRAME_BYTES, Place, arguments, median, report, say  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FRAMES, CONNECTIONS, DELAY_US = 200, 6, 1000


class Relay:
    def __init__(self, port, delay_us):
        self.process = subprocess.Popen([os.path.join(BUILD, "bench", "bench_relay"), str(port), str(delay_us)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.communicate()


def fetch(port, connections, paths):
    """Seconds to get all paths."""
    done = subprocess.run([os.path.join(BUILD, "bench", "bench_fetch"), str(port), str(connections), paths],
                          stdout=subprocess.PIPE, text=True, check=True)
    nanoseconds, size = map(int, done.stdout.split())
    if size != FRAMES * FRAME_BYTES:
        raise SystemExit("%d bytes came, not %d" % (size, FRAMES * FRAME_BYTES))
    return nanoseconds / 1e9


def with_latency(port, lists, rounds, delay_us):
    """Median seconds frame by frame and as a stream, of their ratios, and the ratio of the best."""
    times = {"frames": [], "stream": []}
    with Relay(port, delay_us) as relay:
        for i in range(-1, rounds):
            for name, connections in (("frames", CONNECTIONS), ("stream", 1)):
                seconds = fetch(relay.port, connections, lists[name])
                if i >= 0:
                    times[name].append(seconds)
    ratio = median([a / b for a, b in zip(times["frames"], times["stream"])])
    return median(times["frames"]), median(times["stream"]), ratio, min(times["frames"]) / min(times["stream"])


def in_browser(server, urls, stream, rounds, quick):
    what = "seconds for an event as one stream, against frame by frame, in Chromium on loopback"
    try:
        done = subprocess.run(["node", os.path.join(HERE, "browser.mjs"), server.url, str(rounds)],
                              input=json.dumps({"frames": urls, "stream": stream}), text=True,
                              stdout=subprocess.PIPE, timeout=300)
    except FileNotFoundError:
        done = subprocess.CompletedProcess([], 77)
        say("playback: node is not installed")
    if done.returncode == 77:
        report("playback", what, skipped="no browser to try it in; the reason is on standard error", target=3)
        return
    if done.returncode != 0:
        raise SystemExit("the browser failed")
    results = json.loads(done.stdout)
    for result in results:
        if result["bytes"] != [FRAMES * FRAME_BYTES] * 2:
            raise SystemExit("the browser got %s bytes" % result["bytes"])
    report("playback", what, value=round(median([r["stream"] for r in results]) / 1e3, 5),
           reference=round(median([r["frames"] for r in results]) / 1e3, 5),
           ratio=round(median([r["frames"] / r["stream"] for r in results]), 2), target=3, rounds=rounds, quick=quick)


def main():
    quick = arguments(__doc__).quick
    rounds = 5 if quick else 25
    with Place() as place:
        place.write(FRAMES, 100)
        server = place.serve()
        event = server.api("/events")["events"][0]
        if event["frames"] != FRAMES:
            raise SystemExit("the event has %d frames, not %d" % (event["frames"], FRAMES))
        query = {"camera": event["camera"], "from": event["start"], "to": event["end"]}
        stream = "/api/v1/playback?" + urllib.parse.urlencode(query)
        frames = server.pages("/frames", "frames", camera=event["camera"], limit=1000)
        urls = [frame["url"] for frame in sorted(frames, key=lambda frame: frame["time"])]
        whole = server.get(stream).body
        single = b"".join(server.get(url).body for url in urls)
        if whole != single:
            raise SystemExit("the stream is not the frames one after another")
        lists = {}
        for name, paths in (("frames", urls), ("stream", [stream])):
            lists[name] = os.path.join(place.dir, name)
            with open(lists[name], "w") as file:
                file.write("".join(path + "\n" for path in paths))
        one, all_at_once, ratio, best = with_latency(server.port, lists, rounds, DELAY_US)
        report("playback", "seconds for an event as one stream, against frame by frame, 2 ms of round trip",
               value=round(all_at_once, 5), reference=round(one, 5), ratio=round(ratio, 2), target=6, best_ratio=round(best, 2),
               rounds=rounds, quick=quick)
        one, all_at_once, ratio, best = with_latency(server.port, lists, rounds, 0)
        report("playback", "the same through the relay without delay: what the relay itself costs",
               value=round(all_at_once, 5), reference=round(one, 5), ratio=round(ratio, 2),
               best_ratio=round(best, 2), rounds=rounds, quick=quick)
        in_browser(server, urls, stream, 5 if quick else 15, quick)


if __name__ == "__main__":
    main()
