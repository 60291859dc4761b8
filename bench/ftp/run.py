#!/usr/bin/env python3
"""Uploads by FTP: cctvweb serve, with each frame durable and not, beside vsftpd, pure-ftpd (neither
syncs) and a plain receiver that syncs each frame as a file of its own.

Pictures of 40 KB, EPSV for each, 8 and 32 sessions that stay, each a camera of its own; then a login
for each file. Every server is measured in turn in each round, and the medians are compared. Where
nothing is synced that is done in memory (tmpfs), so that no disk is measured. What is durable is
measured on the disk of the folder of temporary files, and nothing is deleted there in between: for
seconds after that ext4 takes a millisecond to create a file, which would make the other servers look
slow. For the CPU a frame costs, each server is alone on a processor and the clients are on the others.
"""

import json
import os
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
CPUS = sorted(os.sched_getaffinity(0))


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
    """A server that receives into a folder of its own, and leaves it there. With `alone` on the first
    processor, and its clients on the others."""

    name, user, where = "", "cam", "cam#/"

    def __init__(self, top, alone=False):
        self.folder = tempfile.mkdtemp(prefix=self.name + "-", dir=top)
        os.chmod(self.folder, 0o755)
        self.alone = alone
        self.port = free_port()
        self.process = self.start()
        await_port(self.port, self.process)
        self.cpu = 0.0

    def bound(self, command, cpus):
        return ["taskset", "-c", ",".join(map(str, cpus)), *command] if self.alone else list(command)

    def spawn(self, *command, **options):
        self.log = open(os.path.join(self.folder, "log"), "w")
        return subprocess.Popen(self.bound(command, CPUS[:1]), stdin=subprocess.DEVNULL,
                                **{"stdout": self.log, "stderr": self.log, **options})

    def uploads(self):
        """A folder that whoever receives may write to."""
        path = os.path.join(self.folder, "root", "up")
        os.makedirs(path)
        os.chmod(path, 0o777)
        return os.path.dirname(path)

    def load(self, sessions, seconds, picture, *more):
        before = cpu_seconds(self.process.pid)
        command = [LOAD, "127.0.0.1", str(self.port), self.user, self.where, str(sessions), str(seconds), picture]
        result = subprocess.run(self.bound(command + list(more), CPUS[1:]), capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        time.sleep(0.2)  # until the processes of the sessions have ended and are counted
        self.cpu = cpu_seconds(self.process.pid) - before
        return json.loads(result.stdout)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


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
    name, user, where = "pure-ftpd", "ftp", "up/"

    def start(self):
        """In a view of the files of its own, where its folder is the home of the user ftp."""
        command = 'mount --bind "$0" ~ftp && exec "$@"'
        return self.spawn("unshare", "--mount", "bash", "-c", command, self.uploads(), pure_ftpd(), "-S",
                          "127.0.0.1,%d" % self.port, "-e", "-c", "4000", "-C", "4000", "-H", "-4")


class Plain(Server):
    name, where = "plain", ""

    def start(self):
        process = self.spawn(PLAIN, self.uploads(), stdout=subprocess.PIPE, text=True)
        self.port = int(process.stdout.readline())
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


def measure(kind, top, picture, sessions, seconds, *more, alone=False):
    """Frames a second, CPU microseconds a frame, ms to the 226; or None, having said why."""
    try:
        server = kind(top, alone)
    except (OSError, KeyError, RuntimeError, subprocess.CalledProcessError) as error:
        say("%s: %s" % (kind.name, error))
        return None
    try:
        server.load(sessions, 0.4, picture, *more)
        outcome = server.load(sessions, seconds, picture, *more)
    finally:
        server.stop()
        if top == MEMORY:
            shutil.rmtree(server.folder, ignore_errors=True)
        else:
            os.sync()  # what it left to the kernel is not for the next one to write
    if outcome["failures"] or outcome["frames"] == 0:
        say("%s: %s" % (kind.name, outcome))
    return {"rate": outcome["frames"] / outcome["seconds"], "cpu": server.cpu / max(outcome["frames"], 1) * 1e6,
            "p50": outcome["p50_ms"], "p99": outcome["p99_ms"], "failures": outcome["failures"]}


def measure_all(kinds, rounds, *arguments, **options):
    """The medians of some rounds, by name."""
    found = {}
    for _ in range(rounds):
        for kind in kinds:
            one = measure(kind, *arguments, **options)
            if one:
                found.setdefault(kind.name, []).append(one)
    return {name: {key: median([one[key] for one in many]) for key in many[0]} for name, many in found.items()}


DURABLE = (Cctvweb, Vsftpd, Plain)
IN_MEMORY = (CctvwebOs, Vsftpd, PureFtpd)

# What is compared with what, and how much more it has to be at 8 and at 32 sessions.
TARGETS = (
    ("cctvweb", "vsftpd", {8: None, 32: 1.0}), ("cctvweb", "plain", {8: None, 32: 1.5}),
    ("cctvweb-os", "vsftpd", {8: 2.5, 32: 2.5}), ("cctvweb-os", "pure-ftpd", {8: 1.3, 32: 1.3}),
)
CPU_TARGET = 0.6  # of what pure-ftpd computes for a frame


def compare(results, sessions, ours, theirs, target):
    if ours not in results:
        return
    what = "%s beside %s, %d sessions" % (ours, theirs, sessions)
    one, other = results[ours], results.get(theirs)
    if not other:
        report("ftp", what, skipped="%s could not be measured" % theirs)
        return
    report("ftp", what, value=round(one["rate"]), reference=round(other["rate"]), unit="frames/s",
           ratio=round(one["rate"] / other["rate"], 2), target=target, sessions=sessions, cpu_us=round(one["cpu"], 1),
           reference_cpu_us=round(other["cpu"], 1), p50_ms=one["p50"], p99_ms=one["p99"], failures=one["failures"])


def compare_cpu(results, sessions):
    ours, theirs = results.get("cctvweb-os"), results.get("pure-ftpd")
    if not ours or not theirs:
        return
    report("ftp", "CPU a frame, cctvweb-os beside pure-ftpd, %d sessions" % sessions, value=round(ours["cpu"], 1),
           reference=round(theirs["cpu"], 1), unit="us", ratio=round(theirs["cpu"] / ours["cpu"], 2),
           target=round(1 / CPU_TARGET, 2), share=round(ours["cpu"] / theirs["cpu"], 2), sessions=sessions)


def compare_all(kinds, rounds, top, picture, seconds):
    for sessions in (8, 32):
        results = measure_all(kinds, rounds, top, picture, sessions, seconds)
        for ours, theirs, targets in TARGETS:
            compare(results, sessions, ours, theirs, targets[sessions])


MEMORY = None


def main():
    global MEMORY
    quick = arguments(__doc__.splitlines()[0]).quick
    seconds, rounds = (1, 1) if quick else (1.5, 3)
    disk = tempfile.mkdtemp(prefix="cctvweb-bench-")
    MEMORY = tempfile.mkdtemp(prefix="cctvweb-bench-", dir="/dev/shm")
    try:
        picture = os.path.join(disk, "picture.jpg")
        with open(picture, "wb") as file:
            file.write(cctvweb.jpeg(cctvweb.segment(0xFE, b"SERIAL00"), size=FRAME_BYTES))
        for top in (disk, MEMORY):
            os.chmod(top, 0o755)
        compare_all(IN_MEMORY, rounds, MEMORY, picture, seconds)
        for sessions in (8, 32) if len(CPUS) > 1 else ():
            compare_cpu(measure_all((CctvwebOs, PureFtpd), rounds, MEMORY, picture, sessions, seconds, alone=True),
                        sessions)
        for name, one in measure_all((CctvwebOs, Vsftpd, PureFtpd), 1, MEMORY, picture, 8, seconds, "login").items():
            report("ftp", "a login for each file, %s, 8 sessions" % name, value=round(one["rate"]), unit="frames/s",
                   cpu_us=round(one["cpu"], 1), failures=one["failures"])
        # Last: it leaves the kernel gigabytes to keep and to write.
        compare_all(DURABLE, rounds, disk, picture, seconds)
    finally:
        for top in (disk, MEMORY):
            shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
