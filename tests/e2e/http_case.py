"""What the tests of the HTTP interface share: a filled server."""

import os
import re

from cctvweb import *
from described import validate  # noqa: F401

CAMERA = "00_50_1a_02_2c_be"
SECOND = mac_of(7)


class Filled(Case):
    """A server over a hundred frames in three events of one camera and a few of another."""

    def setUp(self):
        super().setUp()
        self.times = [START_MS + i * 500 for i in range(50)]
        self.times += [START_MS + 60000 + i * 500 for i in range(30)]
        self.times += [START_MS + 3600000 * 24 + i * 250 for i in range(20)]
        self.files = {}
        for i, time_ms in enumerate(self.times):
            path = write_picture(self.pictures, time_ms, windows=(3,) if i % 4 == 0 else (),
                                 size=3000 + i)
            self.files[time_ms] = os.path.join(self.pictures, path)
        for i in range(5):
            write_picture(self.pictures, START_MS + i * 1000, mac=SECOND)
        self.scan()
        self.server = self.serve()
        self.frames = self.server.pages("/frames", "frames", camera=CAMERA, limit=1000)

    def document(self):
        return self.server.api("/openapi.json")
