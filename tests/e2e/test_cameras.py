#!/usr/bin/env python3
"""Cameras are added and changed while the server runs, and that holds at once."""

import ftplib
import io
import json
import re
import threading
import time
import unittest
import urllib.parse

import cctvweb
import http_case
import pictures

START = pictures.START_MS


class Cameras(cctvweb.Case):
    def setUp(self):
        super().setUp()
        self.port = cctvweb.free_port()

    def receive(self, *arguments, **options):
        self.server = self.serve("--ftp", "127.0.0.1:%d" % self.port, *arguments, **options)
        return self.server

    def add(self, name="yard", status=201, **members):
        return self.server.send("POST", "/cameras", {"name": name, **members}, status=status)

    def change(self, of="yard", status=200, **members):
        return self.server.send("PATCH", "/cameras/" + urllib.parse.quote(of, safe=""), members, status=status)

    def connect(self, user, password):
        client = ftplib.FTP()
        client.connect("127.0.0.1", self.port, timeout=30 * cctvweb.PATIENCE)
        self.addCleanup(client.close)
        client.login(user, password)
        return client

    def store(self, client, path, data):
        answer = client.storbinary("STOR " + path, io.BytesIO(data))
        self.assertTrue(answer.startswith("226"), answer)

    def described(self, value, schema):
        document = self.server.api("/openapi.json")
        http_case.validate(document, {"$ref": "#/components/schemas/" + schema}, value)
        return value


class Adding(Cameras):
    def test_what_is_told_can_be_typed_in_and_works_at_once(self):
        self.receive()
        made = self.described(self.add("Front Döor", timezone="America/Chicago", dwell=2.5), "CameraAccess")
        upload = made["upload"]
        self.assertEqual(upload["addresses"], ["127.0.0.1"])
        self.assertEqual((upload["port"], upload["only_this_machine"], upload["off"]), (self.port, True, None))
        self.assertEqual(upload["user"], "Front-D-or")
        self.assertRegex(upload["password"], r"^[a-hjkmnp-z2-9-]{8,20}$")
        self.assertEqual((made["camera"]["timezone"], made["camera"]["dwell"], made["camera"]["new"]),
                         ("America/Chicago", 2.5, False))
        data = pictures.iqeye_jpeg(START)
        self.store(self.connect(upload["user"], upload["password"]), "a/b.jpg", data)
        camera = self.described(self.server.api("/cameras/" + urllib.parse.quote("Front Döor")), "Camera")
        self.assertEqual(camera["frames"], 1)
        # Told once.
        again = self.described(self.server.api("/cameras/Front%20D%C3%B6or/upload"), "UploadTarget")
        self.assertEqual((again["user"], again["password"]), ("Front-D-or", None))

    def test_a_server_without_accounts_listens_when_the_first_is_made(self):
        self.server = self.serve("--ftp-sessions", "10")
        before = self.server.api("/cameras")
        self.assertEqual(before["total"], 0)
        made = self.server.send("POST", "/cameras", {"name": "yard"}, status=None)
        self.assertEqual(made["camera"]["name"], "yard", made)
        # Another server of this machine may have the usual port.
        self.assertIn(made["upload"]["port"], (2121, None))

    def test_users_give_way_but_those_asked_for_do_not(self):
        self.receive()
        self.assertEqual(self.add("a b")["upload"]["user"], "a-b")
        self.assertEqual(self.add("a-b")["upload"]["user"], "a-b-2")
        self.assertEqual(self.add("日本")["upload"]["user"], "camera")
        refused = self.add("other", user="a-b", status=409)
        self.assertIn("a-b", refused["detail"])
        self.server.api("/cameras/other", status=404)
        self.assertIn("there is already a camera", self.add("a b", status=409)["detail"])
        made = self.add("own", user="the user", password="of my own")
        self.assertIsNone(made["upload"]["password"])
        self.connect("the user", "of my own").quit()

    def test_the_settings_are_what_a_camera_starts_with(self):
        self.receive("--zone", "Europe/Berlin", "--template", "$SN/$MSE.jpg")
        camera = self.add()["camera"]
        self.assertEqual((camera["timezone"], camera["template"]), ("Europe/Berlin", "$SN/$MSE.jpg"))
        camera = self.add("other", timezone="UTC", template=None)["camera"]
        self.assertEqual((camera["timezone"], camera["template"]), ("UTC", None))

    def test_what_is_wrong_is_named_and_nothing_is_added(self):
        self.receive()
        for members, word in (
                ({}, "name"), ({"name": ""}, "name"), ({"name": "a/b"}, "a/b"), ({"name": "x" * 64}, "63"),
                ({"name": " a"}, "blank"), ({"name": "."}, "name"), ({"name": "a\nb"}, "control"),
                ({"name": "a\u009b31m"}, "control"), ({"name": "\u202egpj"}, "control"),
                ({"name": 5}, "name: wanted"), ({"name": "a", "timezone": "Nowhere/Land"}, "Nowhere"),
                ({"name": "a", "timezone": "../../etc/passwd"}, "passwd"), ({"name": "a", "dwell": 0.5}, "dwell"),
                ({"name": "a", "dwell": 86401}, "dwell"), ({"name": "a", "template": "abc"}, "variable"),
                ({"name": "a", "template": "$QQ"}, "byte 1"), ({"name": "a", "template": "$SN" * 100}, "long"),
                ({"name": "a", "user": ""}, "user"), ({"name": "a", "user": "u" * 64}, "63"),
                ({"name": "a", "password": ""}, "empty"), ({"name": "a", "password": "p" * 256}, "255"),
                ({"name": "a", "password": "a\r\nb"}, "control"), ({"name": "a", "colour": 1}, "colour"),
                ({"name": "a", "windows": []}, "windows")):
            with self.subTest(members=str(members)[:60]):
                refused = self.server.send("POST", "/cameras", members, status=400)
                self.assertIn(word, refused["detail"])
        self.assertEqual(self.server.api("/cameras")["total"], 0)

    def test_it_survives_the_server(self):
        self.receive()
        upload = self.add()["upload"]
        self.server.stop(cctvweb.signal.SIGKILL)
        self.receive()
        self.connect(upload["user"], upload["password"]).quit()


