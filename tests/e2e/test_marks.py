"""What people say of stretches of time: marks, and the way a change takes."""

import random
import select
import socket
import threading

import cctvweb
from cctvweb import *
from http_case import *


class Writing(Filled):
    """How a change may come at all."""

    BODY = {"stretches": [{"camera": CAMERA, "from": START_MS, "to": START_MS + 1000}], "reviewed": True}

    def marks(self):
        return self.server.api("/marks")["total"]

    def raw(self, data):
        with socket.create_connection((self.server.host, self.server.port), timeout=10 * PATIENCE) as client:
            client.sendall(data)
            answer = b""
            while more := client.recv(65536):
                answer += more
            return answer

    def test_pages_of_other_sites_change_nothing(self):
        own = "%s:%d" % (self.server.host, self.server.port)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://" + own + "1"},
                        {"Origin": "http://127.0.0.1"}, {"Origin": "file://"}, {"Origin": ""},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "http://" + own, "Sec-Fetch-Site": "cross-site"}):
            with self.subTest(headers=headers):
                refused = self.server.send("POST", "/marks", self.BODY, headers=headers, status=403)
                self.assertIn("another site", refused["detail"])
        self.assertEqual(self.marks(), 0)
        for headers in ({}, {"Origin": "http://" + own}, {"Origin": "http://" + own, "Sec-Fetch-Site": "same-origin"},
                        {"Sec-Fetch-Site": "none"}):
            self.server.send("POST", "/marks", self.BODY, headers=headers)
        self.assertEqual(self.marks(), 1)

    def test_only_json_is_taken(self):
        text = json.dumps(self.BODY)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", None):
            answer = self.server.request("POST", "/api/v1/marks", {"Content-Type": kind} if kind else {}, text)
            self.assertEqual(answer.status, 415, kind)
        for kind in ("application/json; charset=utf-8", "Application/JSON"):
            self.assertEqual(self.server.request("POST", "/api/v1/marks", {"Content-Type": kind}, text).status, 200)

    def test_every_prefix_of_a_body_is_refused(self):
        text = json.dumps(self.BODY)
        for length in range(len(text)):
            answer = self.server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"}, text[:length])
            self.assertEqual(answer.status, 400, text[:length])
        self.assertEqual(self.marks(), 0)

    def test_what_is_wrong_is_named(self):
        one = self.BODY["stretches"][0]
        cases = [
            ("{}", "stretches"), ("[]", "an object"), ("null", "JSON"), ("1", "JSON"), ("{} {}", "JSON"),
            ("\xff", "JSON"), ('{"stretches": [], "stretches": []}', "JSON"), ("[" * 500000, "JSON"),
            ({"stretches": []}, "reviewed"), ({"stretches": [], "pinned": True}, "1 .. 1000"),
            ({"stretches": [one] * 1001, "pinned": True}, "1 .. 1000"), ({"stretches": [one]}, "reviewed"),
            ({**self.BODY, "colour": 1}, '"colour"'), ({**self.BODY, "reviewed": 1}, "reviewed: wanted is true or false"),
            ({**self.BODY, "reviewed": None}, "reviewed"), ({**self.BODY, "stretches": {}}, "a list"),
            ({**self.BODY, "stretches": [one, 3]}, "stretches[1]"),
            ({**self.BODY, "stretches": [one, {**one, "to": one["from"] - 1}]}, "stretches[1]: to: lies before"),
            ({**self.BODY, "stretches": [{**one, "from": "yesterday"}]}, "stretches[0]: from"),
            ({**self.BODY, "stretches": [{**one, "from": 1.5}]}, "from: wanted is a time"),
            ({**self.BODY, "stretches": [{**one, "from": 10 ** 17}]}, "from"),
            ({**self.BODY, "stretches": [{"camera": CAMERA, "from": 1}]}, "to: is required"),
            ({**self.BODY, "stretches": [{**one, "camera": 5}]}, "camera: wanted is a string"),
        ]
        for body, word in cases:
            with self.subTest(body=str(body)[:80]):
                text = body if isinstance(body, str) else json.dumps(body)
                answer = self.server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"},
                                             text.encode("latin-1"))
                self.assertEqual(answer.status, 400, answer.body)
                self.assertIn(word, answer.json()["detail"])
        for name in ("nobody", "x" * 5000, ""):
            body = {**self.BODY, "stretches": [one, {**one, "camera": name}]}
            self.assertIn(name[:20], self.server.send("POST", "/marks", body, status=404)["detail"])
        self.assertEqual(self.marks(), 0)

    def test_size_is_bounded(self):
        head = b"POST /api/v1/marks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        answer = self.raw(head + b"Content-Length: 1048577\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer[:100])
        answer = self.raw(head + b"Content-Length: 99999999999999999999999\r\n\r\n")
        self.assertIn(answer[9:12], (b"413", b"400"), answer[:100])
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        answer = self.raw(head + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer[:100])
        # Just what fits, in chunks.
        text = json.dumps(self.BODY).encode()
        text += b" " * (1048576 - len(text))
        answer = self.raw(head + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          b"".join(b"4000\r\n" + text[i:i + 16384] + b"\r\n" for i in range(0, len(text), 16384)) + b"0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200"), answer[:300])
        # Without an end: cut.
        with socket.create_connection((self.server.host, self.server.port), timeout=20 * PATIENCE) as client:
            client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            with self.assertRaises(OSError):
                for _ in range(4000):
                    client.sendall(chunk)

    def test_bodies_in_flight_are_bounded_together(self):
        head = (b"POST /api/v1/marks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 1048576\r\n\r\n ")
        held = []
        self.addCleanup(lambda: [client.close() for client in held])
        for _ in range(70):
            held.append(socket.create_connection((self.server.host, self.server.port)))
            held[-1].sendall(head)
        # 64 are waited for; the six beyond are answered at once.
        self.wait_until(lambda: len(select.select(held, [], [], 1)[0]) == 6, 10, "six refusals")
        refused = self.server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"}, "{}")
        self.assertEqual(refused.status, 503)
        deadline = time.monotonic() + 10 * PATIENCE
        self.assertEqual(self.server.api("/marks")["total"], 0)
        for client in held:
            client.close()
        while self.server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"}, "{}").status != 400:
            self.assertLess(time.monotonic(), deadline)

    def test_many_at_once_and_a_stop_in_the_middle(self):
        statuses = []

        def work(number):
            for i in range(20):
                time_ms = START_MS + (number * 20 + i) * 10000
                body = {"stretches": [{"camera": CAMERA, "from": time_ms, "to": time_ms + 5}], "reviewed": True}
                try:
                    statuses.append(self.server.request("POST", "/api/v1/marks", {"Content-Type": "application/json"},
                                                        json.dumps(body)).status)
                except OSError:
                    pass

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 160)
        self.assertEqual(self.marks(), 160)
        threads = [threading.Thread(target=work, args=(number + 8,)) for number in range(8)]
        for thread in threads:
            thread.start()
        self.assertEqual(self.server.stop(), 0)
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(statuses), {200, 503})
        self.server = self.serve()
        self.assertGreaterEqual(self.marks(), statuses.count(200))


