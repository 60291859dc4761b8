"""What tests of the FTP server share: tests/ftp_host ($FTP_HOST), which keeps uploads as files named
NUMBER.KIND.PATH, KIND being whole, held or cut, and prints what the server counts for each line on its
standard input; and a client that says what it is told to.
"""

import os
import re
import resource
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest

import cctvweb

HOST = os.environ.get("FTP_HOST", os.path.join(cctvweb.ROOT, "build", "tests", "ftp_host"))
PATIENCE = cctvweb.PATIENCE


def picture(size=40000, seed=1):
    return bytes((i * seed + i // 251) & 0xff for i in range(size))


class Host:
    """A running ftp_host, in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.errors = open(os.path.join(folder, "..", os.path.basename(folder) + ".log"), "w+")
        self.process = subprocess.Popen([HOST, *options, folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.port, self.tls_port = map(int, self.process.stdout.readline().split())

    def counters(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read_counters()

    def read_counters(self):
        while True:
            line = self.process.stdout.readline()
            if line == "" or line.startswith("uploads="):
                return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line)}

    def wait_for(self, **wanted):
        end = time.monotonic() + 10 * PATIENCE
        while True:
            counters = self.counters()
            if all(counters[name] == value for name, value in wanted.items()):
                return counters
            if time.monotonic() > end:
                raise AssertionError(f"wanted {wanted}, is {counters}")
            time.sleep(0.02)

    def memory(self):
        """Bytes of memory that the process has."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    def stop(self):
        self.process.stdin.close()
        counters = self.read_counters()
        status = self.process.wait(20 * PATIENCE)
        self.process.stdout.close()
        self.errors.seek(0)
        log = self.errors.read()
        self.errors.close()
        return status, counters, log

    def files(self, kind):
        """The uploads of a kind, in order: (path, bytes)."""
        found = []
        for name in sorted(os.listdir(self.folder)):
            number, this, path = name.split(".", 2)
            if this == kind:
                with open(os.path.join(self.folder, name), "rb") as file:
                    found.append((path.replace("#", "/"), file.read()))
        return found


class Client:
    """A control connection, spoken by hand."""

    def __init__(self, port, login=True, host="127.0.0.1", user="camera", source=None):
        self.socket = socket.create_connection((host, port), timeout=20 * PATIENCE,
                                               source_address=(source, 0) if source else None)
        self.input = self.socket.makefile("rb")
        self.greeting = self.reply()
        if login:
            self.said("USER " + user, 331)
            self.said("PASS secret", 230)

    def send(self, line):
        self.socket.sendall(line.encode() + b"\r\n" if isinstance(line, str) else line)

    def reply(self):
        while True:
            line = self.input.readline().decode("latin-1")
            if not line:
                return None
            if re.match(r"\d\d\d ", line):
                return line.rstrip("\r\n")

    def said(self, line, code):
        self.send(line)
        reply = self.reply()
        if reply is None or not reply.startswith(str(code)):
            raise AssertionError(f"{line}: wanted {code}, got {reply}")
        return reply

    def passive(self):
        port = int(re.search(r"\|\|\|(\d+)\|", self.said("EPSV", 229)).group(1))
        return socket.create_connection((self.socket.getpeername()[0], port), timeout=20 * PATIENCE,
                                        source_address=(self.socket.getsockname()[0], 0))

    def store(self, name, content, code=226):
        with self.passive() as data:
            self.said("STOR " + name, 150)
            data.sendall(content)
        reply = self.reply()
        if reply is None or not reply.startswith(str(code)):
            raise AssertionError(f"STOR {name}: wanted {code}, got {reply}")

    def close(self, reset=False):
        if reset:
            abandon(self.socket)
        self.input.close()
        self.socket.close()


def abandon(connection):
    """Makes closing a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class ServerTest(unittest.TestCase):
    options = ()

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="cctvweb-ftp-")
        self.folder = os.path.join(self.top, "uploads")
        os.mkdir(self.folder)
        self.host = Host(self.folder, *self.options)
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()
        status, counters, log = self.host.stop()
        shutil.rmtree(self.top)
        self.assertEqual(status, 0, log[-3000:])
        self.assertEqual((counters["open"], counters["memory"], counters["sessions"]), (0, 0, 0))

    def client(self, **arguments):
        client = Client(self.host.port, **arguments)
        self.clients.append(client)
        return client
