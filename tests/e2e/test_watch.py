"""Folder watching inside `cctvweb serve`: whatever happens on disk, the catalog comes to agree with it."""

import os
import random
import shutil
import threading
import time

import cctvweb
from catalog_truth import catalog_files, differences, vanished_files
from cctvweb import PATIENCE, START_MS, iqeye_jpeg, mac_of, mac_text, write_picture


class Watch(cctvweb.Case):
    def setUp(self):
        super().setUp()
        self.outside = self.path("outside")
        os.mkdir(self.outside)
        self.time_ms = START_MS

    def next_time(self):
        self.time_ms += 137
        return self.time_ms

    def picture(self, **options):
        return iqeye_jpeg(self.next_time(), **options)

    def put(self, path, data=None):
        """Writes a picture now, as an FTP server does: open, write, close."""
        whole = os.path.join(self.pictures, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(data or self.picture())
        return whole

    def watch(self, *folders, **options):
        server = self.serve(*(folders or (self.pictures,)), **options)
        self.wait_until(lambda: "scanned" in server.log() or "folder-missing" in server.log(), 20,
                        "the first scan")
        return server

    def agree(self, *roots, seconds=15):
        """Waits until the catalog and the disk say the same."""
        roots = roots or (self.pictures,)
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            found = differences(self.data, *roots)
            if not found:
                break
            if time.monotonic() > deadline:
                self.fail("after %s s %d differences:\n%s" % (seconds, len(found), "\n".join(found[:12])))
            time.sleep(0.05)
        self.check()

    def test_a_closed_file_is_there_well_within_a_second(self):
        self.watch()
        os.makedirs(os.path.join(self.pictures, "cam"))
        time.sleep(0.5)
        slowest = 0
        for number in range(20):
            path = self.put("cam/%d.jpg" % number)
            closed = time.monotonic()
            while path not in catalog_files(self.data):
                time.sleep(0.005)
                self.assertLess(time.monotonic() - closed, 5 * PATIENCE)
            slowest = max(slowest, time.monotonic() - closed)
        self.assertLess(slowest, 0.8 * PATIENCE)
        self.agree()

    def test_files_still_being_written_are_waited_for(self):
        self.watch()
        data = self.picture(size=200000)
        whole = os.path.join(self.pictures, "slow.jpg")
        with open(whole, "wb", buffering=0) as file:
            for at in range(0, len(data), 50000):
                file.write(data[at:at + 50000])
                time.sleep(0.6)
                self.assertNotIn(whole, catalog_files(self.data), "taken before it was whole")
        self.agree(seconds=2)

    def test_a_sender_may_pause_for_long(self):
        self.watch()
        data = self.picture(size=200000)
        whole = os.path.join(self.pictures, "slow.jpg")
        with open(whole, "wb", buffering=0) as file:
            file.write(data[:50000])
            for _ in range(26):
                time.sleep(0.5)
                self.assertNotIn(whole, catalog_files(self.data), "taken before it was whole")
            file.write(data[50000:])
        self.agree(seconds=2)

    def serve_and_ask_for_thumbnails(self, data, folder):
        server = self.serve("--data", data, folder)
        for number in range(5):
            self.put("cam/%d.jpg" % number)
        self.wait_until(lambda: [camera["frames"] for camera in server.api("/cameras")["cameras"]] == [5], 15,
                        "the frames")
        for frame in server.api("/frames", camera="00_50_1a_02_2c_be")["frames"]:
            server.get(frame["url"], width=32)
        cache = os.path.join(data, "cache")
        self.wait_until(lambda: sum(len(names) for _, _, names in os.walk(cache)) == 5, what="the thumbnails")
        time.sleep(2.5)
        self.assertEqual(len(server.api("/cameras")["cameras"]), 1)
        server.stop()
        cctvweb.run("scan", "--data", data, folder, status=None)
        self.assertEqual(cctvweb.run("events", "--data", data, "--json").json()["total"], 1)

    def test_thumbnails_in_a_data_folder_among_the_pictures_are_no_frames(self):
        self.serve_and_ask_for_thumbnails(os.path.join(self.pictures, "data"), self.pictures)

    def test_thumbnails_in_the_folder_of_pictures_itself_are_no_frames(self):
        self.serve_and_ask_for_thumbnails(self.pictures, self.pictures)

    def test_a_file_under_a_temporary_name_comes_with_its_rename(self):
        self.watch()
        self.put("cam/a.jpg.tmp")
        self.put("cam/.b.jpg")
        time.sleep(0.5)
        self.assertEqual(catalog_files(self.data), {})
        os.rename(os.path.join(self.pictures, "cam/a.jpg.tmp"), os.path.join(self.pictures, "cam/a.jpg"))
        os.rename(os.path.join(self.pictures, "cam/.b.jpg"), os.path.join(self.pictures, "cam/b.jpg"))
        self.agree(seconds=2)
        self.assertEqual(len(catalog_files(self.data)), 2)

    def test_a_link_to_a_finished_file_is_found(self):
        self.watch()
        with open(os.path.join(self.outside, "x.jpg"), "wb") as file:
            file.write(self.picture())
        os.link(os.path.join(self.outside, "x.jpg"), os.path.join(self.pictures, "y.jpg"))
        self.agree(seconds=5)

    def test_one_name_overwritten_for_ever(self):
        self.watch()
        seen = set()
        for _ in range(15):
            path = self.put("cam/now.jpg")
            wanted = self.time_ms
            self.wait_until(lambda: catalog_files(self.data).get(path, (0, 0, 0))[1] == wanted, 5)
            seen.add(wanted)
        self.assertEqual(len(seen), 15)
        for _ in range(15):
            temporary = self.put("cam/now.tmp")
            os.rename(temporary, path)
        self.agree()
        self.assertEqual(len(catalog_files(self.data)), 1)
        self.assertEqual(catalog_files(self.data)[path][1], self.time_ms)

    def test_deep_folders_made_at_once(self):
        self.watch()
        for number in range(60):
            path = "/".join("%d-%d" % (depth, number) for depth in range(8))
            self.put(path + "/a.jpg")
            self.put("0-%d/b.jpg" % number)
        self.agree()
        self.assertEqual(len(catalog_files(self.data)), 120)

    def test_a_tree_moved_in_out_and_about(self):
        self.watch()
        tree = os.path.join(self.outside, "tree")
        for number in range(3000):
            write_picture(tree, self.next_time(), mac=mac_of(number % 5),
                          mtime_ms=int(time.time() * 1000) - random.randrange(60000))
        os.rename(tree, os.path.join(self.pictures, "tree"))
        self.agree(seconds=20)
        self.assertEqual(len(catalog_files(self.data)), 3000)
        os.rename(os.path.join(self.pictures, "tree"), os.path.join(self.pictures, "other"))
        self.agree(seconds=20)
        os.mkdir(os.path.join(self.pictures, "deep"))
        os.rename(os.path.join(self.pictures, "other"), os.path.join(self.pictures, "deep/er"))
        self.put("deep/er/new/z.jpg")
        self.agree(seconds=20)
        os.rename(os.path.join(self.pictures, "deep/er"), tree)
        self.agree(seconds=20)
        self.assertEqual(catalog_files(self.data), {})
        # The folder that left is no longer watched.
        with open(os.path.join(tree, "late.jpg"), "wb") as file:
            file.write(self.picture())
        os.rename(tree, os.path.join(self.pictures, "back"))
        self.agree(seconds=20)
        self.assertEqual(len(catalog_files(self.data)), 3002)

    def test_trees_moved_about_while_they_are_written(self):
        self.watch()
        chance = random.Random(11)
        stop = threading.Event()

        def write():
            number = 0
            while not stop.is_set():
                number += 1
                try:
                    self.put("cam%d/%d/%d.jpg" % (number % 4, number % 3, number))
                except (FileNotFoundError, NotADirectoryError):
                    pass  # moved away between mkdir and open

        writer = threading.Thread(target=write)
        writer.start()
        for number in range(40):
            time.sleep(0.04)
            source = os.path.join(self.pictures, "cam%d" % chance.randrange(4))
            if chance.random() < 0.5:
                source = os.path.join(source, str(chance.randrange(3)))
            try:
                os.rename(source, os.path.join(self.pictures, "moved-%d" % number))
            except OSError:
                pass
        stop.set()
        writer.join()
        self.agree(seconds=30)
        self.assertGreater(len(catalog_files(self.data)), 200)

    def test_deleted_files_and_folders(self):
        for number in range(200):
            self.put("cam%d/%d/%d.jpg" % (number % 2, number % 5, number))
        self.watch()
        self.agree()
        for number in range(0, 200, 2):
            os.unlink(os.path.join(self.pictures, "cam%d/%d/%d.jpg" % (number % 2, number % 5, number)))
        self.agree()
        shutil.rmtree(os.path.join(self.pictures, "cam1"))
        self.agree()
        self.assertEqual(catalog_files(self.data), {})
        self.assertEqual(len(vanished_files(self.data)), 200)
        self.put("cam1/1/1.jpg")
        self.agree()
        self.assertEqual(len(vanished_files(self.data)), 199)

    def test_what_arrived_and_went_while_it_was_down(self):
        for number in range(50):
            self.put("cam/%d.jpg" % number)
        server = self.watch()
        self.agree()
        server.stop()
        os.unlink(os.path.join(self.pictures, "cam/3.jpg"))
        os.rename(os.path.join(self.pictures, "cam/4.jpg"), os.path.join(self.pictures, "cam/five.jpg"))
        self.put("cam/6.jpg")
        self.put("new/x.jpg")
        self.watch()
        self.agree(seconds=20)

    def test_a_root_that_comes_later_goes_and_comes_again(self):
        late = self.path("late")
        server = self.watch(self.pictures, late)
        self.wait_until(lambda: "folder-missing" in server.log(), 5)
        self.put("a.jpg")
        self.agree()
        os.mkdir(late)
        with open(os.path.join(late, "b.jpg"), "wb") as file:
            file.write(self.picture())
        self.agree(self.pictures, late, seconds=20)
        kept = dict(catalog_files(self.data))
        os.rename(late, late + "-away")
        self.wait_until(lambda: server.log().count("folder-missing") == 2, 10)
        time.sleep(1)
        self.assertEqual(catalog_files(self.data), kept, "a missing root marked its files")
        os.rename(late + "-away", late)
        with open(os.path.join(late, "c.jpg"), "wb") as file:
            file.write(self.picture())
        self.agree(self.pictures, late, seconds=20)
        # An empty folder in its place is a disk that is not mounted.
        os.rename(late, late + "-away")
        os.mkdir(late)
        self.wait_until(lambda: "not mounted" in server.log(), 15)
        self.assertEqual(len(catalog_files(self.data)), 3)

    def test_a_file_cut_off_is_taken_in_the_end(self):
        """No close tells of it: it is found by listing, its writer is gone."""
        data = self.picture(size=50000)
        path = self.put("cam/cut.jpg", data[:40000])
        self.watch()
        time.sleep(1)
        self.assertNotIn(path, catalog_files(self.data))
        self.agree(seconds=45)

    def test_everything_at_once(self):
        """Random changes for a while; then the catalog and the disk agree."""
        self.watch()
        chance = random.Random(5)
        folders = [self.pictures]
        for _ in range(1500):
            folder = chance.choice(folders)
            name = os.path.join(folder, "%d" % chance.randrange(12))
            try:
                what = chance.randrange(10)
                if what < 5:
                    with open(name + ".jpg", "wb") as file:
                        file.write(self.picture())
                elif what == 5:
                    os.unlink(name + ".jpg")
                elif what == 6:
                    os.rename(name + ".jpg", os.path.join(chance.choice(folders), "moved.jpg"))
                elif what == 7:
                    os.mkdir(name)
                    folders.append(name)
                elif what == 8 and folder != self.pictures:
                    os.rename(folder, os.path.join(chance.choice(folders), "m%d" % chance.randrange(5)))
                elif what == 9 and folder != self.pictures and chance.random() < 0.3:
                    shutil.rmtree(folder)
            except OSError:
                pass
            if chance.random() < 0.1:
                folders = [top for top, _, _ in os.walk(self.pictures)]
        self.agree(seconds=30)
        self.assertGreater(len(catalog_files(self.data)), 5)

    def test_stops_quickly_in_the_middle_of_much(self):
        server = self.watch()
        tree = os.path.join(self.outside, "tree")
        for number in range(3000):
            write_picture(tree, self.next_time(), mac=mac_of(number % 5))
        os.rename(tree, os.path.join(self.pictures, "tree"))
        started = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - started, 5 * PATIENCE)
        self.check()
        self.watch()
        self.agree(seconds=20)

    def test_two_cameras_keep_their_names(self):
        self.watch()
        for number in (1, 2):
            write_picture(self.pictures, self.next_time(), mac=mac_of(number))
        self.agree()
        names = {camera["name"] for camera in cctvweb.run("events", "--data", self.data, "--json").json()["events"]
                 for camera in [{"name": camera["camera"]}]}
        self.assertEqual(names, {mac_text(mac_of(1), "_"), mac_text(mac_of(2), "_")})


if __name__ == "__main__":
    cctvweb.main()
