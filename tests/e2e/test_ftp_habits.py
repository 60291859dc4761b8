#!/usr/bin/env python3
"""Habits of cameras, as they are seen by who looks at the pictures: whose it is, when it was taken
and why, and where it lies when it is none."""

import ftplib
import io
import os
import struct

import cctvweb
import pictures
from test_ftp import Ftp

MOMENT = 1668555331923  # 2022-11-15T23:35:31.923Z


class Habits(Ftp):
    def start_shared(self):
        self.camera("add", "--shared", "--user", "all")
        return self.receive("--zone", "UTC")

    def told(self, server):
        """{camera: [(time, source, kinds, trigger)]}, sorted"""
        cameras = {}
        for camera in server.pages("/cameras", "cameras"):
            cameras[camera["name"]] = [
                (frame["time"], frame["time_source"], frame["kinds"], frame["trigger"])
                for frame in self.frames(server, camera["name"])]
        return cameras


class Shared(Habits):
    """Cameras that share a user are told apart by what they write."""

    def test_by_the_names_they_give(self):
        server = self.start_shared()
        client = self.connect("all")
        for number, path in enumerate([
                "192.168.1.64_01_20221115233531923_MOTION_DETECTION.jpg",
                "192.168.1.65_01_20221115233531923_LINE_CROSSING_DETECTION.jpg",
                "192.168.1.65_02_20221115233531923_FACE_DETECTION.jpg",
                "2022/11/15/yard_01_20221115233531.jpg",
                "AMC0028V_795UUB/2022-11-15/001/jpg/23/35/31[M][0@0][0].jpg",
                "AMC0028V_795UUB/2022-11-15/002/jpg/23/35.31[R][0@0][0].jpg",
                "FoscamCamera_00626EFE8B21/snap/HMDAlarm_20221115-233531.jpg",
                "20221115/images/A22111523353100.jpg",
                "p_20221115233531_4_trg.jpg"]):
            self.store(client, path, pictures.jpeg(shade=64 + number))
        whole, second = "2022-11-15T23:35:31.923Z", "2022-11-15T23:35:31.000Z"
        self.assertEqual(self.told(server), {
            "192.168.1.64": [(whole, "name", ["motion"], None)],
            "192.168.1.65": [(whole, "name", ["line"], None)],
            "192.168.1.65_02": [(whole, "name", ["face"], None)],
            "yard": [(second, "name", [], None)],
            "AMC0028V_795UUB": [(second, "path", ["motion"], None)],
            "AMC0028V_795UUB_002": [(second, "path", ["timer"], None)],
            "00_62_6e_fe_8b_21": [(second, "name", ["human"], None)],
            "camera": [(second, "name", ["alarm"], None), (second, "name", [], 0)],
        })

    def test_by_the_comments_of_their_makers(self):
        server = self.start_shared()
        client = self.connect("all")
        axis = (pictures.segment(0xFE, b"\n\x00\x02\x05\x32\x00\x40\x8c\x01\x02\x03")
                + pictures.segment(0xFE, b"\n\x01" + struct.pack(">IB", MOMENT // 1000, 92))
                + pictures.segment(0xFE, b"\n\x03M1:0;M2:1;"))
        mobotix = pictures.segment(0xFE, b"#:M1IMG\nTIT=1668555331.923\nMAC=00:03:C5:01:02:03\n")
        jvc = pictures.segment(0xFE, b"JVC V1.0\0timestamp = 20221116083531923JST\0"
                                     b"camera = hall\0motion = 1\0md = 1\0tampering = 0\0")
        for path, comments in [("image.jpg", axis), ("image.jpg", mobotix), ("image.jpg", jvc)]:
            self.store(client, path, pictures.jpeg(comments))
        self.assertEqual(sorted(self.told(server).values()), [
            [("2022-11-15T23:35:31.920Z", "vendor", ["motion"], None)],
            [("2022-11-15T23:35:31.923Z", "vendor", [], None)],
            [("2022-11-15T23:35:31.923Z", "vendor", ["motion"], None)],
        ])
        self.assertEqual({camera["mac"] for camera in server.pages("/cameras", "cameras")},
                         {"00:40:8c:01:02:03", "00:03:c5:01:02:03", None})
        self.assertIn("hall", self.told(server))

    def test_trying_out_makes_no_camera(self):
        server = self.start_shared()
        client = self.connect("all")
        client.mkd("camera_test1668555331")
        for path, data in [("test-233531.jpg", pictures.jpeg()), ("test.txt", b"hello"),
                           ("ftptest.jpg", b"ftp test"), ("camera_test1668555331/test.jpg", pictures.jpeg()),
                           ("test", b"")]:
            self.assertTrue(self.store(client, path, data).startswith("226"), path)
            client.delete(path)
        client.rmd("camera_test1668555331")
        self.assertEqual(self.told(server), {})
        kept = [name for _, _, names in os.walk(os.path.join(self.data, "attachments")) for name in names]
        self.assertEqual(len(kept), 5, kept)
        # A picture that says whose it is counts, whatever it is called.
        self.store(client, "test.jpg", pictures.iqeye_jpeg(MOMENT))
        self.assertEqual(len(self.told(server)), 1)


class Clocks(Habits):
    """What a camera's clock says is believed, unless it was never set."""

    def test_forms_of_times(self):
        self.camera("add", "yard", "--zone", "America/Chicago")
        server = self.receive()
        client = self.connect()
        wanted = []
        for path, time in [("2022-11-15 05-35-31 PM.jpg", "2022-11-15T23:35:31.000Z"),
                           ("20221115T233532Z.jpg", "2022-11-15T23:35:32.000Z"),
                           ("20221116T003533+0100.jpg", "2022-11-15T23:35:33.000Z"),
                           ("11/15/image22-11-15_17-35-34-05_0001.jpg", "2022-11-15T23:35:34.050Z")]:
            self.store(client, path, pictures.jpeg())
            wanted.append((time, "name", [], None))
        self.assertEqual(self.told(server)["yard"], wanted)

    def test_a_clock_that_was_never_set(self):
        server = self.start_yard()
        client = self.connect()
        stored = [("01-01/00/00_01_05.trig+00.jpg", pictures.iqeye_jpeg(65000)),
                  ("19700101000105.jpg", pictures.jpeg(shade=64)),
                  ("20000101000105.jpg", pictures.jpeg(shade=65))]
        for path, data in stored:
            self.store(client, path, data)
        frames = self.frames(server)
        self.assertEqual(len(frames), len(stored))
        for frame in frames:
            self.assertEqual((frame["time"], frame["time_source"]), (frame["received"], "received"))


class Files(Habits):
    """What comes beside pictures, and pictures with more to them."""

    def test_nothing_is_lost(self):
        server = self.start_yard()
        client = self.connect()
        whole = [pictures.jpeg(shade=64) + b"\xff\xd9", pictures.jpeg(shade=65, after=b"\x55" * 30000),
                 pictures.jpeg(shade=66, after=bytes(20000)), pictures.jpeg(shade=67) * 2]
        for number, data in enumerate(whole):
            self.store(client, "%d.jpg" % number, data)
        for text in (b"first line\n", b"second line\n"):
            client.storbinary("APPE log.txt", io.BytesIO(text))
        self.assertEqual(client.size("log.txt"), 23)
        film = [pictures.jpeg(shade=70 + number) for number in range(3)]
        for data in film:
            client.storbinary("APPE day.mjpg", io.BytesIO(data))
        self.assertEqual(self.pictures_of(server), sorted(whole + film))
        kept = [name for _, _, names in os.walk(os.path.join(self.data, "attachments")) for name in names]
        self.assertEqual(len(kept), 2, kept)

    def test_a_folder_of_before_the_start(self):
        """It was made when the camera was set up, and the server has forgotten it since."""
        server = self.start_yard()
        self.connect().mkd("cam1")
        server.stop()
        server = self.receive()
        with self.assertRaises(ftplib.error_perm):
            self.connect().cwd("cam1")
        client = self.connect()
        client.cwd("cam1")
        self.store(client, "a.jpg", pictures.jpeg())
        self.assertEqual(len(self.frames(server)), 1)

    def test_temporary_names_of_all_kinds(self):
        server = self.start_yard()
        client = self.connect()
        for number, name in enumerate(["tmp", "a.jpg.uploading", "b.temp", "c.jpg~"]):
            self.store(client, name, pictures.jpeg(shade=64 + number))
            self.assertEqual(len(self.frames(server)), number)
            client.rename(name, "2022111523353%d.jpg" % number)
        self.assertEqual([frame["time"] for frame in self.frames(server)],
                         ["2022-11-15T23:35:3%d.000Z" % number for number in range(4)])


if __name__ == "__main__":
    cctvweb.main()
