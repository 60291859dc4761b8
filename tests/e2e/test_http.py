"""The calls of the HTTP interface: what they answer, held against the OpenAPI document and the
files behind it."""

import datetime
import gzip
import os
import re
import threading
import urllib.parse

import cctvweb
from cctvweb import *
from http_case import *


class Calls(Filled):
    def test_answers_are_as_described(self):
        document = self.document()
        span = {"from": START_MS, "to": START_MS + 90000}
        calls = {
            "/api/v1/cameras": [{}],
            "/api/v1/cameras/{name}": [{}],
            "/api/v1/events": [{}, {"camera": [CAMERA], "limit": 1}, {"window": 3, "sort": "-frames"}],
            "/api/v1/frames": [{"camera": CAMERA}, {"camera": CAMERA, "limit": 2}],
            "/api/v1/playback/index": [{"camera": CAMERA, **span}],
            "/api/v1/activity": [{}, {"camera": CAMERA, "bucket": 3600, **span}],
            "/api/v1/frames/near": [{"at": START_MS}, {"at": 0, "camera": CAMERA}],
            "/api/v1/silences": [span, {"camera": CAMERA, **span}],
            "/api/v1/healthz": [{}], "/healthz": [{}], "/readyz": [{}], "/api/v1/readyz": [{}],
        }
        for path, queries in calls.items():
            schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            for query in queries:
                with self.subTest(path=path, query=query):
                    url = path.replace("{name}", CAMERA)
                    answer = self.server.get(url, **query)
                    self.assertEqual(answer.headers["content-type"], "application/json")
                    self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
                    validate(document, schema, answer.json())

    def test_problems_are_as_described(self):
        document = self.document()
        problem = document["components"]["schemas"]["Problem"]
        cases = [
            ("/api/v1/nothing", 404, "nothing"),
            ("/api/v1/cameras/none", 404, "none"),
            ("/api/v1/events?camera=none", 404, "none"),
            ("/api/v1/frames", 400, "camera"),
            ("/api/v1/frames?camera=none", 404, "none"),
            ("/api/v1/events?colour=red", 400, "colour"),
            ("/api/v1/events?from=yesterday", 400, "from"),
            ("/api/v1/events?dwell=0.5", 400, "dwell"),
            ("/api/v1/events?limit=0", 400, "limit"),
            ("/api/v1/events?limit=1001", 400, "limit"),
            ("/api/v1/events?hours=25:00-26:00", 400, "hours"),
            ("/api/v1/events?cursor=nonsense", 400, "cursor"),
            ("/api/v1/frames?camera=%s&limit=x" % CAMERA, 400, "limit"),
            ("/api/v1/frames?camera=%s&cursor=9-1-0" % CAMERA, 400, "cursor"),
            ("/api/v1/playback?camera=%s&from=1" % CAMERA, 400, "to"),
            ("/api/v1/playback.mjpeg?camera=%s&from=1&to=2&speed=0" % CAMERA, 400, "speed"),
            ("/api/v1/playback.mjpeg?camera=%s&from=1&to=2&speed=1000" % CAMERA, 400, "speed"),
            ("/api/v1/activity?bucket=0", 400, "bucket"),
            ("/api/v1/activity?bucket=1", 400, "6 hours"), # counted from frames
            ("/api/v1/activity?bucket=60&origin=1", 400, "6 hours"),
            ("/api/v1/frames/near", 400, "at"),
            ("/api/v1/frames/near?at=0&camera=none", 404, "none"),
            ("/api/v1/silences?from=0&to=%d" % (401 * 86400000), 400, "400"),
            ("/api/v1/silences?from=5&to=4", 400, "to"),
            ("/api/v1/frames/1-2-3.jpg", 404, ""),
            ("/api/v1/frames/x.jpg", 404, "x"),
            ("/api/v1/live?camera=none", 404, "none"),
            ("/api/v1/cameras?x=%ff", 400, "UTF-8"),
            ("/api/v1/cameras/%zz", 400, "%"),
            ("/api/v1/cameras?" + "a" * 9000, 414, "8192"),
        ]
        for path, status, word in cases:
            with self.subTest(path=path[:80]):
                answer = self.server.get(path, status=status)
                self.assertEqual(answer.headers["content-type"], "application/problem+json")
                validate(document, problem, answer.json())
                self.assertEqual(answer.json()["status"], status)
                self.assertIn(word, answer.json()["detail"])

    def test_pages_of_frames_are_all_frames_once(self):
        for limit in (1, 7, 50, 99, 100, 1000):
            if limit == 1:
                frames = self.server.pages("/frames", "frames", camera=CAMERA, limit=1, to=START_MS + 5000)
                self.assertEqual(len(frames), 11)
                continue
            frames = self.server.pages("/frames", "frames", camera=CAMERA, limit=limit)
            self.assertEqual([frame["time"] for frame in frames], [rfc3339(t) for t in self.times])
        part = self.server.api("/frames", camera=CAMERA, from_=START_MS + 500, to=START_MS + 1500)
        self.assertEqual([frame["time"] for frame in part["frames"]],
                         [rfc3339(START_MS + 500 * i) for i in (1, 2, 3)])
        self.assertEqual(part["total"], 3)

    def test_cameras_and_accounts_come_in_pages_too(self):
        for name in ("yard", "a 门", "gate"):
            run("camera", "add", name, "--data", self.data)
        for path, items, field in (("/cameras", "cameras", "name"), ("/accounts", "accounts", "user")):
            whole = self.server.api(path)
            self.assertEqual((whole["total"], whole["next"]), (len(whole[items]), None))
            names = [item[field] for item in whole[items]]
            self.assertGreaterEqual(len(names), 3)
            for limit in range(1, len(names) + 1):
                self.assertEqual([item[field] for item in self.server.pages(path, items, limit=limit)], names)
            self.assertEqual(self.server.api(path, limit=1)["total"], len(names))
            self.server.api(path, status=400, limit=0)

    def test_an_offset_may_come_as_it_is_written(self):
        east = (datetime.datetime.fromtimestamp(START_MS / 1000, datetime.timezone.utc)
                + datetime.timedelta(hours=2)).isoformat(timespec="milliseconds")[:23]
        for sign in ("+", "%2B"):
            answer = self.server.get("/api/v1/frames?camera=" + CAMERA + "&to=" + east + sign + "02:00")
            self.assertEqual(answer.json()["total"], 1, sign)
        self.server.get("/api/v1/frames?camera=" + CAMERA + "&to=" + east + "+2", status=400)

    def test_events_are_those_of_the_command_line(self):
        self.assertEqual(self.server.api("/events")["events"], self.events())
        one = self.server.api("/events", camera=CAMERA, dwell=86400)
        self.assertEqual(one["total"], 1)
        self.assertEqual(one["events"][0]["frames"], 100)

    def test_activity_adds_up(self):
        hour = 3600000
        near = [(START_MS, START_MS + 6 * hour), (START_MS + 23 * hour, START_MS + 26 * hour)]
        for bucket, parts in ((1, near), (60, [None]), (3600, [None]), (86400, [None]), (7, near)):
            buckets = []
            for part in parts:
                ends = {"from": part[0], "to": part[1]} if part else {}
                answer = self.server.api("/activity", camera=CAMERA, bucket=bucket, **ends)["activity"]
                self.assertEqual(len(answer), 1)
                buckets += answer[0]["buckets"]
            self.assertEqual(sum(b["frames"] for b in buckets), 100)
            self.assertEqual(sum(b["motion_frames"] for b in buckets), 25)
            self.assertEqual(sum(b["windows"].get("3", 0) for b in buckets), 25)
            self.assertEqual(sum(b["bytes"] for b in buckets), sum(3000 + i for i in range(100)))
        self.assertEqual(len(self.server.api("/activity")["activity"]), 2)

    def test_the_frame_nearest_to_a_moment(self):
        ends = [self.times[0] - 10 ** 9, self.times[-1] + 10 ** 9]
        middles = [(a + b) // 2 + by for a, b in zip(self.times, self.times[1:]) for by in (-1, 0, 1)]
        for at in ends + middles[::7] + self.times[::9]:
            near = self.server.api("/frames/near", camera=CAMERA, at=at)["frames"]
            wanted = min(self.times, key=lambda time: (abs(time - at), time))
            self.assertEqual([frame["time"] for frame in near], [rfc3339(wanted)])
        both = self.server.api("/frames/near", at=START_MS)["frames"]
        self.assertEqual(len({frame["camera"] for frame in both}), 2)

    def test_head_is_get_without_the_body(self):
        for path in ("/api/v1/cameras", "/", "/metrics", self.frames[0]["url"],
                     "/api/v1/playback?camera=%s&from=%d&to=%d" % (CAMERA, self.times[0], self.times[-1]),
                     "/api/v1/nothing"):
            with self.subTest(path=path):
                get = self.server.get(path, status=None)
                head = self.server.request("HEAD", path)
                self.assertEqual(head.status, get.status)
                self.assertEqual(head.body, b"")
                for name in ("content-type", "etag"):
                    self.assertEqual(head.headers.get(name), get.headers.get(name))
                if path != "/metrics":
                    self.assertEqual(head.headers["content-length"], get.headers["content-length"])

    def test_other_methods(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = self.server.request(method, "/api/v1/events", headers={"Content-Length": "0"})
            self.assertEqual(answer.status, 405)
            self.assertEqual(answer.headers["allow"], "GET, HEAD, OPTIONS")
        answer = self.server.request("OPTIONS", "/api/v1/marks")
        self.assertEqual((answer.status, answer.headers["allow"]), (204, "GET, HEAD, POST, OPTIONS"))
        answer = self.server.request("DELETE", "/api/v1/marks")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, POST, OPTIONS"))
        answer = self.server.request("OPTIONS", "/api/v1/events")
        self.assertEqual((answer.status, answer.headers["allow"]), (204, "GET, HEAD, OPTIONS"))
        self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_json_is_compressed_as_the_client_likes(self):
        path = "/api/v1/frames?camera=%s&limit=100" % CAMERA
        plain = self.server.get(path)
        self.assertNotIn("content-encoding", plain.headers)
        packed = self.server.get(path, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertLess(len(packed.body), len(plain.body) / 5)
        self.assertEqual(packed.headers["vary"], "Accept-Encoding")
        brotli = self.server.get(path, headers={"Accept-Encoding": "gzip, br"})
        self.assertEqual(brotli.headers["content-encoding"], "br")
        refused = self.server.get(path, headers={"Accept-Encoding": "br;q=0, gzip;q=0"})
        self.assertEqual(refused.body, plain.body)
        short = self.server.get("/api/v1/healthz", headers={"Accept-Encoding": "gzip"})
        self.assertNotIn("content-encoding", short.headers)

    def test_json_is_not_sent_twice(self):
        first = self.server.get("/api/v1/events")
        again = self.server.get("/api/v1/events", headers={"If-None-Match": first.headers["etag"]}, status=304)
        self.assertEqual(again.body, b"")
        self.server.get("/api/v1/events", headers={"If-None-Match": '"other"'}, status=200)

    def test_the_app(self):
        for path in ("/", "/cameras", "/day/2014-05-23?camera=gate", "/play?camera=gate", "/index.html"):
            answer = self.server.get(path)
            self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
            self.assertIn("frame-ancestors 'none'", answer.headers["content-security-policy"])
        packed = self.server.get("/", headers={"Accept-Encoding": "gzip"})
        body = gzip.decompress(packed.body) if "content-encoding" in packed.headers else packed.body
        self.assertEqual(body, self.server.get("/").body)
        self.server.get("/", headers={"If-None-Match": packed.headers["etag"], "Accept-Encoding": "gzip"},
                        status=304)
        for asset in re.findall(rb'"(/assets/[^"]+)"', body):
            answer = self.server.get(asset.decode())
            self.assertIn("immutable", answer.headers["cache-control"])
        self.server.get("/assets/none.js", status=404)

    def test_an_address_of_nothing(self):
        browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        page = self.server.get("/")
        for path in ("/foo/bar", "/assets/none.js", "/camerasx"):
            answer = self.server.get(path, headers={**browser, "If-None-Match": page.headers["etag"]}, status=404)
            self.assertEqual(answer.body, page.body)
            self.assertIn("frame-ancestors 'none'", answer.headers["content-security-policy"])
            program = self.server.get(path, headers={"Accept": "*/*"}, status=404)
            self.assertEqual(program.headers["content-type"], "application/problem+json")
        answer = self.server.get("/api/v1/none", headers=browser, status=404)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")

    def test_metrics(self):
        self.server.get("/api/v1/nothing", status=404)
        text = self.server.get("/metrics").body.decode()
        self.assertIn('cctvweb_frames 105\n', text)
        self.assertIn('cctvweb_http_requests_total{route="other",status="4xx"} 1\n', text)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+)$')
        names = re.findall(r"^# TYPE (\S+)", text, re.M)
        self.assertEqual(len(names), len(set(names)))
        # All lines of a figure stand together, below what says its type.
        family = None
        for line in text.splitlines():
            if line.startswith("# TYPE"):
                family = line.split()[2]
            elif not line.startswith("#"):
                name = re.match(r"[a-z_]+", line).group()
                self.assertIn(name, (family, family + "_bucket", family + "_sum", family + "_count"))
        self.assertEqual(self.server.get("/api/v1/metrics").body.decode().count("cctvweb_frames "), 3)


class Threads(Case):
    def test_each_has_a_name(self):
        server = self.serve(self.pictures, "--ftp", "off")
        server.get("/readyz")
        names = []
        for task in os.listdir("/proc/%d/task" % server.process.pid):
            with open("/proc/%d/task/%s/comm" % (server.process.pid, task)) as file:
                names.append(file.read().strip())
        with open("/proc/%d/exe" % server.process.pid, "rb") as file:
            watched = b"__tsan_init" in file.read()  # it has a thread of its own, named as the main one
        self.assertEqual(names.count("cctvweb"), 1 + watched, names)
        for name in ("ingest", "watcher", "keeper", "thumbnails", "exports", "MHD-worker"):
            self.assertIn(name, names)


class Frames(Filled):
    def test_bytes_are_those_of_the_file(self):
        for frame in self.frames:
            answer = self.server.get(frame["url"])
            with open(frame["path"], "rb") as file:
                self.assertEqual(answer.body, file.read())
            self.assertEqual(len(answer.body), frame["bytes"])
            self.assertEqual(answer.headers["content-type"], "image/jpeg")
            self.assertIn("immutable", answer.headers["cache-control"])
        self.assertIn('filename="%s_2014-05-19T14-47-21.748Z.jpg"' % CAMERA,
                      self.server.get(self.frames[0]["url"]).headers["content-disposition"])

    def test_conditions(self):
        url = self.frames[3]["url"]
        whole = self.server.get(url)
        etag, modified = whole.headers["etag"], whole.headers["last-modified"]
        for headers, status in [
                ({"If-None-Match": etag}, 304), ({"If-None-Match": '"x", ' + etag}, 304),
                ({"If-None-Match": "*"}, 304), ({"If-None-Match": '"x"'}, 200),
                ({"If-Modified-Since": modified}, 304),
                ({"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
                ({"If-None-Match": '"x"', "If-Modified-Since": modified}, 200)]:
            answer = self.server.get(url, headers=headers, status=status)
            self.assertEqual(answer.headers["etag"], etag)
            self.assertEqual(answer.body, whole.body if status == 200 else b"")

    def test_ranges(self):
        url = self.frames[3]["url"]
        whole = self.server.get(url)
        size = len(whole.body)
        for text, start, end in [("0-0", 0, 1), ("0-99", 0, 100), ("100-", 100, size), ("-10", size - 10, size),
                                 ("%d-" % (size - 1), size - 1, size), ("0-999999", 0, size),
                                 ("-999999", 0, size)]:
            answer = self.server.get(url, headers={"Range": "bytes=" + text}, status=206)
            self.assertEqual(answer.body, whole.body[start:end])
            self.assertEqual(answer.headers["content-range"], "bytes %d-%d/%d" % (start, end - 1, size))
            self.assertEqual(answer.headers["etag"], whole.headers["etag"])
        for text in ("%d-" % size, "-0", "99999999999999999999-"):
            answer = self.server.get(url, headers={"Range": "bytes=" + text}, status=416)
            self.assertEqual(answer.headers["content-range"], "bytes */%d" % size)
        for text in ("bytes=0-1,5-6", "bytes=5-1", "lines=1-2", "nonsense"):
            self.assertEqual(self.server.get(url, headers={"Range": text}).body, whole.body)
        part = {"Range": "bytes=0-9"}
        self.server.get(url, headers={"If-Range": whole.headers["etag"], **part}, status=206)
        self.server.get(url, headers={"If-Range": '"other"', **part}, status=200)

    def test_a_file_that_is_another_one_is_not_shown_as_the_old(self):
        def put(frame, data, mtime_ms=None):
            with open(frame["path"], "wb") as file:
                file.write(data)
            if mtime_ms is not None:
                os.utime(frame["path"], ns=(mtime_ms * 10**6, mtime_ms * 10**6))

        removed, longer, touched, replaced = self.frames[:4]
        for frame in self.frames[:4]:
            self.server.get(frame["url"])  # and thereby into the cache of open files
        os.remove(removed["path"])
        put(longer, jpeg(size=5000), self.times[1])
        put(touched, jpeg(size=touched["bytes"]))
        with open(replaced["path"] + ".new", "wb") as file:
            file.write(jpeg(size=replaced["bytes"], shade=1))
        os.rename(replaced["path"] + ".new", replaced["path"])
        for frame in (removed, longer, touched, replaced):
            for query in ("", "?width=160"):
                answer = self.server.get(frame["url"] + query, status=410)
                self.assertIn(frame["path"], answer.json()["detail"])
                self.assertRegex(answer.json()["detail"], r"noticed \d{4}-")
        self.scan()
        answer = self.server.get(removed["url"], status=410)
        self.assertIn(removed["path"], answer.json()["detail"])

    def test_names_are_not_limited_to_ascii(self):
        name = "Küche & Bad"
        os.mkdir(os.path.join(self.pictures, name))
        with open(os.path.join(self.pictures, name, "a.jpg"), "wb") as file:
            file.write(jpeg())
        self.scan()
        names = [camera["name"] for camera in self.server.api("/cameras")["cameras"]]
        self.assertIn(name, names)
        self.assertEqual(self.server.api("/cameras/" + urllib.parse.quote(name))["name"], name)
        frame = self.server.api("/frames", camera=name)["frames"][0]
        self.assertIn("filename*=UTF-8''K%C3%BCche%20%26%20Bad_",
                      self.server.get(frame["url"]).headers["content-disposition"])


class Thumbnails(Filled):
    def setUp(self):
        super().setUp()
        self.big = self.times[-1] + 10000
        write_picture(self.pictures, self.big, width=1280, height=1024, shade=3)
        broken = write_picture(self.pictures, self.big + 10000)
        with open(os.path.join(self.pictures, broken), "rb") as file:
            data = file.read()
        with open(os.path.join(self.pictures, broken), "wb") as file:
            file.write(data[:data.index(b"\xff\xda")])
        os.utime(os.path.join(self.pictures, broken), ns=((self.big + 10000) * 10**6,) * 2)
        self.scan()
        found = self.server.api("/frames", camera=CAMERA, from_=self.big)["frames"]
        self.url, self.broken = [frame["url"] for frame in found]

    @staticmethod
    def size(body):
        at = re.search(rb"\xff\xc0..\x08(..)(..)", body, re.S)
        return int.from_bytes(at.group(2), "big"), int.from_bytes(at.group(1), "big")

    def test_sizes(self):
        for width, expected in [(16, (160, 128)), (160, (160, 128)), (161, (320, 256)), (640, (640, 512)),
                                (1280, (1280, 1024)), (2048, (1280, 1024))]:
            answer = self.server.get(self.url + "?width=%d" % width)
            self.assertEqual(self.size(answer.body), expected)
            self.assertEqual(answer.headers["content-type"], "image/jpeg")
            self.assertIn("immutable", answer.headers["cache-control"])
            again = self.server.get(self.url + "?width=%d" % width)
            self.assertEqual(again.body, answer.body)
            self.server.get(self.url + "?width=%d" % width, status=304,
                            headers={"If-None-Match": answer.headers["etag"]})
        for width in ("15", "2049", "x", "-1", "99999999999999999999"):
            self.server.get(self.url + "?width=" + width, status=400)
        kept = [name for _, _, names in os.walk(os.path.join(self.data, "cache", "thumbnails")) for name in names]
        self.assertEqual(len(kept), 5)
        self.assertFalse([name for name in kept if name.startswith(".")])

    def test_what_cannot_be_decoded(self):
        answer = self.server.get(self.broken + "?width=160", status=422)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.server.get(self.broken)

    def test_a_burst_does_not_hold_up_frames(self):
        urls = [frame["url"] for frame in self.frames] * 3
        statuses = []

        def ask(url, query):
            statuses.append(self.server.get(url + query, status=None).status)

        threads = [threading.Thread(target=ask, args=(url, "?width=320")) for url in urls]
        threads += [threading.Thread(target=ask, args=(url, "")) for url in urls[:20]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(statuses), {200})
        made = int(re.search(r"^cctvweb_thumbnails_made_total (\d+)", self.server.get("/metrics").body.decode(),
                             re.M).group(1))
        self.assertEqual(made, len(self.frames))

    def test_the_cache_is_bounded(self):
        self.server.stop()
        server = self.serve(env=environment(CCTVWEB_CACHE_MB=1))
        for frame in self.frames:
            for width in (160, 320):
                server.get(frame["url"] + "?width=%d" % width)
        total = sum(os.path.getsize(os.path.join(folder, name))
                    for folder, _, names in os.walk(os.path.join(self.data, "cache")) for name in names)
        self.assertLessEqual(total, 1 << 20)


if __name__ == "__main__":
    cctvweb.main()
