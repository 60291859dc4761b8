"""`cctvweb probe` on pictures as cameras make and break them, and beside exiftool where that reads
them."""

import json
import os
import random
import shutil
import struct
import subprocess
import unittest

import cctvweb
from cctvweb import run

KEYS = ["file", "jpeg", "complete", "camera", "time", "time_source", "received", "sequence", "kinds",
        "windows", "trigger", "width", "height", "bytes", "bytes_after_eoi", "notes", "error"]


def tiff(first, exif, order):
    """A TIFF of two directories; entries are (tag, type, count, bytes)."""
    def directory(entries, offset):
        data_at, body, data = offset + 2 + 12 * len(entries) + 4, b"", b""
        for tag, kind, count, value in sorted(entries):
            if len(value) > 4:
                body += struct.pack(order + "HHII", tag, kind, count, data_at + len(data))
                data += value + b"\0" * (len(value) % 2)
            else:
                body += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")
        return struct.pack(order + "H", len(entries)) + body + bytes(4) + data

    pointed = len(directory(first + [(0x8769, 4, 1, bytes(4))], 8)) + 8
    first = first + [(0x8769, 4, 1, struct.pack(order + "I", pointed))]
    start = {">": b"MM\0\x2a", "<": b"II\x2a\0"}[order] + struct.pack(order + "I", 8)
    return start + directory(first, 8) + directory(exif, pointed)


def text(tag, value):
    value = value.encode() + b"\0"
    return (tag, 2, len(value), value)


def exif_segment(first, exif, order=">", after=b""):
    return cctvweb.segment(0xE1, b"Exif\0\0" + tiff(first, exif, order) + after)


