"""Playback as a stream and paced, live messages, and how the server ends."""

import json
import os
import signal
import socket
import threading
import time

import cctvweb
from cctvweb import *

CAMERA = "00_50_1a_02_2c_be"


class Listener:
    """Server-sent events, read on a thread of its own."""

    def __init__(self, case, server, path="/api/v1/live", last_id=None):
        self.messages, self.comments, self.ended = [], 0, False
        self.client = socket.create_connection((server.host, server.port))
        case.addCleanup(self.client.close)
        header = "GET %s HTTP/1.1\r\nHost: localhost\r\n" % path
        if last_id is not None:
            header += "Last-Event-ID: %s\r\n" % last_id
        self.client.sendall((header + "\r\n").encode())
        self.file = self.client.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            self.headers[name.lower()] = value.strip()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _chunks(self):
        while True:
            size = int(self.file.readline() or b"0", 16)
            if size == 0:
                return
            yield self.file.read(size)
            self.file.readline()

    def _read(self):
        text = b""
        try:
            for chunk in self._chunks():
                text += chunk
                while b"\n\n" in text:
                    block, text = text.split(b"\n\n", 1)
                    self._take(block.decode())
        except (OSError, ValueError):
            pass
        self.ended = True

    def _take(self, block):
        fields = {}
        for line in block.split("\n"):
            if line.startswith(":"):
                self.comments += 1
                continue
            name, value = line.split(": ", 1)
            fields[name] = value
        if "event" in fields:
            self.messages.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))

    def of(self, kind):
        """What was told of a kind; a frame that was told again (its time was set after it was
        written, say) counts once."""
        told = [data for _, name, data in self.messages if name == kind]
        return list({data["id"]: data for data in told}.values()) if kind == "frame" else told


