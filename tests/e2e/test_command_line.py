"""What holds for every command: help with an example, one-line refusals, exit statuses."""

import re

import cctvweb
from cctvweb import run


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


if __name__ == "__main__":
    cctvweb.main()
