"""Deleting: gone at once, back with undo, and off the disk in the end; whatever happens meanwhile."""

import datetime
import threading

import cctvweb
from cctvweb import *
from http_case import *
from test_ftp import Ftp
from test_hours import HOUR, NOON, Hours

def utc_ms(text):
    """Milliseconds of a time as answers have it."""
    stamp = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(stamp.timestamp() * 1000)


CONTENT = "/api/v1/frames/%s.jpg"


def long_ago(path):
    """Nothing is appended any more to an hour file this old."""
    os.utime(path, (time.time() - 86400, time.time() - 86400))


class Deleting:
    """What tests of deleting do; beside a Case with self.server."""

    def frames_of(self, camera):
        return self.server.pages("/frames", "frames", camera=camera, limit=1000)

    def delete(self, camera, start, end, status=200):
        return self.server.send("DELETE", "/frames?camera=%s&from=%d&to=%d" % (camera, start, end), status=status)

    def undo(self, deletion, status=200):
        return self.server.send("POST", "/deletions/%s/undo" % deletion, status=status)

    def purge(self, deletion):
        """Until it is done."""
        self.assertEqual(self.server.send("POST", "/deletions/%s/purge" % deletion, status=202)["state"], "purging")
        self.until_purged()

    def until_purged(self):
        self.wait_until(lambda: self.server.api("/deletions")["total"] == 0, 20, "the purge")

    def figure(self, name):
        text = self.server.get("/metrics").body.decode()
        return int(re.search("^%s (\\d+)" % name, text, re.M).group(1))