class Playback(Case):
    def setUp(self):
        super().setUp()
        self.times = [START_MS + i * 100 for i in range(300)]
        self.bytes = []
        for i, time_ms in enumerate(self.times):
            path = write_picture(self.pictures, time_ms, windows=(1 + i % 3,), size=2000 + i * 7)
            with open(os.path.join(self.pictures, path), "rb") as file:
                self.bytes.append(file.read())
        self.paths = [os.path.join(self.pictures, iqeye_path(time_ms)) for time_ms in self.times]
        self.scan()
        self.server = self.serve()
        self.range = {"camera": CAMERA, "from_": self.times[0], "to": self.times[-1]}
        self.url = "/api/v1/playback?camera=%s&from=%d&to=%d" % (CAMERA, self.times[0], self.times[-1])

    def test_the_stream_is_the_files_one_after_the_other(self):
        whole = self.server.get("/api/v1/playback", **self.range)
        self.assertEqual(whole.body, b"".join(self.bytes))
        self.assertEqual(whole.headers["content-type"], "video/x-motion-jpeg")
        part = self.server.get("/api/v1/playback", camera=CAMERA, from_=self.times[10], to=self.times[20])
        self.assertEqual(part.body, b"".join(self.bytes[10:21]))
        none = self.server.get("/api/v1/playback", camera=CAMERA, from_=1, to=2)
        self.assertEqual((none.body, none.headers["content-length"]), (b"", "0"))
        turned = self.server.get("/api/v1/playback", camera=CAMERA, from_=self.times[9], to=self.times[3])
        self.assertEqual(turned.body, b"")

    def test_the_index_says_where_each_frame_is(self):
        whole = self.server.get("/api/v1/playback", **self.range).body
        index = self.server.api("/playback/index", **self.range)
        self.assertEqual((index["bytes"], index["count"], len(index["frames"])), (len(whole), 300, 300))
        for frame, data, time_ms in zip(index["frames"], self.bytes, self.times):
            self.assertEqual(whole[frame["offset"]:frame["offset"] + frame["length"]], data)
            self.assertEqual(frame["time"], rfc3339(time_ms))
        for number in (0, 1, 150, 299):
            frame = index["frames"][number]
            answer = self.server.get(self.url, status=206, headers={
                "Range": "bytes=%d-%d" % (frame["offset"], frame["offset"] + frame["length"] - 1)})
            self.assertEqual(answer.body, self.bytes[number])

    def test_ranges_anywhere(self):
        whole = b"".join(self.bytes)
        etag = self.server.request("HEAD", self.url).headers["etag"]
        for start, end in [(0, 0), (1, 1), (1999, 2000), (1990, 5000), (100000, 100001), (len(whole) - 1, len(whole) - 1),
                           (12345, len(whole) - 1)]:
            answer = self.server.get(self.url, status=206, headers={
                "Range": "bytes=%d-%d" % (start, end), "If-Range": etag})
            self.assertEqual(answer.body, whole[start:end + 1])
        self.server.get(self.url, status=416, headers={"Range": "bytes=%d-" % len(whole)})
        self.server.get(self.url, status=304, headers={"If-None-Match": etag})

    def test_a_file_that_is_gone_is_never_a_silent_hole(self):
        os.remove(self.paths[150])
        offset = sum(len(data) for data in self.bytes[:150])
        whole = b"".join(self.bytes)
        with socket.create_connection((self.server.host, self.server.port)) as client:
            client.sendall(("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % self.url).encode())
            got = b""
            while True:
                more = client.recv(1 << 16)
                if not more:
                    break
                got += more
        head, body = got.split(b"\r\n\r\n", 1)
        self.assertIn(b"Content-Length: %d" % len(whole), head)
        self.assertLessEqual(len(body), offset)
        self.assertEqual(body, whole[:len(body)])
        # Before the first byte it is said.
        answer = self.server.get(self.url, status=410, headers={"Range": "bytes=%d-" % offset})
        self.assertIn(self.paths[150], answer.json()["detail"])
        self.scan()
        rest = self.server.get("/api/v1/playback", **self.range)
        self.assertEqual(rest.body, b"".join(self.bytes[:150] + self.bytes[151:]))
        self.assertEqual(self.server.api("/playback/index", **self.range)["count"], 299)

    def test_frames_without_a_file_are_in_neither(self):
        with open(self.path("rows.csv"), "w") as file:
            file.write('/none/00_50_1a_02_2c_be/a.trig+00.jpg,"{""IQimage"":{""sequence"":1,""time"":%d,'
                       '""event"":[""none""]}}",\n' % (self.times[5] + 50))
        run("import", "--data", self.data, self.path("rows.csv"))
        self.assertEqual(sum(c["frames"] for c in self.server.api("/cameras")["cameras"]), 301)
        for camera in self.server.api("/cameras")["cameras"]:
            span = {**self.range, "camera": camera["name"]}
            index = self.server.api("/playback/index", **span)
            self.assertEqual(index["count"], len(index["frames"]))
            self.assertEqual(len(self.server.get("/api/v1/playback", **span).body), index["bytes"])
            self.assertNotIn(0, [frame["length"] for frame in index["frames"]])

    def parts(self, seconds=5, **query):
        """The parts of a paced playback with the moment each arrived."""
        url = self.url.replace("/playback?", "/playback.mjpeg?")
        url += "".join("&%s=%s" % pair for pair in query.items())
        stream, connection = self.server.stream(url)
        self.assertEqual(stream.status, 200)
        boundary = stream.headers.get_param("boundary").encode()
        parts = []
        while True:
            line = stream.readline().strip()
            if not line:
                if stream.isclosed() or stream.fp is None:
                    break
                continue
            if line == b"--" + boundary + b"--":
                break
            self.assertEqual(line, b"--" + boundary)
            headers = {}
            for header in iter(stream.readline, b"\r\n"):
                name, value = header.decode().split(":", 1)
                headers[name.lower()] = value.strip()
            parts.append((time.monotonic(), headers, stream.read(int(headers["content-length"]))))
        connection.close()
        return parts

    def test_paced_playback_keeps_the_pace(self):
        parts = self.parts(speed=20)
        self.assertEqual([data for _, _, data in parts], self.bytes)
        self.assertEqual([headers["x-frame-time"] for _, headers, _ in parts], [rfc3339(t) for t in self.times])
        took = parts[-1][0] - parts[0][0]
        self.assertGreater(took, 29.9 / 20 * 0.95)
        self.assertLess(took, 29.9 / 20 + 2 * PATIENCE)
        # It is spread over that time, not sent in a lump.
        middle = parts[150][0] - parts[0][0]
        self.assertGreater(middle, took * 0.3)

    def test_long_gaps_are_shortened(self):
        late = self.times[-1] + 3600000
        write_picture(self.pictures, late, windows=(1,))
        self.scan()
        url = "/api/v1/playback.mjpeg?camera=%s&from=%d&to=%d&skip=0.3" % (CAMERA, self.times[-1], late)
        began = time.monotonic()
        body = self.server.get(url).body
        self.assertEqual(body.count(b"X-Frame-Id"), 2)
        self.assertGreater(time.monotonic() - began, 0.28)
        self.assertLess(time.monotonic() - began, 5 * PATIENCE)

    def test_many_paced_viewers_hold_no_thread(self):
        viewers = []
        self.addCleanup(lambda: [c.close() for c in viewers])
        for _ in range(200):
            client = socket.create_connection((self.server.host, self.server.port))
            client.sendall((("GET %s&speed=0.1 HTTP/1.1\r\nHost: localhost\r\n\r\n" % self.url)
                            .replace("/playback?", "/playback.mjpeg?")).encode())
            viewers.append(client)
        for client in viewers:
            self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 200"))
        began = time.monotonic()
        self.server.get("/api/v1/cameras")
        self.assertLess(time.monotonic() - began, 2 * PATIENCE)
        self.assertEqual(self.server.stop(), 0)


class Long(Case):
    def test_a_range_of_many_frames_costs_no_memory(self):
        """The index and the stream of 20,000 frames, read slowly."""
        for i in range(20000):
            write_picture(self.pictures, START_MS + i * 40)
        self.scan()
        server = self.serve()

        def memory():
            with open("/proc/%d/status" % server.process.pid) as file:
                return int([line for line in file if line.startswith("VmHWM")][0].split()[1])

        server.api("/cameras")
        before = memory()
        index = server.api("/playback/index", camera=CAMERA, from_=0, to=START_MS * 2)
        self.assertEqual((index["count"], len(index["frames"])), (20000, 20000))
        answer = server.get("/api/v1/playback", camera=CAMERA, from_=0, to=START_MS * 2)
        self.assertEqual(len(answer.body), index["bytes"])
        if PATIENCE == 1:  # a sanitizer's own memory is no measure
            self.assertLess(memory() - before, 8000)


class Changing(Case):
    """What is being sent while the catalog changes."""

    def setUp(self):
        super().setUp()
        self.size, self.count = 30000, 1000
        for i in range(self.count):
            write_picture(self.pictures, START_MS + i * 1000, size=self.size)
        self.scan()
        self.server = self.serve()
        self.url = "/api/v1/playback?camera=%s&from=0&to=%d" % (CAMERA, START_MS * 2)

    def read_with_a_change(self, change):
        """The body of the whole range when `change` happens after its first megabyte."""
        with socket.create_connection((self.server.host, self.server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            client.sendall(("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % self.url).encode())
            got = client.recv(1 << 20)
            change()
            while more := client.recv(1 << 20):
                got += more
                if len(got) > self.size * self.count:
                    break
        return got.split(b"\r\n\r\n", 1)[1]

    def original(self):
        names = [os.path.join(self.pictures, iqeye_path(START_MS + i * 1000)) for i in range(self.count)]
        return b"".join(open(name, "rb").read() for name in names)

    def test_frames_that_come_later_are_not_in_it(self):
        def change():
            for i in range(5):
                write_picture(self.pictures, START_MS + (self.count + i) * 1000, size=self.size)
            self.scan()

        self.assertEqual(self.read_with_a_change(change), self.original())

    def test_frames_that_come_between_end_it(self):
        def change():
            write_picture(self.pictures, START_MS + (self.count - 10) * 1000 + 500, size=self.size)
            self.scan()

        original = self.original()
        got = self.read_with_a_change(change)
        self.assertLess(len(got), len(original))
        self.assertEqual(got, original[:len(got)])
        self.assertIn("playback-cut", self.server.log())


class Live(Case):
    def now_ms(self):
        return int(time.time() * 1000)

    def put(self, server, time_ms, mac=MAC, windows=()):
        write_picture(self.pictures, time_ms, mac=mac, windows=windows)

    def test_frames_events_and_cameras_are_told(self):
        server = self.serve(self.pictures)
        listener = Listener(self, server)
        self.assertEqual(listener.headers["content-type"], "text/event-stream")
        start = self.now_ms() - 20000
        for i in range(5):
            self.put(server, start + i * 500, windows=(3,))
        self.wait_until(lambda: len(listener.of("frame")) == 5, what="five frames")
        self.wait_until(lambda: listener.of("event") and listener.of("event")[-1]["frames"] == 5)
        self.wait_until(lambda: listener.of("camera"))
        self.assertEqual([frame["time"] for frame in sorted(listener.of("frame"), key=lambda f: f["time"])],
                         [rfc3339(start + i * 500) for i in range(5)])
        event = listener.of("event")[-1]
        self.assertEqual((event["camera"], event["duration"], event["windows"]), (CAMERA, 2, [3]))
        self.assertEqual(event, server.api("/events")["events"][0])
        self.assertEqual(server.get(listener.of("frame")[0]["url"]).status, 200)
        ids = [number for number, _, _ in listener.messages]
        self.assertEqual(ids, sorted(set(ids)))

    def test_who_comes_back_gets_what_it_missed(self):
        server = self.serve(self.pictures)
        first = Listener(self, server)
        start = self.now_ms() - 60000
        for i in range(10):
            self.put(server, start + i * 500)
        self.wait_until(lambda: len(first.of("frame")) == 10)
        self.wait_until(lambda: first.of("event") and first.of("event")[-1]["frames"] == 10)
        time.sleep(0.3)
        for cut in (0, 3, len(first.messages) - 1):
            again = Listener(self, server, last_id=first.messages[cut][0])
            wanted = first.messages[cut + 1:]
            self.wait_until(lambda: len(again.messages) >= len(wanted))
            self.assertEqual(again.messages[:len(wanted)], wanted)
        for last_id in ("1", "99999999999999999", "nonsense", "-5"):
            lost = Listener(self, server, last_id=last_id)
            self.wait_until(lambda: lost.messages)
            self.assertEqual(lost.messages[0][1], "reset")
        # A server that was started again does not give old numbers a new meaning.
        server.stop()
        server = self.serve(self.pictures)
        lost = Listener(self, server, last_id=first.messages[-1][0])
        self.wait_until(lambda: lost.messages)
        self.assertEqual(lost.messages[0][1], "reset")

    def test_only_the_cameras_asked_for(self):
        start = self.now_ms() - 60000
        self.put(None, start)
        self.put(None, start, mac=mac_of(9))
        self.scan()
        server = self.serve(self.pictures)
        both = Listener(self, server)
        one = Listener(self, server, "/api/v1/live?camera=" + CAMERA)
        for i in range(1, 4):
            self.put(server, start + i * 500)
            self.put(server, start + i * 500, mac=mac_of(9))
        self.wait_until(lambda: len(both.of("frame")) == 6)
        self.wait_until(lambda: len(one.of("frame")) == 3)
        self.assertEqual({frame["camera"] for frame in one.of("frame")}, {CAMERA})

    def test_a_listener_that_does_not_read_harms_nobody(self):
        server = self.serve(self.pictures)
        stuck = socket.socket()
        self.addCleanup(stuck.close)
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect((server.host, server.port))
        stuck.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        listener = Listener(self, server)
        start = self.now_ms() - 3600000
        for i in range(600):
            self.put(server, start + i * 2500)
        self.wait_until(lambda: server.api("/frames", camera=CAMERA)["total"] == 600, seconds=20)
        self.put(server, start + 3000000)
        self.wait_until(lambda: any(frame["time"] == rfc3339(start + 3000000) for frame in listener.of("frame")))
        self.assertEqual(server.stop(), 0)

    def test_many_listeners(self):
        server = self.serve(self.pictures)
        listeners = []
        self.addCleanup(lambda: [client.close() for client in listeners])
        for _ in range(400):
            client = socket.create_connection((server.host, server.port))
            client.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            listeners.append(client)
        self.wait_until(lambda: b"cctvweb_live_clients 400\n" in server.get("/metrics").body)
        self.put(server, self.now_ms() - 20000)
        for client in listeners:
            client.settimeout(10 * PATIENCE)
            text = b""
            while b"event: frame" not in text:
                more = client.recv(65536)
                self.assertTrue(more)
                text += more
        for client in listeners[:200]:
            client.close()
        self.put(server, self.now_ms() - 10000)
        self.wait_until(lambda: b"cctvweb_live_clients 200\n" in server.get("/metrics").body, seconds=20)

    def test_it_ends_when_told(self):
        write_picture(self.pictures, START_MS)
        self.scan()
        server = self.serve(self.pictures)
        listeners = [Listener(self, server) for _ in range(20)]
        stream, _ = server.stream("/api/v1/playback.mjpeg?camera=%s&from=0&to=%d&speed=0.1" % (CAMERA, START_MS * 2))
        stream.read(100)
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5 * PATIENCE)
        self.wait_until(lambda: all(listener.ended for listener in listeners))

    def test_sigusr1_says_how_far_it_is(self):
        server = self.serve(self.pictures)
        server.process.send_signal(signal.SIGUSR1)
        self.wait_until(lambda: "serve progress" in server.log())
        server.get("/healthz")


if __name__ == "__main__":
    cctvweb.main()
