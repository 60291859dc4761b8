"""The FTP server against the clients that people have, with and without TLS."""

import ftplib
import io
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest

import cctvweb
from ftp_host import PATIENCE, Client, ServerTest, picture


def certificate(folder):
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                           folder + "/key.pem", "-out", folder + "/cert.pem", "-days", "3", "-subj",
                           "/CN=localhost"], capture_output=True)
    if made.returncode != 0:
        raise unittest.SkipTest("openssl made no certificate")
    return folder + "/cert.pem", folder + "/key.pem"


def need(program):
    if shutil.which(program) is None:
        raise unittest.SkipTest(program + " is not installed")


class Clients(ServerTest):
    """Programs that people have, in the ways that they can be used."""

    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.mkdtemp(prefix="cctvweb-ftp-")
        cls.addClassCleanup(shutil.rmtree, cls.certificates)
        cert, key = certificate(cls.certificates)
        cls.options = ("-c", cert, "-k", key, "-t", "127.0.0.1:0", "-i", "4")

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.top, "a.jpg")
        with open(self.file, "wb") as file:
            file.write(picture())

    def run_client(self, *arguments, **options):
        result = subprocess.run(arguments, capture_output=True, text=True, timeout=60 * PATIENCE,
                                **options)
        self.assertEqual(result.returncode, 0, f"{arguments}\n{result.stdout}{result.stderr}")
        return result.stdout

    def check(self, *paths):
        self.assertEqual(self.host.files("whole"), [(path, picture()) for path in paths])

    def test_curl(self):
        need("curl")
        url = f"ftp://camera:secret@127.0.0.1:{self.host.port}/d/e/"
        for extra in ([], ["--disable-epsv"], ["-P", "127.0.0.1"], ["--ftp-method", "nocwd"],
                      ["--ssl-reqd"], ["--ssl-reqd", "--tlsv1.3"], ["--ssl-reqd", "--tls-max", "1.2"],
                      ["--ssl-reqd", "--no-sessionid"]):
            self.run_client("curl", "-sS", "-k", "--ftp-create-dirs", *extra, "-T", self.file, url)
        self.check(*["/d/e/a.jpg"] * 8)
        self.assertIn("a.jpg", self.run_client("curl", "-sS", url))

    def test_curl_implicit_tls(self):
        need("curl")
        url = f"ftps://camera:secret@127.0.0.1:{self.host.tls_port}/"
        for extra in ([], ["--tls-max", "1.2"]):  # 7.88 sends in the clear when it is active
            self.run_client("curl", "-sS", "-k", *extra, "-T", self.file, url)
        self.check(*["/a.jpg"] * 2)

    def test_curl_many_over_tls(self):
        need("curl")
        names = "{" + ",".join(f"{i}.jpg" for i in range(40)) + "}"
        folder = os.path.join(self.top, "many")
        os.mkdir(folder)
        for i in range(40):
            with open(f"{folder}/{i}.jpg", "wb") as file:
                file.write(picture(10 + i))
        for extra in ([], ["--tls-max", "1.2"]):
            self.run_client("curl", "-sS", "-k", "--ssl-reqd", *extra, "-T", folder + "/" + names,
                            f"ftp://camera:secret@127.0.0.1:{self.host.port}/")
        self.assertEqual([len(content) for _, content in self.host.files("whole")],
                         [10 + i for i in range(40)] * 2)

    def test_lftp(self):
        need("lftp")
        for settings in ("set ftp:ssl-allow no", "set ftp:ssl-allow no; set ftp:passive-mode no",
                         "set ftp:ssl-force yes; set ftp:ssl-protect-data yes",
                         "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ftp:passive-mode no",
                         "set ftp:ssl-force yes; set ftp:ssl-copy-sid no",  # a TLS session of its own for data
                         "set ftp:ssl-force yes; set ftp:ssl-auth SSL",
                         "set ftp:ssl-allow no; set ftp:use-stat no; set ftp:prefer-epsv yes"):
            listing = self.run_client(
                "lftp", "-c", f"set ssl:verify-certificate no; set net:max-retries 1; {settings}; "
                f"open -u camera,secret ftp://127.0.0.1:{self.host.port}; mkdir -pf x/y; "
                f"put -O x/y {self.file}; cls x/y; ls x/y", env={**os.environ, "HOME": self.top})
            self.assertIn("a.jpg", listing)
        self.check(*["/x/y/a.jpg"] * 7)

    def test_ncftpput(self):
        need("ncftpput")
        for extra in (["-E"], ["-F"]):
            self.run_client("ncftpput", *extra, "-m", "-u", "camera", "-p", "secret", "-P",
                            str(self.host.port), "127.0.0.1", "/n/m", self.file,
                            env={**os.environ, "HOME": self.top})
        self.check(*["/n/m/a.jpg"] * 2)

    def test_tnftp(self):
        need("tnftp")
        for extra in ([], ["-A"]):
            self.run_client("tnftp", "-n", *extra, "-u",
                            f"ftp://camera:secret@127.0.0.1:{self.host.port}/", "a.jpg",
                            cwd=self.top, env={**os.environ, "HOME": self.top})
        self.check(*["/a.jpg"] * 2)

    def test_busybox(self):
        need("busybox")
        if subprocess.run(["busybox", "ftpput", "--help"], capture_output=True).returncode != 0:
            self.skipTest("busybox has no ftpput")
        self.run_client("busybox", "ftpput", "-u", "camera", "-p", "secret", "-P",
                        str(self.host.port), "127.0.0.1", "b/c.jpg", self.file)
        self.check("/b/c.jpg")

    def ftplib_session(self, ftp):
        ftp.login("camera", "secret")
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        ftp.mkd("/o \"q\"")
        ftp.cwd("/o \"q\"")
        self.assertEqual(ftp.pwd(), "/o \"q\"")
        ftp.storbinary("STOR a b.jpg", io.BytesIO(picture()))
        self.assertEqual(ftp.size("a b.jpg"), 40000)
        self.assertEqual(ftp.nlst(), ["a b.jpg"])
        (name, facts), = ftp.mlsd()
        self.assertEqual((name, facts["type"], facts["size"]), ("a b.jpg", "file", "40000"))
        lines = []
        ftp.dir(lines.append)
        self.assertEqual(len(lines), 1)
        ftp.rename("a b.jpg", "c.jpg")
        ftp.delete("c.jpg")
        ftp.cwd("/")
        ftp.rmd("/o \"q\"")
        ftp.quit()

    def test_ftplib(self):
        for passive in (True, False):
            ftp = ftplib.FTP()
            ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
            ftp.set_pasv(passive)
            self.ftplib_session(ftp)
        self.check(*["/o \"q\"/a b.jpg"] * 2)

    def test_ftplib_tls(self):
        versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        for version in versions:
            for passive in (True, False):
                context = ssl._create_unverified_context()
                context.minimum_version = context.maximum_version = version
                ftp = ftplib.FTP_TLS(context=context)
                ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
                ftp.set_pasv(passive)
                self.ftplib_session(ftp)
        self.check(*["/o \"q\"/a b.jpg"] * 4)

    def test_tls_without_goodbye(self):
        """TLS 1.3 and 1.2 data connections closed without close_notify, and with unread bytes."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl._create_unverified_context()
            context.minimum_version = context.maximum_version = version
            ftp = ftplib.FTP_TLS(context=context)
            ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
            ftp.login("camera", "secret")
            ftp.prot_p()
            for i in range(10):
                data = ftp.transfercmd("STOR a.jpg")
                data.sendall(picture())
                socket.socket(fileno=data.detach()).close()
                self.assertTrue(ftp.voidresp().startswith("226 "))
            ftp.close()
        self.check(*["/a.jpg"] * 20)

    def test_handshake_that_never_comes(self):
        context = ssl._create_unverified_context()
        ftp = ftplib.FTP_TLS(context=context)
        ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
        ftp.login("camera", "secret")
        ftp.prot_p()
        host, port = ftp.makepasv()
        with socket.create_connection((host, port)):
            self.assertTrue(ftp.sendcmd("STOR a.jpg").startswith("150 "))
            with self.assertRaises(ftplib.error_temp):
                ftp.voidresp()
        ftp.close()

    def vanishing(self):
        """A session over TLS whose peer is never heard of again; gives control and data."""
        ftp = ftplib.FTP_TLS(context=ssl._create_unverified_context())
        ftp.connect("127.0.0.1", self.host.port, timeout=20 * PATIENCE)
        ftp.login("camera", "secret")
        ftp.prot_p()
        return ftp

    def test_peers_that_vanish(self):
        """Neither a byte nor an end comes any more, on the control or the data connection, before and
        during the handshake and the transfer: all ends by itself, and holds nothing."""
        alive = []
        for stage in ("said nothing", "in the handshake", "of the data", "in the record", "behind the record"):
            ftp = self.vanishing()
            alive.append(ftp)
            if stage == "said nothing":
                continue
            data = socket.create_connection(ftp.makepasv())
            alive.append(data)
            ftp.putcmd("STOR a.jpg")
            self.assertTrue(ftp.getresp().startswith("150 "))
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            secure = ssl._create_unverified_context().wrap_bio(incoming, outgoing)
            if stage == "in the handshake":
                with self.assertRaises(ssl.SSLWantReadError):
                    secure.do_handshake()
                data.sendall(outgoing.read()[:50])
                continue
            while True:
                try:
                    secure.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    data.sendall(outgoing.read())
                    incoming.write(data.recv(65536))
            data.sendall(outgoing.read())
            if stage != "of the data":
                secure.write(picture())
                sent = outgoing.read()
                data.sendall(sent if stage == "behind the record" else sent[:-100])
        self.host.wait_for(open=0, memory=0)  # the stall time is 2 s, the idle time 4 s
        self.host.wait_for(sessions=0)
        self.assertEqual(self.host.files("whole"), [])
        self.assertEqual([content for _, content in self.host.files("cut") if picture().startswith(content)],
                         [content for _, content in self.host.files("cut")])
        self.assertIn(picture(), [content for _, content in self.host.files("cut")])
        with open("/proc/%d/stat" % self.host.process.pid) as stat:
            self.assertNotEqual(stat.read().split()[2], "Z")
        self.assertLess(len(os.listdir("/proc/%d/fd" % self.host.process.pid)), 16)
        for one in alive:
            one.close()

    def test_commands_in_the_clear_behind_auth(self):
        client = Client(self.host.port, login=False)
        client.send("AUTH TLS\r\nUSER camera\r\nPASS secret\r\nMKD injected")
        self.assertTrue(client.reply().startswith("234 "))
        context = ssl._create_unverified_context()
        try:
            secure = context.wrap_socket(client.socket)
            secure.sendall(b"PWD\r\n")
            self.assertTrue(secure.recv(100).startswith(b"530 "))
            secure.close()
        except OSError:
            pass  # the handshake fails: that is well, too
        client.input.close()


if __name__ == "__main__":
    cctvweb.main()