class InFolders(Deleting, Filled):
    """Pictures of folders, which are somebody else's."""

    def managed(self):
        self.server.stop()
        self.server = self.serve("--manage", self.pictures, self.pictures)
        self.wait_until(lambda: self.figure("cctvweb_watch_scans_total") > 0 and
                        self.figure("cctvweb_watch_scanning") == 0)

    def test_folders_that_are_not_managed_stay_as_they_are(self):
        answer = self.delete(CAMERA, START_MS, START_MS + 3600000)
        self.assertEqual(answer, {"deleted": 0, "bytes": 0, "kept_pinned": 0, "kept_readonly": 80, "undo": None,
                                  "until": None})
        self.assertEqual(len(self.frames_of(CAMERA)), 100)
        self.assertEqual(self.server.api("/deletions"), {"deletions": [], "total": 0, "next": None})

    def test_deleted_and_back(self):
        self.managed()
        before = self.server.api("/events", camera=CAMERA)
        activity = self.server.api("/activity", camera=CAMERA)
        camera = self.server.api("/cameras/" + CAMERA)
        bodies = {frame["id"]: self.server.get(frame["url"]).body for frame in self.frames[:5]}
        thumbnail = self.server.get(self.frames[0]["url"], width=160).body
        end = START_MS + 49 * 500
        answer = self.delete(CAMERA, START_MS, end)
        self.assertEqual(answer["deleted"], 50)
        self.assertEqual(answer["bytes"], sum(frame["bytes"] for frame in self.frames[:50]))
        self.assertIsNotNone(answer["until"])
        # Gone from everything, caches included.
        self.assertEqual(len(self.frames_of(CAMERA)), 50)
        self.assertEqual(self.server.api("/events", camera=CAMERA)["total"], before["total"] - 1)
        self.assertEqual(self.server.api("/cameras/" + CAMERA)["frames"], 50)
        self.assertEqual(self.server.api("/activity", camera=CAMERA, to=end), {"activity": [
            {**self.server.api("/activity", camera=CAMERA, to=end)["activity"][0], "buckets": []}]})
        for name in bodies:
            for query in ({}, {"width": 160}):
                gone = self.server.get(CONTENT % name, status=410, **query).json()
                self.assertIn(answer["until"], gone["detail"])
        listed = self.server.api("/deletions")
        self.assertEqual(listed["total"], 1)
        self.assertEqual(listed["deletions"][0], {
            "id": answer["undo"], "made": listed["deletions"][0]["made"], "until": answer["until"], "state": "waiting",
            "frames": 50, "bytes": answer["bytes"], "cameras": [CAMERA], "from": self.frames[0]["time"],
            "to": self.frames[49]["time"]})
        self.check()
        # Back as it was, once.
        self.assertEqual(self.undo(answer["undo"]), {"restored": 50, "bytes": answer["bytes"]})
        self.undo(answer["undo"], status=404)
        self.assertEqual(self.server.api("/events", camera=CAMERA), before)
        self.assertEqual(self.server.api("/activity", camera=CAMERA), activity)
        self.assertEqual(self.server.api("/cameras/" + CAMERA), camera)
        for name, body in bodies.items():
            self.assertEqual(self.server.get(CONTENT % name).body, body)
        self.assertEqual(self.server.get(self.frames[0]["url"], width=160).body, thumbnail)
        self.check()

    def test_only_the_very_files_go(self):
        self.managed()
        chosen = self.times[:50]
        link, other, touched = (self.files[time_ms] for time_ms in chosen[:3])
        target = self.path("elsewhere.jpg")
        os.rename(link, target)
        os.symlink(target, link)
        answer = self.delete(CAMERA, START_MS, START_MS + 49 * 500)
        self.wait_until(lambda: not os.path.islink(self.files[chosen[0]]) or True)
        with open(other, "ab") as file:
            file.write(b"more")
        os.utime(touched, ns=(1, 1400000000123456789))
        self.purge(answer["undo"])
        self.assertTrue(os.path.islink(link) and os.path.exists(target))
        self.assertTrue(os.path.exists(other) and os.path.exists(touched))
        for time_ms in chosen[3:]:
            self.assertFalse(os.path.exists(self.files[time_ms]))
        for time_ms in self.times[50:]:
            self.assertTrue(os.path.exists(self.files[time_ms]))
        self.check()

    def test_no_link_leads_out_of_the_folder(self):
        """One that is put in the place of a folder above, to the same files elsewhere: those are another's."""
        self.managed()
        answer = self.delete(CAMERA, START_MS, START_MS + 49 * 500)
        top = os.path.relpath(self.files[self.times[0]], self.pictures).split(os.sep)[0]
        self.assertNotEqual(top, os.path.basename(self.files[self.times[0]]))
        os.rename(os.path.join(self.pictures, top), self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), os.path.join(self.pictures, top))
        self.server.send("POST", "/deletions/%s/purge" % answer["undo"], status=202)
        self.wait_until(lambda: "not-removed" in self.server.log(), what="the keeper's refusal")
        for time_ms in self.times:
            self.assertTrue(os.path.exists(self.files[time_ms]), self.files[time_ms])
        # Once the folder is back they go.
        os.unlink(os.path.join(self.pictures, top))
        os.rename(self.path("elsewhere"), os.path.join(self.pictures, top))
        self.managed()
        self.wait_until(lambda: not any(os.path.exists(self.files[time_ms]) for time_ms in self.times[:50]),
                        what="the purge")
        self.check()

    def test_a_deleted_file_is_not_taken_in_again(self):
        self.managed()
        answer = self.delete(CAMERA, START_MS, START_MS + 49 * 500)
        self.scan()
        with open(self.files[self.times[0]], "r+b"):
            pass  # closed after it was open for writing: the watcher looks at it
        listed = "\n".join(["filename"] + [self.files[time_ms] for time_ms in self.times])
        run("import", "--data", self.data, "-", input=listed, status=None)
        time.sleep(0.3)
        self.assertEqual(len(self.frames_of(CAMERA)), 50)
        # The server starts again, and scans.
        self.managed()
        self.assertEqual(len(self.frames_of(CAMERA)), 50)
        # One goes, one is another picture now.
        os.remove(self.files[self.times[1]])
        write_picture(self.pictures, self.times[2], size=9999)
        self.wait_until(lambda: len(self.frames_of(CAMERA)) == 51, what="the other picture")
        self.assertEqual(self.undo(answer["undo"])["restored"], 49)
        self.scan()
        self.assertEqual(len(self.frames_of(CAMERA)), 99)
        self.check()

    def test_pinned_frames_stay(self):
        self.managed()
        pinned = {"camera": CAMERA, "from": START_MS, "to": START_MS + 4500}
        self.server.send("POST", "/marks", {"stretches": [pinned], "pinned": True})
        answer = self.server.send("POST", "/deletions", {"stretches": [
            {"camera": CAMERA, "from": START_MS, "to": START_MS + 49 * 500},
            {"camera": CAMERA, "from": START_MS, "to": START_MS + 80000}]})
        self.assertEqual((answer["deleted"], answer["kept_pinned"]), (70, 20))
        self.assertEqual(len(self.frames_of(CAMERA)), 30)
        # Pinned while it waits: back, not gone.
        self.server.send("POST", "/marks", {"stretches": [{**pinned, "to": START_MS + 9500}], "pinned": True})
        self.purge(answer["undo"])
        self.assertEqual(len(self.frames_of(CAMERA)), 40)
        self.assertEqual(sum(os.path.exists(path) for path in self.files.values()), 40)
        self.check()

    def test_what_is_wrong_is_said(self):
        for path, word in (("camera=%s&from=1" % CAMERA, "to"), ("camera=%s&from=5&to=4" % CAMERA, "before"),
                           ("camera=%s&from=x&to=4" % CAMERA, "from"), ("from=1&to=4", "camera")):
            self.assertIn(word, self.server.send("DELETE", "/frames?" + path, status=400)["detail"])
        self.server.send("DELETE", "/frames?camera=nobody&from=1&to=4", status=404)
        for deletion in ("1", "0", "-1", "x", "99999999999999999999"):
            for what in ("undo", "purge"):
                self.server.send("POST", "/deletions/%s/%s" % (deletion, what), status=404)
        self.server.send("POST", "/deletions", {"stretches": []}, status=400)
        self.server.send("DELETE", "/frames?camera=%s&from=1&to=4" % CAMERA, headers={"Origin": "http://evil.example"},
                         status=403)

    def test_viewers_are_told(self):
        self.managed()
        stream, connection = self.server.stream("/api/v1/live")
        answer = self.delete(CAMERA, START_MS, START_MS + 49 * 500)
        self.undo(answer["undo"])
        answer = self.delete(CAMERA, START_MS, START_MS + 49 * 500)
        self.purge(answer["undo"])
        told = []
        while "purged" not in told:
            line = stream.readline().decode()
            if line.startswith("event: "):
                told.append(line[7:].strip())
                if told[-1] in ("deleted", "restored", "purged"):
                    data = json.loads(stream.readline().decode()[6:])
                    self.assertEqual(data, {"camera": CAMERA, "from": self.frames[0]["time"], "to": self.frames[49]["time"]})
        connection.close()
        self.assertEqual([word for word in told if word in ("deleted", "restored", "purged")],
                         ["deleted", "restored", "deleted", "purged"])


