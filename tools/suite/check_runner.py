"""The closing line of ./test is only worth what the reading of reports is worth: these reports have
faults that must be counted."""

import json
import os
import sys
import tempfile
import unittest

from outcome import counted, of_meson, of_tap, of_vitest


def meson_report(*programs):
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        for program in programs:
            file.write(json.dumps({"name": "cctvweb:unit / x", "stdout": "", "stderr": "", "returncode": 0, **program}) + "\n")
    try:
        return of_meson(file.name)
    finally:
        os.unlink(file.name)


class Reading(unittest.TestCase):
    def test_tap(self):
        text = "TAP version 13\n1..4\nok 1 - a\nnot ok 2 - b\n# why\n# and where\nok 3 # SKIP\nok 4 - d # SKIP no disk\n"
        found = of_tap("x", text)
        self.assertEqual(counted(found), "1 passed, 1 failed, 2 skipped")
        self.assertEqual(found[1].detail, "why\nand where")
        self.assertEqual(found[3].detail, "no disk")

    def test_a_crash_after_good_tests_is_a_failure(self):
        found = meson_report({"result": "ERROR", "returncode": -11, "stdout": "1..3\nok 1 - a\nok 2 - b\n", "stderr": "boom"})
        self.assertEqual(counted(found), "2 passed, 1 failed")
        self.assertIn("boom", found[2].detail)

    def test_a_time_out_is_a_failure(self):
        self.assertEqual(counted(meson_report({"result": "TIMEOUT", "returncode": -9})), "0 passed, 1 failed")

    def test_each_case_counts(self):
        found = meson_report({"result": "OK", "stdout": "1..2\nok 1 - a\nok 2 - b\n"}, {"result": "OK"},
                             {"result": "FAIL", "stdout": "1..2\nok 1 - a\nnot ok 2 - b\n"}, {"result": "SKIP"})
        self.assertEqual(counted(found), "4 passed, 1 failed, 1 skipped")

    def test_vitest_counts_files_that_did_not_load(self):
        report = {"testResults": [
            {"name": "/x/web/a.test.ts", "status": "passed", "assertionResults": [
                {"fullName": "one", "status": "passed"}, {"fullName": "two", "status": "pending"}]},
            {"name": "/x/web/b.test.ts", "status": "failed", "message": "no such module", "assertionResults": []}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(report, file)
            file.flush()
            self.assertEqual(counted(of_vitest(file.name, "web")), "1 passed, 1 failed, 1 skipped")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