class Changing(Cameras):
    def setUp(self):
        super().setUp()
        self.receive()
        self.access = self.add("yard", timezone="UTC")["upload"]

    def login(self):
        return self.connect(self.access["user"], self.access["password"])

    def test_a_rename_loses_no_upload(self):
        """Renamed again and again while frames come: each is there once, under the last name."""
        failed, sent, stop = [], [], threading.Event()
        client = self.login()

        def upload():
            try:
                while not stop.is_set():
                    data = pictures.iqeye_jpeg(START + 100 * len(sent), size=4000 + len(sent))
                    self.store(client, "x.jpg", data)
                    sent.append(data)
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=upload)
        thread.start()
        name = "yard"
        for number in range(30):
            self.wait_until(lambda: failed or len(sent) > number)
            after = "yard-%d" % number
            self.assertEqual(self.change(name, name=after)["name"], after)
            name = after
            self.server.api("/cameras/" + name)
        stop.set()
        thread.join()
        self.assertEqual(failed, [])
        self.assertGreater(len(sent), 10)
        frames = self.server.pages("/frames", "frames", camera=name, limit=1000)
        self.assertEqual(sorted(self.server.get(frame["url"]).body for frame in frames), sorted(sent))
        self.assertEqual([camera["name"] for camera in self.server.api("/cameras")["cameras"]], [name])
        self.server.api("/cameras/yard", status=404)
        self.server.stop()
        self.assertEqual(self.check().status, 0)

    def test_zone_and_template_hold_for_the_next_picture(self):
        client = self.login()
        plain = pictures.jpeg()
        self.store(client, "2020-06-01/12_00_00.jpg", plain)
        self.change(timezone="America/New_York")
        self.store(client, "2020-06-02/12_00_00.jpg", plain)
        self.change(template="$SD(%d)$SD(%m)$SD(%Y)/$ST.jpg")
        self.store(client, "03062020/12_00_00.jpg", plain)
        self.change(template=None, timezone="UTC")
        self.store(client, "2020-06-04/12_00_00.jpg", plain)
        times = [frame["time"] for frame in self.server.pages("/frames", "frames", camera="yard")]
        self.assertEqual(times, ["2020-06-01T12:00:00.000Z", "2020-06-02T16:00:00.000Z", "2020-06-03T16:00:00.000Z",
                                 "2020-06-04T12:00:00.000Z"])

    def test_a_disabled_camera_is_refused_at_once(self):
        client = self.login()
        self.store(client, "a.jpg", pictures.iqeye_jpeg(START))
        self.assertTrue(self.change(disabled=True)["disabled"])
        with self.assertRaises((ftplib.Error, OSError, EOFError)):
            self.store(client, "b.jpg", pictures.iqeye_jpeg(START + 1000))
        with self.assertRaises(ftplib.error_perm):
            self.login()
        self.assertFalse(self.change(disabled=False)["disabled"])
        self.store(self.login(), "c.jpg", pictures.iqeye_jpeg(START + 2000))
        self.assertEqual(self.server.api("/cameras/yard")["frames"], 2)

    def test_another_password(self):
        old = self.login()
        made = self.described(self.server.send("POST", "/cameras/yard/password", {}), "CameraAccess")["upload"]
        self.assertNotEqual(made["password"], self.access["password"])
        with self.assertRaises((ftplib.Error, OSError, EOFError)):
            self.store(old, "b.jpg", pictures.iqeye_jpeg(START))
        with self.assertRaises(ftplib.error_perm):
            self.login()
        self.connect(made["user"], made["password"]).quit()
        self.assertIsNone(self.server.send("POST", "/cameras/yard/password", {"password": "mine"})["upload"]["password"])
        self.connect("yard", "mine").quit()
        self.server.send("POST", "/cameras/none/password", {}, status=404)
        self.server.send("POST", "/cameras/yard/password", {"password": ""}, status=400)

    def test_windows_are_kept_as_they_were_drawn(self):
        drawn = [{"window": 3, "name": "Tor ü", "x": 0.125, "y": 0.25, "width": 0.5, "height": 0.33333},
                 {"window": 8, "name": None, "x": 2 / 3, "y": 0, "width": 1 / 3, "height": 1}]
        camera = self.described(self.change(windows=drawn), "Camera")
        self.assertEqual(camera["windows"][0], drawn[0])
        last = camera["windows"][1]
        self.assertEqual((last["x"], last["width"], last["height"]), (0.66667, 0.33333, 1))
        self.assertEqual(self.server.api("/cameras")["cameras"][0]["windows"], camera["windows"])
        # What is told can be given again.
        self.assertEqual(self.change(windows=camera["windows"])["windows"], camera["windows"])
        # Another change leaves them.
        self.assertEqual(self.change(dwell=5)["windows"], camera["windows"])
        self.assertEqual(self.change(windows=[])["windows"], [])

    def test_wrong_changes_change_nothing(self):
        self.add("other")
        before = self.server.api("/cameras/yard")
        one = {"window": 1, "name": "a", "x": 0.1, "y": 0.1, "width": 0.1, "height": 0.1}
        for members, status, word in (
                ({"name": "other"}, 409, "already"), ({"name": "../x"}, 400, "name"), ({"name": None}, 400, "name"),
                ({"timezone": "Mars/Base"}, 400, "Mars"), ({"dwell": 0}, 400, "dwell"), ({"dwell": "3"}, 400, "dwell"),
                ({"template": "$SD(%Q)"}, 400, "%"), ({"disabled": 1}, 400, "disabled"), ({"mac": "x"}, 400, '"mac"'),
                ({"windows": {}}, 400, "windows"), ({"windows": [one, one]}, 400, "windows[1]"),
                ({"windows": [{**one, "window": 65}]}, 400, "windows[0]"), ({"windows": [{**one, "x": 0.95}]}, 400, "windows[0]"),
                ({"windows": [{**one, "width": 0}]}, 400, "inside"), ({"windows": [{**one, "width": 1e300}]}, 400, "inside"),
                ({"windows": [{**one, "name": "x" * 64}]}, 400, "63"), ({"windows": [{**one, "y": -0.1}]}, 400, "inside"),
                ({"windows": [{**one, "z": 1}]}, 400, '"z"'), ({"windows": [one] * 65}, 400, "64"),
                ({"windows": [{"window": 1}]}, 400, "x: is required"),
                # All or nothing.
                ({"dwell": 9, "name": "other"}, 409, "already"), ({"dwell": 9, "windows": [one, one]}, 400, "windows[1]")):
            with self.subTest(members=str(members)[:70]):
                self.assertIn(word, self.change(status=status, **members)["detail"])
        self.assertEqual(self.server.api("/cameras/yard"), before)
        self.change("none", status=404, dwell=3)
        answer = self.server.request("PUT", "/api/v1/cameras/yard", {"Content-Type": "application/json"}, "{}")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, PATCH, DELETE, OPTIONS"))

    def test_only_an_empty_camera_goes(self):
        client = self.login()
        self.store(client, "a.jpg", pictures.iqeye_jpeg(START))
        self.assertIn("pictures", self.server.send("DELETE", "/cameras/yard", status=409)["detail"])
        self.login().quit()  # nothing was done
        self.add("empty")
        self.server.send("DELETE", "/cameras/empty", status=204)
        self.server.send("DELETE", "/cameras/empty", status=404)
        self.assertEqual(self.server.api("/cameras")["total"], 1)
        self.assertEqual(self.add("empty")["upload"]["user"], "empty")

    def test_other_pages_are_told(self):
        answer, connection = self.server.stream("/api/v1/live")
        self.addCleanup(connection.close)
        event = None

        def wait_for(*wanted):
            nonlocal event
            while True:
                line = answer.readline().decode()
                self.assertTrue(line, wanted)
                if line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("data:") and (event, json.loads(line[5:]).get("name")) == wanted:
                    return

        self.add("second")
        wait_for("camera", "second")
        self.change("second", name="third")
        wait_for("camera-gone", "second")
        wait_for("camera", "third")
        self.server.send("DELETE", "/cameras/third", status=204)
        wait_for("camera-gone", "third")


