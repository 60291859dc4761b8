"""Runs the steps of ./test, two at a time, and sums them up. See steps.py for what they are."""

import argparse
import os
import sys
import threading
import time
import traceback

import steps
from outcome import counted, failed, skipped
from shell import LOGS, ROOT, Log

LANES = 2


class Run:
    """Steps wait for those they need; when one of those failed they are skipped, saying so."""

    def __init__(self, wanted):
        self.waiting = list(wanted)
        self.running, self.outcomes = set(), {}
        self.changed = threading.Condition()
        self.jobs = max(1, ((os.cpu_count() or 2) + 1) // LANES)

    def next_step(self):
        """A step that may start, None when there are no more; blocks while all wait for others."""
        with self.changed:
            while self.waiting:
                names = {step.name for step in self.waiting} | self.running
                for step in self.waiting:
                    if not names & set(step.after):
                        self.waiting.remove(step)
                        self.running.add(step.name)
                        return step
                self.changed.wait()
            return None

    def broken(self, step):
        return [name for name in step.after
                if any(outcome.result == "failed" for outcome in self.outcomes.get(name, []))]

    def work(self):
        while (step := self.next_step()) is not None:
            started, log, broken = time.monotonic(), Log(step.name), self.broken(step)
            try:
                outcomes = ([skipped(step.name, "needs %s, which failed" % ", ".join(broken))] if broken
                            else step.run(log, self.jobs))
            except Exception:  # a fault of a step must not hide the other steps
                outcomes = [failed(step.name, traceback.format_exc())]
            with self.changed:
                self.outcomes[step.name] = outcomes
                self.running.discard(step.name)
                print("%-11s %5.0f s  %s" % (step.name, time.monotonic() - started, counted(outcomes)), flush=True)
                self.changed.notify_all()

    def all(self):
        lanes = [threading.Thread(target=self.work, daemon=True) for _ in range(LANES)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        return self.outcomes


def choose(names, quick):
    """The steps asked for, with those they need; names that are no step are tests of the build."""
    table = {step.name: step for step in steps.STEPS}
    tests = [name for name in names if name not in table]
    chosen = [name for name in names if name in table]
    if not names:
        chosen = [step.name for step in steps.STEPS if step.quick or not quick]
    if tests:
        table["tests"] = steps.Step("tests", lambda log, jobs: steps.meson_tests("gcc", log, jobs, *tests),
                                    ["gcc"], False, "")
        chosen.append("tests")
    todo, wanted = list(chosen), set()
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += table[name].after
    return [step for step in table.values() if step.name in wanted]


def report(outcomes):
    for outcome in outcomes:
        if outcome.result == "skipped":
            print("skipped: %s (%s)" % (outcome.name, outcome.detail or "no reason given"))
    for outcome in outcomes:
        if outcome.result == "failed":
            print("\nFAILED: %s" % outcome.name)
            for line in outcome.detail.strip().splitlines()[-40:]:
                print("    " + line)
    if any(outcome.result == "failed" for outcome in outcomes):
        print("\nThe logs are in %s." % os.path.relpath(LOGS, ROOT))
    print(counted(outcomes))


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Builds and tests everything.")
    parser.add_argument("--quick", action="store_true", help="only what takes a minute")
    parser.add_argument("--list", action="store_true", help="show the steps")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a step, or a test of the build")
    arguments = parser.parse_args()
    if arguments.list:
        for step in steps.STEPS:
            print("%-11s %s%s" % (step.name, step.about, " (--quick)" if step.quick else ""))
        return 0
    by_step = Run(choose(arguments.names, arguments.quick)).all()
    outcomes = [outcome for step in by_step.values() for outcome in step]
    report(outcomes)
    return 1 if not outcomes or any(outcome.result == "failed" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