class InHours(Deleting, Hours):
    """Received pictures."""

    def setUp(self):
        super().setUp()
        for camera, hour in (("yard", "12"), ("yard", "13"), ("gate", "12")):
            long_ago(self.hour(camera, hour))
        self.reindex()
        self.server = self.serve("--ftp", "off")

    def blocks(self, camera, hour):
        return os.stat(self.hour(camera, hour)).st_blocks * 512

    def test_space_becomes_free_and_nothing_comes_back(self):
        gate = self.frames_of("gate")
        before = self.blocks("gate", "12")
        answer = self.delete("gate", NOON + 2000, NOON + 7000)
        self.assertEqual(answer["deleted"], 6)
        self.assertEqual(self.blocks("gate", "12"), before)
        self.purge(answer["undo"])
        freed = before - self.blocks("gate", "12")
        # Neighbours go together: only the blocks at the two ends stay.
        self.assertGreater(freed, answer["bytes"] - 2 * 4096)
        self.assertEqual(self.figure("cctvweb_purged_bytes_total"), freed)
        self.assertIn("for good", self.server.get(CONTENT % gate[3]["id"], status=410).json()["detail"])
        left = [frame["id"] for frame in gate[:2] + gate[8:]]
        self.assertEqual([frame["id"] for frame in self.frames_of("gate")], left)
        for frame in gate[:2] + gate[8:]:
            self.assertEqual(self.server.get(frame["url"]).body, self.sent["gate"][utc_ms(frame["time"])])
        self.check()
        self.server.stop()
        told = self.reindex("--json").json()
        self.assertEqual(told["broken"], 0)
        self.assertEqual(told["frames"], 64)
        self.check()
        self.server = self.serve("--ftp", "off")
        self.assertEqual([frame["id"] for frame in self.frames_of("gate")], left)

    def test_a_file_with_nothing_left_is_removed(self):
        answer = self.delete("yard", NOON, NOON + HOUR - 1)
        self.assertEqual(answer["deleted"], 30)
        before = self.blocks("yard", "12")
        self.purge(answer["undo"])
        self.wait_until(lambda: not os.path.exists(self.hour("yard", "12")), what="the file's end")
        self.wait_until(lambda: self.figure("cctvweb_purged_bytes_total") == before, what="its space")
        self.assertTrue(os.path.exists(self.hour("yard", "13")))
        self.check()
        self.server.stop()
        self.reindex()
        self.check()

    def test_what_is_not_known_is_not_removed(self):
        with open(self.hour("yard", "12"), "ab") as file:
            file.write(b"something else")
        answer = self.delete("yard", NOON, NOON + HOUR - 1)
        self.purge(answer["undo"])
        self.wait_until(lambda: "something is left in it" in self.server.log())
        with open(self.hour("yard", "12"), "rb") as file:
            self.assertEqual(file.read().strip(b"\0"), b"something else")

    def test_reindex_leaves_deleted_what_is_deleted(self):
        gone = self.delete("gate", NOON + 2000, NOON + 7000)["undo"]
        self.delete("yard", NOON, NOON + 2 * HOUR)
        self.server.stop()
        self.reindex()
        self.check()
        self.server = self.serve("--ftp", "off")
        self.assertEqual(len(self.frames_of("gate")), 4)
        self.assertEqual(len(self.frames_of("yard")), 0)
        self.assertEqual(self.undo(gone)["restored"], 6)
        for frame in self.frames_of("gate"):
            self.assertEqual(self.server.get(frame["url"]).body, self.sent["gate"][utc_ms(frame["time"])])
        self.check()

    def test_two_who_delete_the_same(self):
        answers = []
        other = [threading.Thread(target=lambda: answers.append(self.delete("yard", NOON, NOON + 2 * HOUR)))
                 for _ in range(4)]
        for thread in other:
            thread.start()
        for thread in other:
            thread.join()
        self.assertEqual(sum(answer["deleted"] for answer in answers), 60)
        self.assertEqual(sum(answer["undo"] is not None for answer in answers), 1)
        deletion = next(answer["undo"] for answer in answers if answer["undo"])
        # And undo it at the same time: it comes back once.
        statuses = []
        other = [threading.Thread(target=lambda: statuses.append(
            self.server.request("POST", "/api/v1/deletions/%s/undo" % deletion).status)) for _ in range(4)]
        for thread in other:
            thread.start()
        for thread in other:
            thread.join()
        self.assertEqual(statuses.count(200), 1)
        self.assertTrue(set(statuses) <= {200, 404, 409}, statuses)
        self.assertEqual(len(self.frames_of("yard")), 60)
        self.check()

    def test_a_stream_never_shows_a_hole(self):
        """Slow readers while all of it is deleted and purged: what they get is what was sent, to a cut."""
        whole = self.whole("gate")
        # More than the buffers between hold, so that the server still reads when the purge begins.
        for i in range(10, 200):
            self.make("gate", NOON + i * 1000, size=70000, shade=i % 200)
        self.server.stop()
        self.append({"gate": {time_ms: picture for time_ms, picture in self.sent["gate"].items()
                              if time_ms >= NOON + 10000}})
        long_ago(self.hour("gate", "12"))
        self.reindex()
        self.server = self.serve("--ftp", "off")
        whole = self.whole("gate")
        path = "/api/v1/playback?camera=gate&from=%d&to=%d" % (NOON, NOON + HOUR)
        stream, connection = self.server.stream(path)
        single, other = self.server.stream(self.frames_of("gate")[5]["url"])
        begun = stream.read(100000)
        answer = self.delete("gate", NOON, NOON + HOUR)
        self.server.send("POST", "/deletions/%s/purge" % answer["undo"], status=202)
        time.sleep(0.5)
        self.assertEqual(single.read(), self.sent["gate"][NOON + 5000])
        other.close()
        try:
            begun += stream.read()
        except http.client.IncompleteRead as cut:
            begun += cut.partial
        connection.close()
        self.assertEqual(begun, whole[:len(begun)])
        self.assertLess(len(begun), len(whole))
        # What was held by a reader goes once nobody reads it.
        self.until_purged_again()
        self.check()

    def until_purged_again(self):
        self.wait_until(lambda: self.server.api("/deletions")["total"] == 0, 40, "the rest of the purge")

    def test_without_grace_it_goes_at_once(self):
        self.server.stop()
        self.server = self.serve("--ftp", "off", "--undo-hours", "0")
        answer = self.delete("gate", NOON, NOON + HOUR)
        self.assertEqual(answer["deleted"], 10)
        self.until_purged()
        self.wait_until(lambda: not os.path.exists(self.hour("gate", "12")))
        self.check()

    def test_what_waits_survives_a_restart(self):
        answer = self.delete("gate", NOON, NOON + HOUR)
        self.server.stop(signal.SIGKILL)
        self.check()
        self.server = self.serve("--ftp", "off")
        self.assertEqual(len(self.frames_of("gate")), 0)
        self.assertEqual(self.undo(answer["undo"])["restored"], 10)
        self.check()

    def test_killed_while_it_purges(self):
        """Whenever it dies: no row without its picture, no picture without its row, and in the end all is gone."""
        chosen = random.Random(7)
        for i in range(60, 800):
            self.make("yard", NOON + i * 1000, size=3000, shade=i % 200)
        self.server.stop()
        self.append({"yard": {time_ms: picture for time_ms, picture in self.sent["yard"].items()
                              if NOON + 60000 <= time_ms < NOON + 800000}})
        long_ago(self.hour("yard", "12"))
        self.reindex()
        self.server = self.serve("--ftp", "off")
        kept = [time_ms for time_ms in self.sent["yard"] if time_ms % 7000 == 0]
        stretches = [{"camera": "yard", "from": time_ms, "to": time_ms} for time_ms in sorted(self.sent["yard"])
                     if time_ms not in kept]
        answer = self.server.send("POST", "/deletions", {"stretches": stretches})
        self.assertEqual(answer["deleted"], len(stretches))
        self.server.send("POST", "/deletions/%s/purge" % answer["undo"], status=202)
        rounds = 0
        while rounds < 12:
            time.sleep(chosen.random() * 0.03)
            self.server.stop(signal.SIGKILL)
            self.check()
            self.server = self.serve("--ftp", "off")
            rounds += 1
            if self.server.api("/deletions")["total"] == 0:
                break
        self.until_purged()
        self.assertEqual([utc_ms(frame["time"]) for frame in self.frames_of("yard")], sorted(kept))
        for frame in self.frames_of("yard"):
            self.assertEqual(self.server.get(frame["url"]).body, self.sent["yard"][utc_ms(frame["time"])])
        self.check()
        self.server.stop()
        self.assertEqual(self.reindex("--json").json()["broken"], 0)
        self.check()
        self.server = self.serve("--ftp", "off")
        self.assertEqual(len(self.frames_of("yard")), len(kept))

    def test_the_system_counts_what_comes_and_goes(self):
        def blocks():
            return sum(os.stat(os.path.join(top, name)).st_size for top, _, names in
                       os.walk(os.path.join(self.data, "frames")) for name in names)
        before = self.server.api("/system")
        validate(self.server.api("/openapi.json"), {"$ref": "#/components/schemas/System"}, before)
        self.assertEqual(before["disk"]["parts"]["frames"], blocks())
        self.assertEqual(before["disk"]["parts"]["deleted"], 0)
        self.assertEqual(before["pictures"]["frames"], 70)
        self.assertIsNone(before["disk"]["days_left"])
        answer = self.delete("gate", NOON, NOON + HOUR)
        system = self.server.api("/system")
        self.assertEqual(system["disk"]["parts"]["deleted"], answer["bytes"])
        self.assertEqual(system["disk"]["parts"]["frames"] + answer["bytes"], before["disk"]["parts"]["frames"])
        self.assertEqual(system["deletions"], {"total": 1, "frames": 10, "bytes": answer["bytes"], "grace": 86400})
        self.purge(answer["undo"])
        self.wait_until(lambda: self.server.api("/system")["disk"]["parts"]["frames"] == blocks())


