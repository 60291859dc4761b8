"""Catalogs of older versions, as those versions wrote them (catalog_NNN.sql is a dump of one)."""

import sqlite3

from cctvweb import *

HERE = os.path.dirname(os.path.abspath(__file__))


class TestUpgrade(Case):
    def setUp(self):
        super().setUp()
        # The id of the application is taken from a catalog made now: it never changes.
        run("scan", "--data", self.path("new"), self.pictures)
        with sqlite3.connect(self.path("new", "catalog.db")) as new:
            self.application = new.execute("PRAGMA application_id").fetchone()[0]
            self.version = new.execute("PRAGMA user_version").fetchone()[0]
        new.close()

    def make(self, version):
        os.mkdir(self.data)
        with open(os.path.join(HERE, "catalog_%03d.sql" % version)) as file:
            dump = file.read()
        db = sqlite3.connect(os.path.join(self.data, "catalog.db"))
        db.executescript(dump)
        db.execute("PRAGMA user_version = %d" % version)
        db.execute("PRAGMA application_id = %d" % self.application)
        db.commit()
        db.close()

    def test_from_the_first(self):
        self.make(1)
        self.assertIn("brings it up to date", run("check", "--data", self.data, status=1).err)
        before = sqlite3.connect(os.path.join(self.data, "catalog.db"))
        frames = before.execute("SELECT count(*) FROM frames").fetchone()[0]
        before.close()
        self.assertEqual(frames, 38)
        self.scan()  # of a folder that has nothing to do with what is there
        self.check()
        with sqlite3.connect(os.path.join(self.data, "catalog.db")) as db:
            self.assertEqual(db.execute("PRAGMA user_version").fetchone()[0], self.version)
            self.assertEqual(db.execute("SELECT count(*) FROM frames").fetchone()[0], frames)
            self.assertEqual(db.execute("SELECT count(*) FROM vanished").fetchone()[0], 1)
            self.assertEqual(db.execute("SELECT name, directory, disabled FROM cameras ORDER BY id").fetchall(),
                             [(name, name, 0) for name in ("00_50_1a_00_00_07", "yard", "00_50_1a_02_2c_be")])
        db.close()
        events = self.events()
        self.assertEqual(sorted((event["camera"], event["frames"]) for event in events),
                         [("00_50_1a_00_00_07", 7), ("00_50_1a_02_2c_be", 30), ("yard", 1)])
        copy = sqlite3.connect(os.path.join(self.data, "catalog.db.version-1"))
        self.assertEqual(copy.execute("SELECT count(*) FROM frames").fetchone()[0], frames)
        self.assertEqual(copy.execute("PRAGMA user_version").fetchone()[0], 1)
        copy.close()
        # Nothing of it is lost when the catalog is built again.
        run("reindex", "--data", self.data)
        self.check()
        self.assertEqual(self.events(), events)


if __name__ == "__main__":
    main()
