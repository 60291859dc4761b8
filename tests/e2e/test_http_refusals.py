"""What the HTTP interface and `cctvweb serve` refuse, down to raw bytes on a socket."""

import os
import re
import socket
import subprocess
import time

import cctvweb
from cctvweb import *
from http_case import *


class Hostile(Filled):
    def raw(self, data, wait=2):
        """What comes back for raw bytes, until the server closes or is silent for `wait` seconds."""
        with socket.create_connection((self.server.host, self.server.port), timeout=wait * PATIENCE) as client:
            client.sendall(data)
            answer = b""
            try:
                while True:
                    more = client.recv(65536)
                    if not more:
                        return answer
                    answer += more
            except (TimeoutError, ConnectionResetError):
                return answer

    def status(self, data):
        answer = self.raw(data, wait=1)
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def test_names_of_other_machines_are_refused(self):
        for host in ("evil.example", "localhost.evil.example", "0.0.0.0", "192.168.1.1:%d" % self.server.port):
            self.server.get("/api/v1/cameras", headers={"Host": host}, status=421)
        for host in ("localhost", "127.0.0.1", "[::1]:80", "cams.localhost"):
            self.server.get("/api/v1/cameras", headers={"Host": host})
        self.assertIn(self.status(b"GET / HTTP/1.1\r\n\r\n"), (400, 421))
        self.assertEqual(self.status(b"GET / HTTP/1.0\r\n\r\n"), 421)

    def test_no_answer_becomes_a_page_of_ours(self):
        """Whatever bytes there are in it: only the app itself may run scripts."""
        frame = self.frames[0]
        span = "camera=%s&from=%d&to=%d" % (CAMERA, self.times[0], self.times[3])
        answers = [self.server.request(*ask) for ask in (
            ("GET", frame["url"]), ("GET", frame["url"] + "?width=64"), ("HEAD", frame["url"]),
            ("GET", frame["url"], {"Range": "bytes=0-9"}), ("GET", frame["url"], {"Range": "bytes=9999999-"}),
            ("GET", "/api/v1/cameras"), ("GET", "/metrics"), ("GET", "/healthz"),
            ("GET", "/api/v1/playback?" + span), ("GET", "/api/v1/playback/index?" + span),
            ("GET", "/api/v1/export?format=zip&" + span), ("GET", "/api/v1/export?format=mov&" + span),
            ("GET", "/api/v1/export?format=mjpeg&" + span), ("GET", "/api/v1/playback.mjpeg?speed=100&" + span),
            ("GET", "/<script>alert(1)</script>"), ("GET", "/api/v1/cameras/<script>"), ("GET", "/" + "a" * 8200),
            ("POST", "/api/v1/frames"), ("OPTIONS", "/api/v1/frames"), ("DELETE", "/api/v1/notes/1"),
            ("GET", "/api/v1/cameras", {"Host": "evil.example"}),
            ("GET", "/api/v1/cameras", {"Sec-Fetch-Site": "cross-site"}))]
        for answer in answers:
            with self.subTest(answer=answer):
                self.assertIn("sandbox", answer.headers["content-security-policy"])
                self.assertIn("default-src 'none'", answer.headers["content-security-policy"])
                self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
                self.assertEqual(answer.headers["cross-origin-resource-policy"], "same-origin")
                self.assertNotIn("html", answer.headers.get("content-type", ""))
                self.assertNotIn("access-control-allow-origin", answer.headers)
        self.assertEqual({answer.status for answer in answers}, {200, 204, 206, 403, 404, 405, 414, 416, 421})
        for path in ("/", "/cameras", "/icon.svg", "/api/v1/openapi.json"):
            policy = self.server.get(path).headers["content-security-policy"]
            self.assertNotIn("sandbox", policy)
            self.assertIn("default-src 'self'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe-eval", policy)
            self.assertNotIn("script-src", policy)

    def test_pages_of_other_sites_get_nothing(self):
        own = "http://%s:%d" % (self.server.host, self.server.port)
        calls = [(method.upper(), path) for path, methods in self.document()["paths"].items() for method in methods
                 if method in ("get", "post", "patch", "delete")]
        self.assertGreater(len(calls), 50)
        others = ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
                  {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Site": "cross-site"},
                  {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
                  {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": own, "Sec-Fetch-Site": "same-site"})
        for method, path in calls:
            path = re.sub(r"\{\w+\}", "1", path)
            for headers in others:
                answer = self.server.request(method, path, headers)
                self.assertEqual(answer.status, 403, (method, path, headers))
                self.assertIn("another site", answer.json()["detail"])
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        for headers in (link, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": own}):
            self.server.get("/api/v1/cameras", headers=headers)
        self.assertEqual(self.server.request("DELETE", "/api/v1/notes/1", link).status, 403)

    def test_a_target_may_name_the_host(self):
        def ask(target, host="localhost", method="GET", more=""):
            return self.status(("%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n"
                                % (method, target, host, more)).encode())
        for target in ("http://localhost/api/v1/cameras", "http://127.0.0.1:%d/api/v1/healthz" % self.server.port,
                       "HTTP://[::1]/api/v1/frames?camera=gate&limit=1", "http://localhost", "http://localhost?a=b",
                       "https://app.localhost/"):
            self.assertEqual(ask(target), 200 if "gate" not in target else ask(target[len("HTTP://[::1]"):]), target)
        self.assertEqual(ask("http://localhost/none"), 404)
        self.assertEqual(ask("http://localhost/" + "a" * 8200), 414)
        for target in ("http://evil.example/", "http:///", "http://localhost@evil.example/", "http://user@localhost/",
                       "http://evil.example?localhost/", "http://%s/" % ("a" * 5000)):
            self.assertEqual(ask(target), 421, target)
        # It counts, and the header does not: RFC 9112, 3.2.2.
        self.assertEqual(ask("http://localhost/api/v1/cameras", host="evil.example"), 200)
        self.assertEqual(ask("http://evil.example/api/v1/cameras", host="localhost"), 421)
        target = "http://localhost:1/api/v1/notes/1"
        self.assertEqual(ask(target, method="DELETE", more="Origin: http://localhost:1\r\n"), 404)
        self.assertEqual(ask(target, method="DELETE", more="Origin: http://localhost\r\n"), 403)

    def test_any_number_of_parameters_is_answered(self):
        for name, status in (("window=1", 200), ("a", 400), ("limit=1", 400), ("", 200)):
            for count in (1, 2, 100, 250, 1000, 4000):
                query = "&".join([name] * count)
                if len(query) > 8000 or (count == 1 and name == "limit=1"):
                    continue
                url = "GET /api/v1/events?%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % query
                self.assertEqual(self.status(url.encode()), status, (name, count))

    def test_bodies_are_refused(self):
        answer = self.raw(b"GET /api/v1/cameras HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer[:100])
        self.assertEqual(answer.count(b"HTTP/1.1"), 1)
        answer = self.raw(b"POST /api/v1/cameras HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                          b"5\r\nhello\r\n0\r\n\r\n")
        self.assertEqual(answer.count(b"HTTP/1.1"), 1)

    def test_what_two_could_read_in_two_ways_is_refused(self):
        """Behind a proxy that reads it the other way, a second request would go past what the proxy checks."""
        second = b"GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ask = b"POST /api/v1/marks HTTP/1.1\r\n%sContent-Type: application/json\r\n%s\r\n%s" + second
        host, length = b"Host: localhost\r\n", b"Content-Length: %d\r\n"
        chunked = b"Transfer-Encoding: chunked\r\n"
        for hosts, framing, body in (
                (host, length % 0 + length % len(second), b""),
                (host, length % len(second) + length % 0, b""),
                (host, length % 5 + chunked, b"0\r\n\r\n"),
                (host, chunked + length % 5, b"0\r\n\r\n"),
                (host, chunked + chunked, b"0\r\n\r\n"),
                (host, b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
                (host, b"Transfer-Encoding: xchunked\r\n" + length % 2, b"{}"),
                (host, b"Transfer-Encoding : chunked\r\n" + length % 2, b"{}"),
                (host, b"Content-Length : 5\r\n", b""),
                (host + b"Host: evil.example\r\n", length % 0, b"")):
            with self.subTest(framing=framing, hosts=hosts):
                answer = self.raw(ask % (hosts, framing, body), wait=1)
                self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", answer), [b"400"], answer)

    def test_cookies_of_others_on_this_machine(self):
        """A browser sends those of every port of localhost. Too many are refused, and nothing of them stays."""
        ask = b"GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n"
        cookies = b"; ".join(b"name%d=" % number + b"v" * 490 for number in range(16))
        self.assertEqual(self.status(ask % cookies), 200)
        for cookies in (b"a=b; " * 2000, b"a=" + b"b" * 20000, b"a=b; " * 600):
            for _ in range(20):
                self.assertNotIn(b"HTTP/1.1 200", self.raw(ask % cookies, wait=1))
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 1.5 * PATIENCE, "it waited for requests that are gone")

    def test_connections_are_kept(self):
        ask = b"GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        self.assertEqual(self.raw(ask * 5, wait=1).count(b"HTTP/1.1 200"), 5)

    def test_bytes_that_are_no_request(self):
        for data in (b"\x00" * 100, b"\r\n" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                     b"GET " + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100000 + b"\r\n\r\n",
                     b"GET http://evil.example/api/v1/cameras HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /assets/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /api/v1/frames/..%2f..%2fetc%2fpasswd.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /api/v1/cameras/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with self.subTest(data=data[:60]):
                answer = self.raw(data, wait=0.3)
                self.assertNotIn(b"root:", answer)
                self.assertFalse(answer.startswith(b"HTTP/1.1 2"), answer[:200])
        self.server.get("/api/v1/cameras")

    def test_every_prefix_of_a_request_is_survived(self):
        ask = b"GET /api/v1/frames?camera=" + CAMERA.encode() + b"&limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for length in range(len(ask)):
            with socket.create_connection((self.server.host, self.server.port)) as client:
                client.sendall(ask[:length])
        self.assertEqual(self.server.api("/frames", camera=CAMERA, limit=1)["total"], 100)

    def test_many_idle_connections_do_not_hold_up_others(self):
        idle = []
        self.addCleanup(lambda: [client.close() for client in idle])
        for _ in range(500):
            client = socket.create_connection((self.server.host, self.server.port))
            client.sendall(b"GET /api/v1/cameras HTTP/1.1\r\nHost: loc")
            idle.append(client)
        began = time.monotonic()
        self.server.get("/api/v1/cameras")
        self.assertLess(time.monotonic() - began, 2 * PATIENCE)


class Command(Case):
    def refuse(self, *arguments, word, status=None):
        result = run("serve", "--data", self.data, *arguments, status=None)
        self.assertIn(result.status, (1, 2) if status is None else (status,))
        self.assertIn(word, result.err)
        self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)

    def test_other_machines_are_not_let_in(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.168.1.1:0", "example.com:80"):
            self.refuse("--listen", address, word="access control")
        self.assertFalse(os.path.exists(self.data))

    def test_a_port_in_use_is_said(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refuse("--listen", "127.0.0.1:%d" % taken.getsockname()[1], word="in use", status=1)
            run("camera", "add", "yard", "--data", self.data)
            self.refuse("--ftp", "127.0.0.1:%d" % taken.getsockname()[1], word="in use", status=1)

    def test_usage(self):
        self.refuse("--colour", "red", word="--colour", status=2)
        self.refuse("--listen", word="--listen", status=2)
        self.refuse("--zone", "Mars/Olympus", word="Mars/Olympus")
        self.refuse("--template", "$SN/$SD(", word="template")
        self.refuse("--cache-mb", "lots", word="cache_mb", status=2)
        self.refuse("--config", self.path("none.yaml"), word="none.yaml")
        with open(self.path("bad.yaml"), "w") as file:
            file.write("zone: UTC\ncolour: red\n")
        self.refuse("--config", self.path("bad.yaml"), word='line 2: there is no setting "colour"')
        self.assertIn("example:", run("serve", "--help").out)

    def test_settings_come_from_the_strongest_source(self):
        os.mkdir(self.data)
        with open(os.path.join(self.data, "cctvweb.yaml"), "w") as file:
            file.write("zone: Asia/Tokyo\ncache_mb: 7\nfolders:\n  - /a\n  - /b\n")
        shown = run("serve", "--data", self.data, "--print-config", "--json", "--cache-mb=9",
                    env=environment(CCTVWEB_ZONE="Europe/Berlin")).json()
        self.assertEqual(shown["zone"], {"value": "Europe/Berlin", "source": "environment"})
        self.assertEqual(shown["cache_mb"], {"value": 9, "source": "flag"})
        self.assertEqual(shown["folders"], {"value": ["/a", "/b"], "source": "file"})
        self.assertEqual(shown["listen"], {"value": "127.0.0.1:8080", "source": "default"})
        text = run("serve", "--data", self.data, "--print-config").out
        self.assertIn('zone: "Asia/Tokyo"  # file', text)

    def test_it_listens_on_six(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            self.skipTest("there is no IPv6 loopback here")
        process = self.start("serve", "--data", self.data, "--listen", "[::1]:0", stderr=subprocess.PIPE, text=True)
        line = process.stderr.readline()
        port = int(re.search(r"http://\[::1\]:(\d+)/", line).group(1))
        with socket.create_connection(("::1", port)) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close\r\n\r\n")
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200"))

    def test_a_named_site_may_ask_from_its_pages(self):
        """The Fetch standard's side of a browser: pages of one other site, in all kinds of answers."""
        origin = "https://cams.example.net"
        path = write_picture(self.pictures, START_MS)
        self.scan()
        self.assertTrue(os.path.exists(os.path.join(self.pictures, path)))
        server = self.serve("--allowed-origin", origin)
        frame, = server.api("/frames", camera="00_50_1a_02_2c_be")["frames"]
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "content-type"}
        body = json.dumps({"stretches": [{"camera": frame["camera"], "from": frame["time"], "to": frame["time"]}],
                           "reviewed": True})
        change = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}
        answers = [(server.get("/api/v1/cameras"), 200), (server.get(frame["url"]), 200), (server.get(frame["url"]), 200),
                   (server.get(frame["url"], width=160), 200), (server.get(frame["url"], width=160), 200),
                   (server.get(frame["url"], headers={"Range": "bytes=0-9"}, status=206), 206),
                   (server.get("/api/v1/nothing", status=404), 404),
                   (server.request("OPTIONS", "/api/v1/marks", preflight), 204),
                   (server.request("POST", "/api/v1/marks", change, body), 200)]
        for answer, status in answers:
            self.assertEqual((answer.status, answer.headers.get("access-control-allow-origin")), (status, origin))
        self.assertIn("POST", answers[7][0].headers["access-control-allow-methods"])
        self.assertIn("Content-Type", answers[7][0].headers["access-control-allow-headers"])
        for other in ("https://example.net", "https://cams.example.net:8443", "http://cams.example.net", "null"):
            self.assertEqual(server.request("POST", "/api/v1/marks", {**change, "Origin": other}, body).status, 403)

    def test_no_site_may_ask_unless_it_is_named(self):
        server = self.serve()
        for answer in (server.get("/api/v1/cameras", headers={"Origin": "https://cams.example.net"}, status=403),
                       server.request("OPTIONS", "/api/v1/marks", {"Origin": "https://cams.example.net",
                                                                   "Access-Control-Request-Method": "POST"})):
            self.assertFalse([name for name in answer.headers if name.startswith("access-control")])
        for wrong in ("*", "cams.example.net", "https://cams.example.net/", "https://", "null", "https://a@b", "ftp://x"):
            refused = run("serve", "--data", self.data, "--listen", "127.0.0.1:0", "--allowed-origin", wrong, status=2)
            self.assertIn("allowed_origin", refused.err)

    def test_an_allowed_name_is_answered(self):
        server = self.serve("--allowed-hosts", "cams.example.net")
        server.get("/healthz", headers={"Host": "cams.example.net"})
        server.get("/healthz", headers={"Host": "example.net"}, status=421)


if __name__ == "__main__":
    cctvweb.main()