class WhileReceiving(Deleting, Ftp):
    """Deleting beside a camera that goes on sending."""

    def test_what_is_acknowledged_is_there_or_deleted(self):
        """Deleted and purged over and over, killed once: each acknowledged picture is there, byte for byte, or was in
        a deletion; nothing is there twice, and what was purged does not come back."""
        self.server = self.start_yard("--undo-hours", "0")
        sent, deleted = {}, 0
        stop = threading.Event()

        def send():
            client, number = self.connect(), 0
            while not stop.is_set():
                time_ms = START_MS + number * 700
                data = iqeye_jpeg(time_ms, size=5000 + number % 900)
                if self.store(client, "a.jpg", data).startswith("226"):
                    sent[time_ms] = data
                number += 1
        sender = threading.Thread(target=send)
        sender.start()
        try:
            gone = []  # stretches that were deleted
            for round_number in range(12):
                time.sleep(0.15)
                newest = max(sent, default=START_MS)
                start, end = newest - 4000 - 300 * round_number, newest - 1400
                deleted += self.delete("yard", start, end)["deleted"]
                gone.append((start, end))
        finally:
            stop.set()
            sender.join()
        self.assertGreater(deleted, 10)
        self.until_purged()
        there = {utc_ms(frame["time"]): frame for frame in self.frames_of("yard")}
        self.assertEqual(len(there), len(sent) - deleted)
        for time_ms, data in sent.items():
            if time_ms in there:
                self.assertEqual(self.server.get(there[time_ms]["url"]).body, data)
            else:
                self.assertTrue(any(start <= time_ms <= end for start, end in gone), time_ms)
        self.server.stop(signal.SIGKILL)
        self.check()
        self.reindex_all(there)

    def reindex_all(self, there):
        self.assertEqual(run("reindex", "--data", self.data, "--json").json()["broken"], 0)
        self.check()
        self.server = self.receive()
        self.assertEqual({utc_ms(frame["time"]) for frame in self.frames_of("yard")}, set(there))

    def test_a_picture_that_is_sent_again_stays_deleted(self):
        self.server = self.start_yard()
        data = iqeye_jpeg(START_MS)
        self.store(self.connect(), "a.jpg", data)
        answer = self.delete("yard", START_MS, START_MS)
        self.assertEqual(answer["deleted"], 1)
        self.store(self.connect(), "a.jpg", data)
        self.assertEqual(self.frames_of("yard"), [])
        self.assertEqual(self.undo(answer["undo"])["restored"], 1)
        self.assertEqual(len(self.frames_of("yard")), 1)
        self.check()


if __name__ == "__main__":
    cctvweb.main()
