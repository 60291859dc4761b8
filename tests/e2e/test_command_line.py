"""What holds for every command: help with an example, one-line refusals, exit statuses."""

import fcntl
import os
import pty
import re
import stat
import struct
import termios

import cctvweb
from cctvweb import START_MS, run, write_picture


class CommandLine(cctvweb.Case):
    def commands(self):
        return re.findall(r"^  (\w+) {2,}\S", run("--help").out, re.MULTILINE)

    def test_help_of_each_command_shows_its_use_and_an_example(self):
        for command in self.commands():
            with self.subTest(command=command):
                text = run(command, "--help").out
                self.assertIn("cctvweb " + command, text)
                self.assertRegex(text.lower(), r"example")

    def test_unknown_commands_and_options_are_usage_errors_with_a_reason(self):
        refused = run("nonsense", status=2)
        self.assertIn("nonsense", refused.err)
        self.assertEqual(run(status=2).out, "")
        for command in self.commands():
            with self.subTest(command=command):
                refused = run(command, "--no-such-option", status=2)
                self.assertEqual(refused.out, "")
                self.assertNotEqual(refused.err.strip(), "")
                self.assertLessEqual(len(refused.err.strip().splitlines()), 3, refused.err)

    def test_version(self):
        self.assertRegex(run("--version").out, r"^cctvweb \d+\.\d+\.\d+\n$")

    def test_progress_keeps_to_one_line_of_the_terminal(self):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 40, 0, 0))
        process = self.start("simulate", "--to", self.path("made"), "--cameras", 2, "--seconds", 40, "--fps", 5,
                             "--start", "2014-05-23T12:00:00Z", "--activity", 200, stderr=slave)
        os.close(slave)
        drawn = b""
        while True:
            try:
                drawn += os.read(master, 65536)
            except OSError:
                break
        os.close(master)
        self.assertEqual(process.wait(), 0)
        lines = [line for line in drawn.replace(b"\x1b[K", b"").split(b"\r") if line.startswith(b"simulate [")]
        self.assertGreater(len(lines), 0, drawn)
        self.assertLess(max(len(line) for line in lines), 40, lines)

    def test_what_is_kept_is_the_owners_alone(self):
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        write_picture(self.path("pictures"), START_MS)
        data = self.path("above", "data")
        server = self.serve("--data", data, self.path("pictures"))
        self.wait_until(lambda: server.api("/cameras")["cameras"], what="the camera")
        frame = server.api("/frames", camera="00_50_1a_02_2c_be")["frames"][0]
        server.get(frame["url"], width=32)
        self.wait_until(lambda: os.path.isdir(os.path.join(data, "cache")), what="the cache")
        server.stop()
        found = [data] + [os.path.join(folder, name) for folder, folders, names in os.walk(data)
                          for name in folders + names]
        self.assertGreater(len(found), 4, found)
        for path in found:
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, path)

    def test_a_catalog_in_an_open_folder_is_the_owners_alone(self):
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        os.makedirs(self.data, exist_ok=True)
        write_picture(self.path("pictures"), START_MS)
        self.scan(self.path("pictures"))
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.data, "catalog.db")).st_mode), 0o600)

    def test_hashes_of_passwords_are_the_owners_alone(self):
        """Whichever command makes the catalog, and though an earlier one left it open to others."""
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        data = self.path("new")
        cctvweb.run("camera", "add", "yard", "--data", data)
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o700)
        for name in os.listdir(data):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(data, name)).st_mode) & 0o077, 0, name)
        os.chmod(data, 0o755)
        os.chmod(os.path.join(data, "catalog.db"), 0o644)
        for command in (("camera", "add", "gate"), ("reindex",)):
            cctvweb.run(*command, "--data", data)
            for name in os.listdir(data):
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(data, name)).st_mode) & 0o077, 0,
                                 (command, name))


if __name__ == "__main__":
    cctvweb.main()