class Paths(Cameras):
    def setUp(self):
        super().setUp()
        self.receive()
        self.access = self.add("yard")["upload"]

    def preview(self, template, paths, **members):
        answer = self.server.send("POST", "/templates/preview", {"template": template, "paths": paths, **members})
        return self.described(answer, "TemplatePreview")

    def test_paths_as_they_came(self):
        client = self.connect(self.access["user"], self.access["password"])
        names = ["2020-06-01/12/%02d_00.trig+0%d.jpg" % (n, n % 3) for n in range(20)] + ["Kamera ü/ab.jpg"]
        for number, name in enumerate(names):
            self.store(client, name, pictures.iqeye_jpeg(START + number * 700))
        client.storbinary("STOR half.jpg", io.BytesIO(pictures.iqeye_jpeg(START)[:-9]))
        self.wait_until(lambda: self.server.api("/cameras/yard")["rejected"] == 1)
        paths = self.described(self.server.api("/cameras/yard/paths"), "ReceivedPaths")["paths"]
        self.assertEqual(paths[-1]["path"].lstrip("/"), "half.jpg")
        self.assertTrue(paths[-1]["rejected"])
        self.assertEqual([path["path"].lstrip("/") for path in paths[:3]], [names[-1], names[-2], names[-3]])
        self.assertEqual(len(paths), len({path["path"] for path in paths}))
        self.assertEqual(self.server.api("/cameras/yard")["health"]["rejected"], [{"reason": "incomplete", "count": 1}])
        # And of an earlier run.
        self.server.stop()
        self.receive()
        self.assertEqual(self.server.api("/cameras/yard/paths")["paths"], paths)
        self.assertEqual(self.server.api("/cameras/yard")["health"]["rejected"], [{"reason": "incomplete", "count": 1}])

    def test_paths_of_a_folder(self):
        for number in range(3):
            pictures.write_picture(self.pictures, START + number * 1000)
        self.server.stop()
        self.scan()
        self.receive(self.pictures)
        name = self.server.api("/cameras")["cameras"][0]["name"]
        paths = self.server.api("/cameras/%s/paths" % name)["paths"]
        self.assertEqual(len(paths), 3)
        self.assertNotIn(self.pictures, paths[0]["path"])
        self.assertRegex(paths[0]["path"], r"^[^/]+/.*\.jpg$")

    def test_a_preview_says_what_it_finds_and_where_it_stops(self):
        template = "$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN"
        fits, stops = self.preview(template, ["00_50_1a_02_2c_be/2014-05-23/09/09_08_27.trig-01.jpg",
                                              "00_50_1a_02_2c_be/05-23/09/09_08_27.trig-01.jpg"],
                                   timezone="America/Chicago")["paths"]
        self.assertTrue(fits["fits"])
        self.assertEqual(fits["time"], "2014-05-23T14:08:27.000Z")
        self.assertEqual(fits["mac"], "00:50:1a:02:2c:be")
        self.assertEqual([part["means"] for part in fits["parts"]][:4], ["mac", "year", "month", "day"])
        for part in fits["parts"]:
            self.assertEqual(fits["path"].encode()[part["at"]:][:part["length"]].decode(), part["text"])
        self.assertFalse(stops["fits"])
        self.assertEqual(stops["stops"], {"at": 18, "template_at": 4, "wanted": "year", "literal": None})

    def test_a_wrong_template_is_told_and_the_usual_rules_still_read(self):
        answer = self.preview("$SD(%Y", ["cam/20200601120000.jpg"])
        self.assertIn("no )", answer["problem"])
        self.assertEqual(answer["paths"][0]["time"], "2020-06-01T12:00:00.000Z")
        self.assertEqual(answer["paths"][0]["camera"], "cam")
        answer = self.preview(None, ["cam/20200601120000.jpg", "x", ""])
        self.assertIsNone(answer["problem"])
        self.assertIsNone(answer["paths"][1]["time"])

    def test_a_preview_refuses(self):
        for members, word in (({"template": "$SN"}, "paths"), ({"template": "$SN", "paths": [1]}, "paths[0]"),
                              ({"template": "$SN", "paths": ["x" * 1024]}, "paths[0]"), ({"paths": []}, "template"),
                              ({"template": "$SN", "paths": ["x"] * 101}, "100"),
                              ({"template": "$SN", "paths": [], "timezone": "No/Zone"}, "No/Zone")):
            with self.subTest(members=str(members)[:60]):
                refused = self.server.send("POST", "/templates/preview", members, status=400)
                self.assertIn(word, refused["detail"])


class Health(Cameras):
    def test_a_clock_that_is_behind(self):
        self.receive()
        upload = self.add()["upload"]
        client = self.connect(upload["user"], upload["password"])
        now = int(time.time() * 1000)
        for number in range(5):
            self.store(client, "x.jpg", pictures.iqeye_jpeg(now - 180000 + number * 100))
        health = self.described(self.server.api("/cameras/yard"), "Camera")["health"]
        self.assertAlmostEqual(health["clock_skew"], 180, delta=20)
        self.assertEqual(health["time_source"], "vendor")
        self.assertIsNone(health["silent_since"])
        self.assertFalse(health["overdue"])


if __name__ == "__main__":
    cctvweb.main()
