"""What came of a test, and how the formats of test programs are read into that."""

import json
import re
from collections import namedtuple

# result: "passed", "failed" or "skipped"; detail: why it failed or was skipped.
Outcome = namedtuple("Outcome", "name result detail")


def passed(name):
    return Outcome(name, "passed", "")


def failed(name, detail):
    return Outcome(name, "failed", detail)


def skipped(name, why):
    return Outcome(name, "skipped", why)


def counted(outcomes):
    """`N passed, N failed` and, if there are any, `, N skipped`."""
    count = {result: sum(outcome.result == result for outcome in outcomes)
             for result in ("passed", "failed", "skipped")}
    text = "%(passed)d passed, %(failed)d failed" % count
    return text + (", %(skipped)d skipped" % count if count["skipped"] else "")


TAP_LINE = re.compile(r"^(not )?ok\b *(\d*) *-? *([^#]*?) *(?:# *(SKIP)\b *:? *(.*))?$", re.IGNORECASE)


def of_tap(program, text):
    """Each test of a TAP report; a failed one with the comment lines that follow it."""
    found, comments = [], []
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if match:
            bad, number, name, directive, why = match.groups()
            name = "%s: %s" % (program, name or number)
            comments = []
            if directive and directive.upper() == "SKIP":
                found.append(skipped(name, why))
            else:
                found.append([name, bool(bad), comments])
        elif line.startswith("#"):
            comments.append(line[1:].strip())
    return [one if isinstance(one, Outcome)
            else failed(one[0], "\n".join(one[2])) if one[1] else passed(one[0]) for one in found]


def of_meson(path):
    """All tests of Meson's testlog.json, one for each line of TAP. A program that ended badly
    without a failed line (a crash, a time-out, tests that never ran) is a failure of its own."""
    outcomes = []
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            program = json.loads(line)
            name = program["name"].split(" / ")[-1]
            tests = of_tap(name, program.get("stdout", ""))
            good = program["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
            if not good and not any(test.result == "failed" for test in tests):
                tests.append(failed(name, "%s (exit status %s)\n%s\n%s" % (
                    program["result"], program.get("returncode"), program.get("stdout", "")[-1500:],
                    program.get("stderr", "")[-4000:])))
            elif not good and program.get("stderr"):
                tests = [test._replace(detail=test.detail + "\n" + program["stderr"][-2500:])
                         if test.result == "failed" else test for test in tests]
            if good and not tests:
                tests = [skipped(name, "by the program") if program["result"] == "SKIP" else passed(name)]
            outcomes += tests
    return outcomes


def of_vitest(path, prefix):
    """All tests of Vitest's JSON report."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    outcomes = []
    for suite in report["testResults"]:
        file_name = suite["name"].split("/web/")[-1]
        tests = suite["assertionResults"]
        if suite["status"] == "failed" and not any(test["status"] == "failed" for test in tests):
            outcomes.append(failed("%s %s" % (prefix, file_name), suite.get("message", "")))
        for test in tests:
            name = "%s %s: %s" % (prefix, file_name, test["fullName"])
            if test["status"] == "passed":
                outcomes.append(passed(name))
            elif test["status"] == "failed":
                outcomes.append(failed(name, "\n".join(test.get("failureMessages") or [])))
            else:
                outcomes.append(skipped(name, test["status"]))
    return outcomes
