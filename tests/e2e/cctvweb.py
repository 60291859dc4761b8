"""What the end-to-end tests share: the built program, a place for its files, a server, pictures.

A test file is a unittest module that ends with

    if __name__ == "__main__":
        cctvweb.main()

and is named in the list of tests/e2e/meson.build. It drives the program of $CCTVWEB (default
build/cctvweb) and nothing else, keeps to its own temporary folder and to loopback, and can run
beside any other test. Only Python's standard library is used.
"""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import unittest
import urllib.parse

import described
from pictures import *  # noqa: F401,F403  (jpeg, iqeye_jpeg, iqeye_path, write_picture, mac_of ...)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.abspath(os.environ.get("CCTVWEB", os.path.join(ROOT, "build", "cctvweb")))
# Sanitizers make the program several times slower; waiting times are multiplied by this.
PATIENCE = float(os.environ.get("CCTVWEB_TEST_PATIENCE", "1"))

NOBODY = 65534


def sample_csv():
    """The path of iqeye-sample.csv where it is at hand, else skips the test and says so."""
    candidates = [os.environ.get("CCTVWEB_SAMPLE_DATA", ""), os.path.join(ROOT, "..", "shared", "data")]
    for folder in candidates:
        path = os.path.join(folder, "iqeye-sample.csv")
        if folder and os.path.exists(path):
            return path
    raise unittest.SkipTest("iqeye-sample.csv is not at hand (CCTVWEB_SAMPLE_DATA names its folder)")


def environment(**changes):
    """The environment of the program: nothing of the user's settings gets in."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("CCTVWEB_") and name not in ("XDG_DATA_HOME", "TZ")}
    env.update({name: str(value) for name, value in changes.items()})
    return env


def free_port():
    """A port to listen on: from below those that connections are given, so that no client of a test
    that runs beside takes it meanwhile."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::", port))
                return port
            except OSError:
                continue


class Result:
    """What a finished command left: status, out and err (text), and out read as JSON."""

    def __init__(self, arguments, status, out, err):
        self.arguments, self.status, self.out, self.err = arguments, status, out, err

    def json(self):
        return json.loads(self.out)

    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def __repr__(self):
        return "%s: status %s\n--- stdout\n%s\n--- stderr\n%s" % (
            " ".join(self.arguments), self.status, self.out[-4000:], self.err[-4000:])


def run(*arguments, status=0, timeout=60, input=None, env=None, cwd=None):
    """Runs `cctvweb ARGUMENT...`. The exit status must be `status` (None: any)."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run([PROGRAM] + arguments, input=input, env=env or environment(), cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout * PATIENCE,
                          text=True, errors="backslashreplace")
    result = Result(arguments, done.returncode, done.stdout, done.stderr)
    refuse_crash(result)
    if status is not None and done.returncode != status:
        raise AssertionError("expected status %s, got %r" % (status, result))
    return result


def start(*arguments, env=None, **options):
    """Starts `cctvweb ARGUMENT...` and returns the Popen; Case.start also ends it."""
    return subprocess.Popen([PROGRAM] + [str(argument) for argument in arguments],
                            env=env or environment(), **options)


def refuse_crash(result):
    """Sanitizer reports and deadly signals are failures whatever the test expected."""
    crashed = result.status in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE,
                                -signal.SIGILL)
    if crashed or "Sanitizer" in result.err or "runtime error:" in result.err:
        raise AssertionError("the program crashed: %r" % result)


class Response:
    """An HTTP answer: status, headers (lower-case names), body as bytes."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "%s %s %r" % (self.status, self.headers, self.body[:500])