class Marks(Filled):
    OTHER = mac_text(SECOND, "_")

    def mark(self, *stretches, camera=CAMERA, **wish):
        return self.server.send("POST", "/marks", {"stretches": [{"camera": camera, "from": a, "to": b}
                                                                for a, b in stretches], **wish})

    def stretches(self, kind, **query):
        return [(mark["camera"], mark["from"], mark["to"])
                for mark in self.server.pages("/marks", "marks", **query) if mark["kind"] == kind]

    def test_they_are_sets_of_time(self):
        self.assertEqual(self.mark((1000, 2000), (2001, 3000), (5000, 6000), reviewed=True)["stretches"], 3)
        self.assertEqual(self.stretches("reviewed"), [(CAMERA, rfc3339(1000), rfc3339(3000)), (CAMERA, rfc3339(5000), rfc3339(6000))])
        self.mark((1500, 5500), reviewed=False, pinned=True)
        self.assertEqual(self.stretches("reviewed"), [(CAMERA, rfc3339(1000), rfc3339(1499)), (CAMERA, rfc3339(5501), rfc3339(6000))])
        self.assertEqual(self.stretches("pinned"), [(CAMERA, rfc3339(1500), rfc3339(5500))])
        self.mark((1, 2), camera=self.OTHER, pinned=True)
        self.assertEqual(len(self.stretches("pinned", limit=1)), 2)
        self.assertEqual(self.stretches("pinned", camera=self.OTHER), [(self.OTHER, rfc3339(1), rfc3339(2))])
        self.assertEqual(self.stretches("reviewed", from_=1499, to=5500), [(CAMERA, rfc3339(1000), rfc3339(1499))])
        self.assertEqual(self.server.api("/marks", from_=1500, to=5500)["total"], 1)
        validate(self.document(), {"$ref": "#/components/schemas/Marks"}, self.server.api("/marks"))

    def test_what_was_changed_is_told_and_takes_it_back(self):
        """Whatever was marked before: the opposite of just what is told leads back to it."""
        chance = random.Random(5)
        kinds = ("reviewed", "pinned")
        state = lambda: [self.stretches(kind) for kind in kinds]
        for _ in range(60):
            before = state()
            parts = [sorted(chance.sample(range(1000, 1200), 2)) for _ in range(chance.randint(1, 4))]
            wish = {kind: chance.random() < 0.5 for kind in kinds if chance.random() < 0.7} or {"reviewed": True}
            answer = self.mark(*parts, **wish)
            validate(self.document(), {"$ref": "#/components/schemas/MarksChanged"}, answer)
            after = state()
            self.assertEqual(before != after, answer["changed"] != [])
            for kind in kinds:
                pieces = [{"camera": one["camera"], "from": one["from"], "to": one["to"]}
                          for one in answer["changed"] if one["kind"] == kind]
                if pieces:
                    self.server.send("POST", "/marks", {"stretches": pieces, kind: not wish[kind]})
            self.assertEqual(state(), before)
            self.mark(*parts, **wish)  # goes on from there
        self.assertEqual(self.mark((1, 5), camera=self.OTHER, pinned=True)["changed"],
                         [{"camera": self.OTHER, "kind": "pinned", "from": rfc3339(1), "to": rfc3339(5)}])
        self.assertEqual(self.mark((2, 4), camera=self.OTHER, pinned=True)["changed"], [])

    def test_too_many_changes_are_not_told(self):
        def dots():
            for at in range(0, 11000, 1000):
                self.mark(*((ms * 2, ms * 2) for ms in range(at, at + 1000)), reviewed=True)
        dots()
        self.assertEqual(len(self.mark((0, 19998), reviewed=False)["changed"]), 10000)
        dots()
        self.assertIsNone(self.mark((0, 20000), reviewed=False)["changed"])
        self.assertEqual(self.server.api("/marks", from_=0, to=20000)["total"], 0)

    def test_other_tabs_are_told(self):
        answer, connection = self.server.stream("/api/v1/live")
        self.addCleanup(connection.close)
        answer.readline()
        self.mark((1000, 2000), (9000, 9500), reviewed=True)
        while answer.readline().strip() != b"event: marks":
            pass
        self.assertEqual(json.loads(answer.readline()[6:]), {"camera": CAMERA, "from": rfc3339(1000), "to": rfc3339(9500)})

    def test_events_say_what_was_said_of_them(self):
        first, second, third = self.server.api("/events", camera=CAMERA)["events"]
        self.assertEqual((first["reviewed"], first["pinned"], first["notes"]), (False, False, []))
        self.mark((first["start"], first["end"]), reviewed=True)
        self.mark((second["start"], second["start"]), reviewed=True, pinned=True)
        note = self.server.send("POST", "/notes", {"camera": CAMERA, "from": third["start"], "to": third["end"],
                                                   "text": "the postman"}, status=201)
        events = self.server.api("/events", camera=CAMERA)
        validate(self.document(), {"$ref": "#/components/schemas/Events"}, events)
        self.assertEqual([event["reviewed"] for event in events["events"]], [True, False, False])
        self.assertEqual([event["pinned"] for event in events["events"]], [False, True, False])
        self.assertEqual([event["notes"] for event in events["events"]], [[], [], [note]])
        # Whatever the dwell: it is the time that was reviewed.
        whole = self.server.api("/events", camera=CAMERA, dwell=86400)["events"][0]
        self.assertEqual((whole["reviewed"], whole["pinned"], whole["notes"]), (False, True, [note]))
        for name, which in (("reviewed", 0), ("pinned", 1), ("noted", 2)):
            one = events["events"][which]
            with_it = self.server.api("/events", camera=CAMERA, **{name: "true"})
            without = self.server.api("/events", camera=CAMERA, **{name: "false"})
            self.assertEqual((with_it["events"], with_it["total"]), ([one], 1))
            self.assertEqual((len(without["events"]), without["total"]), (2, 2))
            self.assertNotIn(one, without["events"])
            told = run("events", "--data", self.data, "--json", "--camera", CAMERA, "--" + name, "true").json()
            self.assertEqual(told["events"], [one])
        self.server.get("/api/v1/events", reviewed="maybe", status=400)
        self.check()

    def test_a_late_frame_wants_looking_at(self):
        event = self.server.api("/events", camera=CAMERA)["events"][0]
        self.mark((event["start"], event["end"]), reviewed=True)
        write_picture(self.pictures, self.times[49] + 2000)
        write_picture(self.pictures, self.times[10] + 100)
        self.scan()
        now = self.server.api("/events", camera=CAMERA)["events"][0]
        self.assertEqual((now["frames"], now["reviewed"]), (52, False))
        self.mark((now["start"], now["end"]), reviewed=True)
        self.assertTrue(self.server.api("/events", camera=CAMERA)["events"][0]["reviewed"])

    def test_notes(self):
        base = {"camera": CAMERA, "from": rfc3339(START_MS), "to": rfc3339(START_MS + 1000)}
        text = "a line\nand \u00fc\U0001f4f7"
        note = self.server.send("POST", "/notes", {**base, "text": text}, status=201)
        validate(self.document(), {"$ref": "#/components/schemas/Note"}, note)
        self.assertEqual({name: note[name] for name in base}, base)
        self.assertEqual(note["text"], text)
        self.assertEqual(self.server.api("/notes"), {"notes": [note], "total": 1, "next": None})
        changed = self.server.send("PATCH", "/notes/%d" % note["id"], {"text": "other"})
        self.assertEqual({**changed, "changed": 0}, {**note, "text": "other", "changed": 0})
        moved = self.server.send("PATCH", "/notes/%d" % note["id"], {"to": START_MS + 9000})
        self.assertEqual((moved["from"], moved["to"], moved["text"]), (base["from"], rfc3339(START_MS + 9000), "other"))
        for body, word in (({}, "text, from, to"), ({"text": ""}, "text"), ({"text": "x" * 2001}, "2000"),
                           ({"text": " \n"}, "text"), ({"text": "a\u0007"}, "text"), ({"camera": CAMERA}, '"camera"'),
                           ({"from": START_MS + 10000}, "to: lies before"), ({"text": None}, "text: wanted is a string")):
            self.assertIn(word, self.server.send("PATCH", "/notes/%d" % note["id"], body, status=400)["detail"])
        for text in ("x" * 2000, "\U0001f4f7" * 2000):
            self.server.send("PATCH", "/notes/%d" % note["id"], {"text": text})
            self.assertEqual(self.server.api("/notes")["notes"][0]["text"], text)
        self.server.send("POST", "/notes", {**base, "camera": "nobody", "text": "x"}, status=404)
        self.server.send("POST", "/notes", base, status=400)
        for id in ("0", "99", "x", "-1", "1x", "9" * 30):
            self.server.send("PATCH", "/notes/" + id, {"text": "x"}, status=404)
            self.server.send("DELETE", "/notes/" + id, status=404)
        for i in range(30):
            self.server.send("POST", "/notes", {**base, "text": "note %d" % i}, status=201)
        listed = self.server.pages("/notes", "notes", limit=7)
        self.assertEqual(len(listed), 31)
        self.assertEqual([one["text"] for one in listed[1:]], ["note %d" % i for i in range(30)])
        self.assertIsNone(self.server.send("DELETE", "/notes/%d" % note["id"], status=204))
        self.server.send("DELETE", "/notes/%d" % note["id"], status=404)
        new = self.server.send("POST", "/notes", {**base, "text": "new"}, status=201)
        self.assertGreater(new["id"], listed[-1]["id"])
        self.check()

    def test_reindex_takes_them_along(self):
        self.mark((1000, 2000), (START_MS, START_MS + 1), reviewed=True, pinned=True)
        self.server.send("POST", "/notes", {"camera": CAMERA, "from": 5, "to": 6, "text": "kept"}, status=201)
        marks, notes = self.server.api("/marks"), self.server.api("/notes")
        self.server.stop()
        run("reindex", "--data", self.data)
        self.server = self.serve()
        self.assertEqual((self.server.api("/marks"), self.server.api("/notes")), (marks, notes))
        self.check()


if __name__ == "__main__":
    cctvweb.main()
