"""Simulated cameras that upload by FTP: what was acknowledged is in the catalog, byte for byte."""

import collections
import hashlib
import os
import signal
import subprocess

import cctvweb
from cctvweb import Case, environment, run

START = "2026-06-20T04:00:00Z"
PASSWORD = "a password of tests"
SMALL = ("--size", "320x256", "--start", START, "--seconds", 300)
HABITS = ("", "login-per-file", "active", "stou", "rename", "cut", "duplicate-names", "mkd-walk",
          "stou,cut", "rename,mkd-walk,login-per-file")


def once(path):
    """Each content that was acknowledged, once: however often it came, it is one frame."""
    with open(path) as file:
        return {line.split(" ")[0]: 1 for line in file}


class SimulateFtp(Case):
    def setUp(self):
        super().setUp()
        self.port = cctvweb.free_port()
        self.acks = self.path("acks")

    def add(self, *names):
        for name in names:
            run("camera", "add", name, "--password-stdin", "--data", self.data, input=PASSWORD + "\n")

    def receive(self, *arguments):
        return self.serve("--ftp", "127.0.0.1:%d" % self.port, *arguments)

    def simulate(self, *arguments, user="%n", scheme="ftp", port=None, status=0):
        return run("simulate", "--to", "%s://%s@127.0.0.1:%d/" % (scheme, user, port or self.port), "--json",
                   "--cameras", 2, *arguments, env=environment(CCTVWEB_FTP_PASSWORD=PASSWORD), status=status,
                   timeout=90)

    def stored(self, server):
        found = collections.Counter()
        for camera in server.api("/cameras")["cameras"]:
            for frame in server.pages("/frames", "frames", camera=camera["name"], limit=500):
                found[hashlib.sha256(server.get(frame["url"]).body).hexdigest()] += 1
        return found

    def test_whatever_the_habit_each_acknowledged_upload_is_there(self):
        self.add("courtyard", "gate")
        server = self.receive()
        for habit in HABITS:
            summary = self.simulate(*SMALL, "--acks", self.acks, *(["--habit", habit] if habit else [])).json()
            self.assertGreater(summary["acknowledged"], 30, habit)
            self.assertEqual((summary["frames"], summary["refused"], summary["broken"], summary["unacknowledged"]),
                             (summary["acknowledged"], 0, 0, 0), habit)
            self.assertEqual(summary["sent"], summary["acknowledged"] + summary["cut"], habit)
            self.assertEqual(summary["cut"] > 0, "cut" in habit, habit)
            self.assertEqual({camera["name"] for camera in summary["cameras"]}, {"courtyard", "gate"})
            self.assertEqual(self.stored(server), once(self.acks), habit)

    def test_an_upload_is_repeated_until_the_server_is_back(self):
        self.add("courtyard", "gate")
        server = self.receive()
        process = self.start("simulate", "--to", "ftp://%%n@127.0.0.1:%d/" % self.port, "--json", "--cameras", "2",
                             "--seconds", "8", "--size", "320x256", "--acks", self.acks,
                             env=environment(CCTVWEB_FTP_PASSWORD=PASSWORD),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_until(lambda: os.path.exists(self.acks) and len(once(self.acks)) > 3, 30, "acknowledgements")
        server.stop(signal.SIGKILL)
        server = self.receive()
        out, err = process.communicate(timeout=90 * cctvweb.PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertNotIn(PASSWORD, out + err)
        stored, acked = self.stored(server), once(self.acks)
        self.assertEqual(set(acked) - set(stored), set())
        self.assertEqual(set(stored.values()), {1}, "a repeat of what was not acknowledged is counted once")

    def test_going_on_sends_only_what_was_not_acknowledged(self):
        self.add("courtyard", "gate")
        server = self.receive()
        first = self.simulate("--size", "320x256", "--start", START, "--seconds", 300, "--acks", self.acks).json()
        with open(self.acks) as file:
            lines = file.readlines()
        again = self.simulate(*SMALL, "--acks", self.acks, "--resume").json()
        self.assertEqual(again["sent"], 0)
        with open(self.acks, "w") as file:
            file.writelines(lines[:-7])
        again = self.simulate(*SMALL, "--acks", self.acks, "--resume").json()
        self.assertEqual(again["acknowledged"], 7)
        self.assertEqual(len(self.stored(server)), first["acknowledged"])

    def test_over_tls(self):
        certificate, key = self.path("cert.pem"), self.path("key.pem")
        done = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                               certificate, "-days", "2", "-subj", "/CN=localhost"], capture_output=True)
        if done.returncode != 0:
            self.skipTest("openssl made no certificate")
        implicit = cctvweb.free_port()
        self.add("courtyard", "gate")
        server = self.receive("--ftps", "127.0.0.1:%d" % implicit, "--tls-cert", certificate, "--tls-key", key)
        for habit in ("login-per-file", "stou", "rename"):
            for arguments in ({"scheme": "ftps", "port": implicit}, {}):
                explicit = [] if arguments else ["--ftp-tls"]
                self.simulate("--size", "320x256", "--start", START, "--seconds", 20, "--insecure", "--habit", habit,
                              "--acks", self.acks, *explicit, **arguments)
        self.assertEqual(self.stored(server), once(self.acks))

    def test_who_is_not_let_in_is_told_and_no_password_is(self):
        self.add("courtyard")
        self.receive()
        result = self.simulate(*SMALL, user="nobody", status=1)
        self.assertIn("does not let", result.err)
        self.assertNotIn(PASSWORD, result.out + result.err)

    def test_what_is_not_possible_is_refused_with_a_reason(self):
        url = "ftp://u:p@127.0.0.1:1/"
        for arguments, word in ((("--to", "ftp://u@127.0.0.1/"), "password"), (("--to", "ftp://127.0.0.1/"), "user"),
                                (("--to", "ftp://u:p@[/"), "address"), (("--to", url, "--habit", "sing"), "sing"),
                                (("--to", url, "--habit", "stou,active"), "stou"),
                                (("--to", url, "--resume"), "--acks"),
                                (("--to", "ftps://u:p@127.0.0.1/", "--ftp-tls"), "--ftp-tls"),
                                (("--to", self.path("folder"), "--habit", "cut"), "ftp://")):
            result = run("simulate", *arguments, status=2)
            self.assertIn(word, result.err, arguments)
            self.assertEqual(len(result.err.strip().splitlines()), 1, result)


if __name__ == "__main__":
    cctvweb.main()