class Server:
    """`cctvweb serve` on a port of its own choosing."""

    def __init__(self, *arguments, env=None, wait=15):
        self.log_file = tempfile.TemporaryFile()
        self.process = start("serve", "--listen", "127.0.0.1:0", *arguments, env=env,
                             stdout=self.log_file, stderr=self.log_file, stdin=subprocess.DEVNULL)
        try:
            self.host, self.port = self._read_address(wait * PATIENCE)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def log(self):
        """All it has written so far."""
        size = os.fstat(self.log_file.fileno()).st_size
        return os.pread(self.log_file.fileno(), size, 0).decode("utf-8", "backslashreplace")

    def _read_address(self, wait):
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            match = re.search(r"http://(127\.0\.0\.1|localhost|\[::1\]):(\d+)", self.log())
            if match:
                return "127.0.0.1", int(match.group(2))
            if self.process.poll() is not None:
                raise AssertionError("serve ended with %s:\n%s" % (self.process.returncode, self.log()))
            time.sleep(0.02)
        raise AssertionError("serve did not say its address within %s s:\n%s" % (wait, self.log()))

    @property
    def url(self):
        return "http://%s:%d" % (self.host, self.port)

    def request(self, method, path, headers=None, body=None, timeout=30):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout * PATIENCE)
        try:
            connection.request(method, path, headers=headers or {}, body=body)
            answer = connection.getresponse()
            response = Response(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()
        described.check(method, path, response)
        return response

    def get(self, path, headers=None, status=200, timeout=30, **query):
        """GET of a path; keyword arguments are the query (lists repeat; `from_` is `from`)."""
        if query:
            pairs = [(name.rstrip("_"), value) for name, value in query.items()]
            path += "?" + urllib.parse.urlencode(pairs, doseq=True)
        response = self.request("GET", path, headers, timeout=timeout)
        if status is not None and response.status != status:
            raise AssertionError("GET %s: expected %s, got %r\n%s" % (path, status, response,
                                                                      self.log()[-3000:]))
        return response

    def api(self, path, status=200, **query):
        """The JSON of GET /api/v1 + path."""
        return self.get("/api/v1" + path, status=status, **query).json()

    def send(self, method, path, body=None, status=200, headers=None):
        """What changes something: `body` goes as JSON to /api/v1 + path; the answer's JSON."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        response = self.request(method, "/api/v1" + path, {**sent, **(headers or {})},
                                None if body is None else json.dumps(body))
        if status is not None and response.status != status:
            raise AssertionError("%s %s: expected %s, got %r\n%s" % (method, path, status, response,
                                                                    self.log()[-3000:]))
        return response.json() if response.body else None

    def pages(self, path, name, **query):
        """All items of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.api(path, **query, **({"cursor": cursor} if cursor else {}))
            items += page[name]
            cursor = page.get("next")
            if not cursor:
                return items

    def stream(self, path, timeout=30):
        """An open answer (http.client.HTTPResponse) to read from as it comes, and its connection."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout * PATIENCE)
        connection.request("GET", path)
        return connection.getresponse(), connection

    def stop(self, how=signal.SIGTERM, wait=10):
        """Ends it; returns its exit status. Refuses a crash and a stop that takes too long."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(wait * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("serve did not stop within %s s:\n%s" % (wait, self.log()[-3000:]))
        refuse_crash(Result(["serve"], self.process.returncode, "", self.log()))
        return self.process.returncode


class Case(unittest.TestCase):
    """A test with a temporary folder: self.dir, and in it self.pictures (made) and self.data (not)."""

    maxDiff = 4000
    room = None  # where the temporary folder is made; None: where they usually are

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="cctvweb-test-", dir=self.room)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.data = os.path.join(self.dir, "data")
        self.pictures = os.path.join(self.dir, "pictures")
        os.mkdir(self.pictures)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start(self, *arguments, **options):
        """A running command that ends with the test at the latest."""
        process = start(*arguments, **options)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def serve(self, *arguments, **options):
        """A server on self.data that ends with the test at the latest."""
        server = Server("--data", self.data, *arguments, **options)
        self.addCleanup(server.stop)
        return server

    def scan(self, *folders, **options):
        return run("scan", "--data", self.data, *(folders or (self.pictures,)), **options)

    def events(self, *arguments, **options):
        """The events as `cctvweb events --json` gives them."""
        return run("events", "--data", self.data, "--json", *arguments, **options).json()["events"]

    def check(self):
        """The catalog agrees with its own frames."""
        return run("check", "--data", self.data)

    def check_after_kill(self):
        """As check, for a catalog whose making may have been cut short."""
        if os.path.exists(os.path.join(self.data, "catalog.db")):
            checked = run("check", "--data", self.data, status=None)
            if checked.status != 0 and "not set up yet" not in checked.err:
                self.fail(repr(checked))

    def run_without_rights(self, *arguments):
        """Runs a command as somebody whom permissions hold; root reads everything. The test's folder
        is theirs from then on, and the program is copied there, as the tree may be out of their reach."""
        program, someone = PROGRAM, {}
        if os.geteuid() == 0:
            program = self.path("cctvweb")
            if not os.path.exists(program):
                shutil.copy(PROGRAM, program)
            someone = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for top, folders, files in os.walk(self.dir):
                for name in [top] + [os.path.join(top, name) for name in folders + files]:
                    os.chown(name, NOBODY, NOBODY)
        arguments = [str(argument) for argument in arguments]
        done = subprocess.run([program] + arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60 * PATIENCE, text=True, errors="backslashreplace", **someone)
        result = Result(arguments, done.returncode, done.stdout, done.stderr)
        refuse_crash(result)
        return result

    def wait_until(self, condition, seconds=10, what="the condition"):
        """Asks again until `condition()` is true; gives its value."""
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                self.fail("%s did not come true within %s s" % (what, seconds))
            time.sleep(0.05)


class TapResult(unittest.TestResult):
    """Writes the Test Anything Protocol, which Meson counts test by test: one line for each, with
    what went wrong in it and in its subtests as comments."""

    def startTest(self, test):
        super().startTest(test)
        self.wrong, self.skipped_why = [], None

    def stopTest(self, test):
        super().stopTest(test)
        self._line(test)

    def _line(self, test):
        name = "%s.%s" % (type(test).__name__, getattr(test, "_testMethodName", str(test)))
        skip = " # SKIP " + self.skipped_why if self.skipped_why is not None and not self.wrong else ""
        print("%sok %d - %s%s" % ("not " if self.wrong else "", self.testsRun, name, skip))
        for line in "\n".join(self.wrong).splitlines():
            print("# " + line)
        sys.stdout.flush()

    def _wrong(self, test, error, about=""):
        text = about + "".join(traceback.format_exception(*error))
        if isinstance(test, unittest.TestCase):
            self.wrong.append(text)
        else:  # a setUpClass that failed: its tests are not run, so the plan is not kept either
            print("Bail out! %s: %s" % (test, text.strip().splitlines()[-1]))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._wrong(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._wrong(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skipped_why = reason

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._wrong(test, err, str(subtest) + "\n")


def main():
    """Runs the tests of the calling module, or those named: `python3 test_x.py Class.test`."""
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    print("TAP version 13")
    print("1..%d" % suite.countTestCases())
    sys.stdout.flush()
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
