#!/usr/bin/env python3
"""What was received and is no frame: page by page, and of accounts that cameras share."""

import ftplib
import json

import cctvweb
import pictures
from test_ftp import PASSWORD, Ftp


class Pages(Ftp):
    def test_each_is_on_one_page(self):
        server = self.start_yard()
        client = self.connect()
        for number in range(25):
            self.store(client, "%02d.mp4" % number, b"%d" % number)
            self.store(client, "%02d.jpg" % number, b"\x00" * (100 + number))
        for kind, ending in (("quarantine", "jpg"), ("attachments", "mp4")):
            wanted = ["%02d.%s" % (n, ending) for n in reversed(range(25))]
            for limit in (1, 7, 24, 25, 26, 1000):
                path = "/cameras/yard/%s?limit=%d" % (kind, limit)
                page = server.api(path)
                names = [item["name"] for item in page[kind]]
                while page["next"] is not None:
                    self.assertEqual(len(page[kind]), limit)
                    page = server.api(path + "&cursor=" + page["next"])
                    self.assertEqual(page["total"], 25)
                    names += [item["name"] for item in page[kind]]
                self.assertEqual(names, wanted)
            self.assertEqual(server.api("/cameras/yard/%s?cursor=nonsense" % kind)[kind], [])
            for bad in ("limit=0", "limit=1001", "limit=x", "offset=3"):
                server.get("/api/v1/cameras/yard/%s?%s" % (kind, bad), status=400)


class Shared(Ftp):
    """One account for all cameras: what was said and rejected is found all the same."""

    def from_address(self, address):
        client = ftplib.FTP()
        client.connect("127.0.0.1", self.port, timeout=30, source_address=(address, 0))
        self.addCleanup(client.close)
        client.login("a l/l", PASSWORD)
        return client

    def test_what_is_known_of_a_camera_and_what_nobody_was_found_for(self):
        self.camera("add", "--shared", "--user", "a l/l")
        server = self.receive()
        front, back = self.from_address("127.0.0.1"), self.from_address("127.0.0.2")
        self.store(front, "/front/broken.jpg", b"\x00" * 3000)  # before anybody knows who that is
        self.store(front, "/front/a.jpg", pictures.jpeg(size=5000))
        self.store(back, "/back/a.jpg", pictures.jpeg(size=5001))
        self.store(back, "/back/half.jpg", pictures.jpeg(size=5000)[:2000])
        self.store(back, "/20140523.mp4", b"film" * 100)
        accounts = server.api("/accounts")
        self.assertEqual(accounts, {"accounts": [
            {"user": "a l/l", "camera": None, "disabled": False, "quarantine": 1, "attachments": 1}],
            "total": 1, "next": None})
        base = "/accounts/a%20l%2Fl"
        broken, = server.api(base + "/quarantine")["quarantine"]
        self.assertEqual(broken["name"], "broken.jpg")
        self.assertEqual(server.get(broken["url"]).body, b"\x00" * 3000)
        film, = server.api(base + "/attachments")["attachments"]
        self.assertEqual(server.get(film["url"]).body, b"film" * 100)
        half, = server.api("/cameras/back/quarantine")["quarantine"]
        self.assertEqual(half["name"], "half.jpg")
        self.assertEqual(server.api("/cameras/front/quarantine")["total"], 0)
        said = {name: json.dumps(server.api("/cameras/%s/log" % name)) for name in ("front", "back")}
        self.assertIn("STOR /front/a.jpg", said["front"])
        self.assertNotIn("/back/", said["front"])
        self.assertIn("STOR /back/half.jpg", said["back"])
        whole = json.dumps(server.api(base + "/log"))
        for line in ("USER a l/l", "STOR /front/a.jpg", "STOR /back/half.jpg"):
            self.assertIn(line, whole)
        server.get("/api/v1/accounts/none/log", status=404)
        server.get("/api/v1/accounts/none/quarantine", status=404)

    def test_the_account_of_a_camera_has_nothing_left_over(self):
        server = self.start_yard()
        self.store(self.connect(), "a.jpg", b"\x00" * 3000)
        account, = server.api("/accounts")["accounts"]
        self.assertEqual((account["user"], account["camera"], account["quarantine"]), ("yard", "yard", 0))
        self.assertEqual(server.api("/cameras/yard/quarantine")["total"], 1)


if __name__ == "__main__":
    cctvweb.main()
