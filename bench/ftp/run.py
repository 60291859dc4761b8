#!/usr/bin/env python3
"""Uploads by FTP: cctvweb serve, with each frame durable and not, beside vsftpd, pure-ftpd (neither
syncs) and a plain receiver that syncs each frame as a file of its own.

Pictures of 40 KB, EPSV for each, 8 and 32 sessions that stay, and a login for each file; all on one
file system: in the home of the user ftp, which is where pure-ftpd receives. Every server is measured in
turn in each round, and the medians are compared. Nothing is deleted in between: for seconds after that
ext4 takes a millisecond to create a file, which would make the other servers look slow.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from measure import BUILD, FRAME_BYTES, arguments, cctvweb, cpu_seconds, median, report, say  # noqa: E402

LOAD = os.path.join(BUILD, "bench", "bench_ftp_load")
PLAIN = os.path.join(BUILD, "bench", "bench_ftp_plain")


def home():
    try:
        return pwd.getpwnam("ftp").pw_dir
    except KeyError:
        return tempfile.gettempdir()


HOME = home()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def await_port(port, process):
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.settimeout(5)
                connection.recv(100)
                return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the server ended with status %d" % process.returncode)
            time.sleep(0.05)
    raise RuntimeError("nobody listens on port %d" % port)


class Server:
    """A server that receives into a folder of its own, and is leaves it there."""

    name, user, where = "", "cam", "cam#/"

    def __init__(self, top):
        self.folder = tempfile.mkdtemp(prefix=self.name + "-", dir=top)
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.process = self.start()
        await_port(self.port, self.process)
        self.cpu = 0.0

    def spawn(self, *command, **options):
        self.log = open(os.path.join(self.folder, "log"), "w")
        return subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, **options)

    def uploads(self):
        """A folder that whoever receives may write to."""
        path = os.path.join(self.folder, "root", "up")
        os.makedirs(path)
        os.chmod(path, 0o777)
        return os.path.dirname(path)

    def load(self, sessions, seconds, picture, *more):
        before = cpu_seconds(self.process.pid)
        result = subprocess.run([LOAD, "127.0.0.1", str(self.port), self.user, self.where, str(sessions),
                                 str(seconds), picture, *more], capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        outcome = json.loads(result.stdout)
        self.cpu = cpu_seconds(self.process.pid) - before
        return outcome

    def stop(self):
        """CPU seconds of all its processes in all its life."""
        time.sleep(0.2)
        self.process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.log.close()
        return usage.ru_utime + usage.ru_stime


class Vsftpd(Server):
    name, user = "vsftpd", "ftp"
    where = "up/"

    def start(self):
        program = shutil.which("vsftpd") or "/usr/sbin/vsftpd"
        root = self.uploads()
        os.makedirs("/var/run/vsftpd/empty", exist_ok=True)
        settings = {
            "listen": "YES", "listen_ipv6": "NO", "listen_address": "127.0.0.1", "listen_port": self.port,
            "background": "NO", "anonymous_enable": "YES", "local_enable": "NO", "write_enable": "YES",
            "anon_upload_enable": "YES", "anon_root": root, "anon_umask": "022", "no_anon_password": "NO",
            "xferlog_enable": "NO", "max_per_ip": 0, "max_clients": 0, "seccomp_sandbox": "NO",
            "secure_chroot_dir": "/var/run/vsftpd/empty", "allow_writeable_chroot": "YES",
        }
        path = os.path.join(self.folder, "vsftpd.conf")
        with open(path, "w") as file:
            file.writelines("%s=%s\n" % item for item in settings.items())
        return self.spawn(program, path)


class PureFtpd(Server):
    name, user = "pure-ftpd", "ftp"

    def start(self):
        self.where = os.path.relpath(self.uploads(), HOME) + "/up/"
        return self.spawn(pure_ftpd(), "-S", "127.0.0.1,%d" % self.port, "-e", "-c", "4000", "-C", "4000", "-H", "-4")


class Plain(Server):
    name, where = "plain", ""

    def start(self):
        process = subprocess.Popen([PLAIN, self.uploads()], stdout=subprocess.PIPE, text=True)
        self.port = int(process.stdout.readline())
        self.log = process.stdout
        return process


class Cctvweb(Server):
    durability = "sync"
    name = "cctvweb"

    def start(self):
        data = os.path.join(self.folder, "data")
        subprocess.run([os.environ["CCTVWEB"], "camera", "add", "--shared", "--user", self.user, "--data", data,
                        "--password-stdin"], input="secret\n", text=True, check=True, capture_output=True)
        return self.spawn(os.environ["CCTVWEB"], "serve", "--data", data, "--listen", "127.0.0.1:%d" % free_port(),
                          "--ftp", "127.0.0.1:%d" % self.port, "--durability", self.durability)


class CctvwebOs(Cctvweb):
    durability = "os"
    name = "cctvweb-os"


def pure_ftpd():
    """The program, from Debian's package: it cannot be installed beside vsftpd."""
    found = shutil.which("pure-ftpd")
    if found:
        return found
    folder = os.path.join(BUILD, "bench", "pure-ftpd")
    program = os.path.join(folder, "usr", "sbin", "pure-ftpd")
    if not os.path.exists(program):
        os.makedirs(folder, exist_ok=True)
        for command in (["apt-get", "download", "pure-ftpd", "pure-ftpd-common"],
                        ["sh", "-c", "for package in *.deb; do dpkg -x $package .; done"]):
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return program


