#!/usr/bin/env python3
"""Runs benches in turn. A row of BENCHES is a bench: its name, its command, and the command with
--quick. NAME:PART,PART... runs some parts of a bench that has parts. Programs are looked for in
$BENCH_BUILD/bench."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BENCH_BUILD", os.path.join(HERE, "..", "build", "release"))


def python(name):
    script = [sys.executable, os.path.join(HERE, name, "run.py")]
    return script, script + ["--quick"]


def program(name, *arguments, quick=()):
    path = os.path.join(BUILD, "bench", name)
    return [path, *arguments], [path, *(quick or arguments)]


BENCHES = {
    "scan": python("scan"),
    "parse": program("parse_bench"),
    "catalog": program("bench_catalog", quick=("200000",)),
    "events": program("bench_events", quick=("300000",)),
    "pages": python("pages"),
    "http": python("http"),
    "playback": python("playback"),
    "export": python("export"),
    "simulate": python("simulate"),
    "ftp": python("ftp"),
    "web": python("web"),
}
PARTS = {"web": ["bytes", "click", "step", "scrub", "day", "memory"]}


def understood(name):
    bench, _, parts = name.partition(":")
    return bench in BENCHES and (":" not in name or all(part in PARTS.get(bench, []) for part in parts.split(",")))


def command_of(name, quick):
    bench, _, parts = name.partition(":")
    return BENCHES[bench][1 if quick else 0] + (["--only=" + parts] if parts else [])


def judge(line, lost):
    """Takes a line of a bench; says on standard error how it stands to its target."""
    print(line, end="", flush=True)
    try:
        result = json.loads(line)
    except ValueError:
        lost.append("not JSON: " + line.strip())
        return
    target, ratio = result.get("target"), result.get("ratio")
    if "skipped" in result:
        print("skipped: %s: %s" % (result["what"], result["skipped"]), file=sys.stderr)
    elif target is not None and ratio is not None:
        reached = ratio >= target
        print("%s: %s: %s (target %s)" % ("reached" if reached else "MISSED", result["what"], ratio, target),
              file=sys.stderr)
        if not reached:
            lost.append(result["what"])


def main():
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    flags = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    unknown = [name for name in names if not understood(name)] + [f for f in flags if f not in ("--quick", "--list", "-h", "--help")]
    if unknown or "-h" in flags or "--help" in flags:
        out = sys.stderr if unknown else sys.stdout
        if unknown:
            print("bench/run does not know %s" % ", ".join(unknown), file=out)
        print("usage: bench/run [--quick] [--list] [NAME[:PART,...]...]\n\nbenches: %s\nparts: %s\n\nexample: bench/run --quick http"
              % (" ".join(BENCHES), "; ".join("%s:%s" % (name, ",".join(PARTS[name])) for name in PARTS)), file=out)
        return 2 if unknown else 0
    if "--list" in flags:
        print("\n".join(BENCHES))
        return 0
    lost = []
    for name in names or BENCHES:
        print("--- %s" % name, file=sys.stderr)
        command = command_of(name, "--quick" in flags)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bench:
            for line in bench.stdout:
                judge(line, lost)
        if bench.returncode:
            lost.append("%s ended with %d" % (name, bench.returncode))
    for what in lost:
        print("not reached: " + what, file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