class ProbeCase(cctvweb.Case):
    def write(self, name, data, mtime_ms=1535144842123):
        path = self.path("pictures", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        os.utime(path, ns=(mtime_ms * 10**6, mtime_ms * 10**6))
        return path

    def probe(self, *arguments, status=0):
        lines = run("probe", "--json", *arguments, status=status).json_lines()
        for line in lines:
            self.assertEqual(list(line), KEYS)
        return lines

    def one(self, name, data, *options):
        path = self.write(name, data)
        (line,) = self.probe("--root", self.pictures, *options, path)
        self.assertEqual(line["file"], path)
        self.assertEqual(line["bytes"], len(data))
        self.assertIsNone(line["error"])
        return line


class Probe(ProbeCase):
    def test_iqeye(self):
        data = cctvweb.iqeye_jpeg(1400510841748, windows=[2, 5], sequence=529057)
        line = self.one("00_50_1a_02_2c_be/05-19/09/09_47_21.trig-02.jpg", data)
        self.assertEqual(line["camera"], {"name": None, "mac": "00:50:1a:02:2c:be",
                                          "model_code": 0x3B, "model": "IQeye7xx"})
        self.assertEqual((line["time"], line["time_source"]), ("2014-05-19T14:47:21.748Z", "vendor"))
        self.assertEqual(line["received"], "2018-08-24T21:07:22.123Z")
        self.assertEqual((line["sequence"], line["kinds"], line["windows"], line["trigger"]),
                         (529057, ["motion"], [2, 5], -2))
        self.assertEqual((line["width"], line["height"]), (64, 48))
        self.assertEqual((line["jpeg"], line["complete"], line["notes"]), (True, True, []))

    def test_unknown_words_stay(self):
        line = self.one("a.jpg", cctvweb.iqeye_jpeg(1400510841748, kinds=["timer", "t\u00fcr\n"]))
        self.assertEqual(line["kinds"], ["timer", "t\u00fcr_"])

    def test_zone_and_template(self):
        template = "$SN/$SD(%d)-$SD(%m)-$SD(%Y)/$ST.$FN"
        name = "Hof 1/02-11-2014/01_30_00.trig+00.jpg"
        line = self.one(name, cctvweb.jpeg(), "--zone", "America/Chicago", "--template", template)
        self.assertEqual((line["time"], line["time_source"]), ("2014-11-02T06:30:00.000Z", "path"))
        self.assertEqual(line["camera"]["name"], "Hof 1")
        self.assertEqual(line["notes"], ["ambiguous-time"])
        line = self.one("other.jpg", cctvweb.jpeg(), "--template", template)
        self.assertEqual(line["time_source"], "received")
        self.assertEqual(line["notes"], ["template-miss"])

    def test_broken_pictures(self):
        good = cctvweb.jpeg()
        dahua = struct.pack(">BBH", 0xFF, 0xFE, 4094) + b"D" * 4092 + bytes(608)
        for name, data, expected in [
                ("empty", b"", (False, False, None, ["empty"])),
                ("html", b"<html></html>", (False, False, None, ["not-jpeg"])),
                ("one-byte", b"\xff", (False, False, None, ["not-jpeg"])),
                ("soi", b"\xff\xd8", (True, False, None, ["truncated", "no-frame-header"])),
                ("cut", good[:-1], (True, False, 64, ["truncated"])),
                ("after", good + b"dhav\1\2\3\4", (True, True, 64, ["after-eoi"])),
                ("far-after", good + bytes(20000), (True, True, 64, ["after-eoi"])),
                ("bad-com", cctvweb.jpeg(dahua), (True, True, 64, ["resynced", "wrong-length"])),
                ("jbib", good[:2] + cctvweb.segment(0xE4, b"JBIB" + bytes(10)) + good[2:] + bytes(96),
                 (True, True, 64, ["after-eoi"])),
                ("no-app", good[:2] + good[20:], (True, True, 64, [])),
        ]:
            with self.subTest(name):
                line = self.one(name + ".jpg", data)
                self.assertEqual((line["jpeg"], line["complete"], line["width"], line["notes"]),
                                 expected)
        self.assertEqual(self.one("after.jpg", good + b"dhav\1\2\3\4")["bytes_after_eoi"], 8)

    def test_big_headers(self):
        """Segments of 64 KB before the comment, up to what is read of a head."""
        big = cctvweb.segment(0xE2, bytes(65533))
        for count in (1, 5, 15):
            line = self.one("a.jpg", cctvweb.jpeg(big * count + cctvweb.iqeye_comments(1400510841748)))
            self.assertEqual((line["time_source"], line["width"]), ("vendor", 64))
        line = self.one("a.jpg", cctvweb.jpeg(big * 40 + cctvweb.iqeye_comments(1400510841748)))
        self.assertEqual((line["jpeg"], line["complete"], line["time_source"], line["width"]),
                         (True, True, "received", None))

    def test_every_prefix_ends(self):
        data = cctvweb.jpeg(exif_segment([text(0x132, "2018:08:24 22:27:22")], [])
                            + cctvweb.iqeye_comments(1400510841748))
        paths = [self.write("%04d.jpg" % length, data[:length]) for length in range(len(data))]
        lines = self.probe(*paths)
        self.assertEqual([line["bytes"] for line in lines], list(range(len(data))))
        for line in lines:
            self.assertFalse(line["complete"])
            self.assertIn(line["time_source"], ("vendor", "exif", "received"))

    def test_damaged_bytes_end(self):
        choose = random.Random(7)
        data = cctvweb.jpeg(exif_segment([text(0x132, "2018:08:24 22:27:22")], [], after=cctvweb.jpeg())
                            + cctvweb.iqeye_comments(1400510841748))
        paths = []
        for number in range(600):
            damaged = bytearray(data)
            for _ in range(choose.randint(1, 8)):
                damaged[choose.randrange(len(damaged))] = choose.randrange(256)
            paths.append(self.write("%03d.jpg" % number, bytes(damaged)))
        lines = self.probe(*paths)
        self.assertEqual(len(lines), len(paths))
        for line in lines:
            self.assertIsNotNone(line["time"])

    def test_what_cannot_be_read(self):
        good = self.write("good.jpg", cctvweb.jpeg())
        pipe = self.path("pictures", "pipe.jpg")
        os.mkfifo(pipe)
        lines = self.probe(self.path("nowhere.jpg"), self.pictures, pipe, good, status=1)
        self.assertIn("No such file", lines[0]["error"])
        self.assertIn("folder", lines[1]["error"])
        self.assertIn("regular", lines[2]["error"])
        self.assertIsNone(lines[3]["error"])
        self.assertIsNone(lines[0]["time"])

    def test_use(self):
        good = self.write("good.jpg", cctvweb.jpeg())
        for arguments, words in [
                (["probe"], "no FILE"),
                (["probe", "--nothing", good], "--nothing"),
                (["probe", "--zone", "Europe/Nowhere", good], "Europe/Nowhere"),
                (["probe", "--zone", "../../etc/passwd", good], "time zone"),
                (["probe", "--template", "$SH/$XX", good], "byte 5"),
                (["probe", "--root", self.path("nowhere"), good], "nowhere"),
        ]:
            with self.subTest(arguments=arguments):
                result = run(*arguments, status=2)
                self.assertEqual(result.out, "")
                self.assertEqual(len(result.err.splitlines()), 1)
                self.assertIn(words, result.err)

    def test_report_for_people(self):
        path = self.write("a\x1b[31m.jpg", cctvweb.iqeye_jpeg(1400510841748, windows=[2]))
        out = run("probe", "--zone", "America/Chicago", path).out
        self.assertNotIn("\x1b", out)
        self.assertNotIn("\x1b", run("probe", self.path("none\x1b[31m.jpg"), status=1).err)
        for words in ("IQeye7xx", "2014-05-19T14:47:21.748Z", "2014-05-19 09:47:21.748", "64 x 48",
                      "vendor", "motion", "complete"):
            self.assertIn(words, out)


@unittest.skipUnless(shutil.which("exiftool"), "exiftool is not installed")
class BesideExiftool(ProbeCase):
    """Each picture must get the size and the time exiftool reads."""

    TAGS = {"original": (0x9003, 0x9291, 0x9011), "digitized": (0x9004, 0x9292, 0x9012),
            "changed": (0x132, 0x9290, 0x9010)}

    def variants(self):
        for order in (">", "<"):
            for sources in (["original"], ["digitized"], ["changed"], ["changed", "digitized"],
                            ["changed", "digitized", "original"]):
                for fraction in (None, "5", "05", "123456"):
                    for offset in (None, "+09:00", "-03:30", "Z"):
                        yield order, sources, fraction, offset

    def test_exif(self):
        paths = []
        for number, (order, sources, fraction, offset) in enumerate(self.variants()):
            first, exif = [text(0x10F, "Maker %d" % number), text(0x110, "M-%d" % number)], []
            for step, source in enumerate(sources):
                date, sub, zone = self.TAGS[source]
                (first if source == "changed" else exif).append(
                    text(date, "2018:08:%02d 22:%02d:%02d" % (24 + step, number % 60, number % 59)))
                if fraction:
                    exif.append(text(sub, fraction))
                if offset:
                    exif.append(text(zone, offset))
            segment = exif_segment(first, exif, order, after=cctvweb.jpeg(width=16, height=16))
            paths.append(self.write("%03d.jpg" % number,
                                    cctvweb.jpeg(segment, width=100 + number, height=80)))
        truth = json.loads(subprocess.run(
            ["exiftool", "-j", "-api", "StructFormat=JSON", "-d", "%Y-%m-%dT%H:%M:%S", "-Model",
             "-Make", "-ImageWidth", "-ImageHeight", "-SubSecDateTimeOriginal", "-DateTimeOriginal",
             "-SubSecCreateDate", "-CreateDate", "-SubSecModifyDate", "-ModifyDate",
             "-SubSecTimeOriginal", "-SubSecTimeDigitized", "-SubSecTime", "-OffsetTimeOriginal",
             "-OffsetTimeDigitized", "-OffsetTime", *paths],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
        self.assertEqual(len(truth), len(paths))
        for line, known in zip(self.probe(*paths), truth):
            with self.subTest(known):
                self.assertEqual((line["width"], line["height"]),
                                 (known["ImageWidth"], known["ImageHeight"]))
                self.assertEqual(line["camera"]["model"], "%s %s" % (known["Make"], known["Model"]))
                self.assertEqual((line["time"], line["time_source"]), (self.time_of(known), "exif"))
                self.assertEqual(line["notes"], [])

    @staticmethod
    def time_of(known):
        """The moment, from the fields exiftool read."""
        for date, sub, zone in (("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
                                ("CreateDate", "SubSecTimeDigitized", "OffsetTimeDigitized"),
                                ("ModifyDate", "SubSecTime", "OffsetTime")):
            if date in known:
                break
        moment = cctvweb.datetime.datetime.strptime(known[date], "%Y-%m-%dT%H:%M:%S")
        ms = int(str(known.get(sub, "0")).ljust(3, "0")[:3])
        offset = str(known.get(zone, "Z"))
        minutes = 0
        if offset != "Z":
            minutes = (int(offset[1:3]) * 60 + int(offset[4:6])) * (-1 if offset[0] == "-" else 1)
        moment -= cctvweb.datetime.timedelta(minutes=minutes)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % ms

    def test_times_that_are_none(self):
        for date, source in [("0000:00:00 00:00:00", "received"), ("    :  :     :  :  ", "received"),
                             ("2018:08:24", "received"), ("1999:12:31 23:59:59", "received"),
                             ("2018:08:24 22:27:22", "exif")]:
            with self.subTest(date):
                line = self.one("a.jpg", cctvweb.jpeg(exif_segment([], [text(0x9003, date)])))
                self.assertEqual(line["time_source"], source)
                self.assertEqual("impossible-time" in line["notes"], date.startswith("1999"))

    def test_hours_of_the_zone(self):
        hours = (0x882A, 8, 1, struct.pack(">h", -6))
        line = self.one("a.jpg", cctvweb.jpeg(exif_segment(
            [], [text(0x9003, "2018:08:24 22:27:22"), hours])))
        self.assertEqual(line["time"], "2018-08-25T04:27:22.000Z")


if __name__ == "__main__":
    cctvweb.main()
