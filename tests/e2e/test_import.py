"""`cctvweb import`: lists of paths and IQeye comments."""

import json
import os
import signal
import subprocess
import time

import cctvweb
from catalog_truth import catalog_files
from cctvweb import START_MS, events_of, iqeye_path, mac_of, mac_text, rfc3339, run, write_picture


def comment(time_ms, kinds=("none",), windows=()):
    facts = {"sequence": time_ms // 55, "time": time_ms, "event": list(kinds)}
    if windows:
        facts["motionWindows"] = list(windows)
    return json.dumps({"IQimage": facts}, separators=(",", ":"))


def quoted(path, text):
    return '%s,"%s",\n' % (path, text.replace('"', '""'))


def raw(path, text):
    return "%s,%s\n" % (path, text)


class Import(cctvweb.Case):
    def take(self, text, *arguments, status=0):
        """Imports a list; the report."""
        path = self.path("list.csv")
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        return run("import", "--data", self.data, "--json", *arguments, path, status=status).json()

    def test_the_sample(self):
        sample = cctvweb.sample_csv()
        report = run("import", "--data", self.data, "--json", sample).json()
        self.assertEqual((report["rows"], report["added"], report["bad_rows"]), (199, 199, 0))
        self.assertEqual(report["cameras_new"], ["00_50_1a_02_2c_be"])
        again = run("import", "--data", self.data, "--json", sample).json()
        self.assertEqual((again["added"], again["replaced"], again["unchanged"]), (0, 0, 199))
        for dwell_s, events, most, third in ((1, 52, 13, 15), (2, 30, 20, 10), (3, 25, 40, 9), (5, 25, 40, 9),
                                             (10, 21, 40, 8), (30, 14, 47, 7), (60, 6, 73, 5), (300, 3, 86, 3)):
            found = self.events("--dwell", dwell_s)
            self.assertEqual((len(found), max(event["frames"] for event in found),
                              sum(3 in event["windows"] for event in found)), (events, most, third), dwell_s)
        self.check()

    def test_both_forms_mixed_with_all_line_ends(self):
        times = [START_MS + n * 700 for n in range(200)]
        rows = []
        for number, time_ms in enumerate(times):
            row = (quoted, raw)[number % 2](iqeye_path(time_ms), comment(time_ms, windows=(number % 8 + 1,)))
            rows.append(row if number % 3 else row[:-1] + "\r\n")
        report = self.take("\ufeff" + "".join(rows)[:-1])
        self.assertEqual((report["added"], report["bad_rows"]), (200, 0))
        self.assertEqual([(event["start"], event["end"], event["frames"])
                          for event in self.events("--dwell", 1, "--sort", "time")],
                         [(rfc3339(start), rfc3339(end), count) for start, end, count in events_of(times, 1000)])
        self.check()

    def test_bad_rows_are_told_and_the_rest_is_imported(self):
        path = iqeye_path(START_MS)
        rows = ["path,json\n",                                     # 1: a header
                quoted(iqeye_path(START_MS), comment(START_MS)),   # 2
                "%s,\"{\"\"IQimage\"\":{\n" % path,                # 3: not closed
                raw(iqeye_path(START_MS + 1), comment(START_MS + 1)),
                raw("dir/", comment(START_MS + 2)),                # 5: no name
                raw(path, '{"IQimage":{"time":'),                  # 6: no JSON
                raw(path, "{}"),                                   # 7: not a comment of the camera's
                ",%s\n" % comment(START_MS),                       # 8: no path
                raw("x" * 300 + ".jpg", comment(START_MS)),        # 9: a name too long
                raw("y" * 70000, comment(START_MS)),               # 10: a row too long
                raw(iqeye_path(START_MS + 5), comment(START_MS + 5))]
        report = self.take("".join(rows))
        self.assertEqual([bad["line"] for bad in report["bad"]], [1, 3, 5, 6, 7, 8, 9, 10])
        self.assertTrue(all(bad["reason"] for bad in report["bad"]))
        self.assertEqual((report["rows"], report["added"], report["bad_rows"]), (11, 3, 8))
        self.check()

    def test_many_bad_rows_do_not_flood(self):
        path = self.path("list.csv")
        with open(path, "w") as file:
            file.write("nonsense\n" * 5000 + raw(iqeye_path(START_MS), comment(START_MS)))
        result = run("import", "--data", self.data, "--json", path)
        report = result.json()
        self.assertEqual((report["bad_rows"], len(report["bad"]), report["added"]), (5000, 1000, 1))
        self.assertLess(len(result.err.splitlines()), 40)
        self.assertIn("list.csv:20: ", result.err)

    def test_a_list_of_nothing_but_bad_rows_fails(self):
        self.take("a\nb\n", status=1)
        self.take("")

    def test_paths_are_below_the_root_or_the_list(self):
        for number, (name, arguments, folder) in enumerate((
                ("a.jpg", (), self.dir), ("a.jpg", ("--root", self.pictures), self.pictures),
                ("x/../y//./a.jpg", ("--root", self.pictures), self.pictures + "/y"),
                ("/somewhere/../elsewhere/a.jpg", (), "/elsewhere"))):
            self.data = self.path("data-%d" % number)
            self.take(raw(name, comment(START_MS)), *arguments)
            self.assertEqual(list(catalog_files(self.data)), [os.path.join(os.path.realpath(folder), "a.jpg")])

    def test_a_list_and_a_scan_of_the_same_files(self):
        times = [START_MS + n * 500 for n in range(100)]
        for time_ms in times:
            write_picture(self.pictures, time_ms)
        text = "".join(raw(iqeye_path(time_ms), comment(time_ms)) for time_ms in times)
        text += raw("missing.jpg", comment(START_MS + 10**6))
        report = self.take(text, "--root", self.pictures)
        self.assertEqual((report["added"], report["missing_files"]), (101, 1))
        scanned = run("scan", "--data", self.data, "--json", self.pictures).json()
        self.assertEqual((scanned["added"], scanned["replaced"], scanned["vanished"]), (0, 100, 1))
        complete = catalog_files(self.data)
        self.assertEqual(len(complete), 100)
        # The list again takes nothing away from what the files said.
        again = self.take(text, "--root", self.pictures)
        self.assertEqual((again["replaced"], again["unchanged"], again["added"]), (0, 100, 1))
        self.assertEqual({path: facts for path, facts in catalog_files(self.data).items() if path in complete},
                         complete)
        self.check()

    def test_the_camera_is_found_by_its_folder(self):
        rows = [raw("/share/%s/05-23/09/09_08_27.trig-01.jpg" % mac_text(mac_of(n), "_"), comment(START_MS + n))
                for n in range(3)]
        self.assertEqual(self.take("".join(rows))["cameras_new"], [mac_text(mac_of(n), "_") for n in range(3)])
        self.data = self.path("named")
        self.assertEqual(self.take(raw(self.pictures + "/Gate/a.jpg", comment(START_MS)), "--root",
                                   self.pictures)["cameras_new"], ["Gate"])

    def test_standard_input(self):
        report = run("import", "--data", self.data, "--json", "-", input=raw("a.jpg", comment(START_MS)),
                     cwd=self.dir).json()
        self.assertEqual(report["added"], 1)
        self.assertEqual(list(catalog_files(self.data)), [os.path.join(os.path.realpath(self.dir), "a.jpg")])

    def test_many_rows_in_little_memory(self):
        rows = 200000
        path = self.path("list.csv")
        with open(path, "w") as file:
            for number in range(rows):
                time_ms = START_MS + number * 55
                file.write(quoted(iqeye_path(time_ms) if number % 1000 == 0 else "cam/%d.jpg" % number,
                                  comment(time_ms)))
        process = self.start("import", "--data", self.data, "--json", path, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((process.returncode, json.loads(out)["added"]), (0, rows))
        if cctvweb.PATIENCE < 2:  # sanitizers have a memory of their own
            self.assertLess(usage.ru_maxrss, 64 * 1024, "KiB")

    def test_ended_by_a_signal_it_keeps_what_it_read(self):
        process = self.start("import", "--data", self.data, "-", stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                             cwd=self.dir)
        for number in range(3000):
            process.stdin.write(raw("%d.jpg" % number, comment(START_MS + number)).encode())
        process.stdin.flush()
        self.wait_until(lambda: os.path.exists(os.path.join(self.data, "catalog.db")))
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)  # the pipe stays open and silent
        process.wait(5 * cctvweb.PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(len(catalog_files(self.data)), 3000)
        self.check()

    def test_usage(self):
        self.assertIn("example:", run("import", "--help").out)
        for arguments in ((), ("--wrong", "x"), ("--root",)):
            self.assertEqual(len(run("import", *arguments, status=2).err.strip().splitlines()), 1)
        self.assertIn("nowhere.csv", run("import", "--data", self.data, self.path("nowhere.csv"), status=1).err)


if __name__ == "__main__":
    cctvweb.main()