def measure(kind, top, picture, sessions, seconds, *more):
    """Frames a second, CPU microseconds a frame, ms to the 226; or None, having said why."""
    try:
        server = kind(top)
    except (OSError, KeyError, RuntimeError, subprocess.CalledProcessError) as error:
        say("%s: %s" % (kind.name, error))
        return None
    try:
        warm = server.load(sessions, 0.7, picture, *more)
        outcome = server.load(sessions, seconds, picture, *more)
    finally:
        whole = server.stop()
    if outcome["failures"] or outcome["frames"] == 0:
        say("%s: %s" % (kind.name, outcome))
    if isinstance(server, Cctvweb):
        cpu = server.cpu / max(outcome["frames"], 1)  # hashing passwords is not what a frame costs
    else:
        cpu = whole / max(outcome["frames"] + warm["frames"], 1)
    return {"rate": outcome["frames"] / outcome["seconds"], "cpu": cpu * 1e6, "p50": outcome["p50_ms"],
            "p99": outcome["p99_ms"], "failures": outcome["failures"]}


KINDS = (Cctvweb, CctvwebOs, Vsftpd, PureFtpd, Plain)

# Sessions, what is compared with what, and by how much more it should be.
TARGETS = (
    (32, "cctvweb", "vsftpd", 1.0), (32, "cctvweb", "plain", 1.5), (8, "cctvweb", "plain", None),
    (8, "cctvweb", "vsftpd", None),
    (8, "cctvweb-os", "vsftpd", 2.5), (32, "cctvweb-os", "vsftpd", 2.5),
    (8, "cctvweb-os", "pure-ftpd", 1.3), (32, "cctvweb-os", "pure-ftpd", 1.3),
)


def compare(results, sessions, ours, theirs, target):
    fields = {"sessions": sessions}
    one, other = results.get((sessions, ours)), results.get((sessions, theirs))
    what = "%s beside %s, %d sessions" % (ours, theirs, sessions)
    if not one or not other:
        report("ftp", what, skipped="one of them could not be measured")
        return
    fields.update(value=round(one["rate"]), reference=round(other["rate"]), unit="frames/s",
                  ratio=round(one["rate"] / other["rate"], 2), cpu_us=round(one["cpu"], 1),
                  reference_cpu_us=round(other["cpu"], 1), p50_ms=one["p50"], p99_ms=one["p99"],
                  failures=one["failures"], target=target)
    report("ftp", what, **fields)


def main():
    quick = arguments(__doc__.splitlines()[0]).quick
    seconds, rounds = (1, 1) if quick else (4, 3)
    top = tempfile.mkdtemp(prefix="cctvweb-bench-", dir=HOME if os.path.isdir(HOME) else None)
    os.chmod(top, 0o755)
    results = {}
    try:
        picture = os.path.join(top, "picture.jpg")
        with open(picture, "wb") as file:
            file.write(cctvweb.jpeg(cctvweb.segment(0xFE, b"SERIAL00"), size=FRAME_BYTES))
        for sessions in (8, 32):
            found = {}
            for _ in range(rounds):
                for kind in KINDS:
                    one = measure(kind, top, picture, sessions, seconds)
                    if one:
                        found.setdefault(kind.name, []).append(one)
            for name, all_of_it in found.items():
                results[sessions, name] = {key: median([one[key] for one in all_of_it]) for key in all_of_it[0]}
        for row in TARGETS:
            compare(results, *row)
        ours, theirs = results.get((8, "cctvweb-os")), results.get((8, "pure-ftpd"))
        if ours and theirs:  # at most 0.6 of it
            report("ftp", "CPU a frame, cctvweb-os beside pure-ftpd, 8 sessions", value=round(ours["cpu"], 1),
                   reference=round(theirs["cpu"], 1), unit="us", ratio=round(theirs["cpu"] / ours["cpu"], 2),
                   target=1.67)
        for kind in (Cctvweb, Vsftpd, PureFtpd):
            one = measure(kind, top, picture, 8, seconds, "login")
            if one:
                report("ftp", "a login for each file, %s, 8 sessions" % kind.name, value=round(one["rate"]),
                       unit="frames/s", cpu_us=round(one["cpu"], 1), failures=one["failures"])
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
