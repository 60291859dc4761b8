"""Pictures that come in parts, each by an APPE: whole in the end, and nothing of them lost."""

import os
import shutil
import subprocess
import time

import cctvweb
import pictures
from ftp_host import PATIENCE, Client, ServerTest, abandon
from test_ftp_clients import need


def thumbnailed(size):
    """A picture with a thumbnail in front, which has an end of its own."""
    small = pictures.jpeg(shade=9)
    whole = pictures.jpeg(shade=3, size=size)
    return whole[:2] + pictures.segment(0xE1, b"Exif\0\0" + small) + whole[2:], 2 + 4 + 6 + len(small)


class Parts(ServerTest):
    def append(self, client, name, content, code=226):
        with client.passive() as data:
            client.said("APPE " + name, 150)
            data.sendall(content)
        reply = client.reply()
        self.assertTrue(reply.startswith(str(code)), reply)

    def pieces(self, content, size):
        return [content[at:at + size] for at in range(0, len(content), size)]

    def test_each_in_the_same_session(self):
        whole = pictures.jpeg(size=40000)
        client = self.client()
        for name, size in (("a.jpg", 7000), ("b.jpg", 39999), ("c.jpg", 1000), ("d.jpg", 50000)):
            sent = 0
            for piece in self.pieces(whole, size):
                self.append(client, name, piece)
                sent += len(piece)
                self.assertEqual(client.said("SIZE " + name, 213), "213 %d" % sent)
            with client.passive():
                client.said("APPE " + name, 550)
        self.assertEqual(self.host.files("whole"), [("/%s.jpg" % name, whole) for name in "abcd"])
        self.host.wait_for(open=0, memory=0)

    def test_each_in_a_session_of_its_own(self):
        whole = pictures.jpeg(size=40000)
        for piece in self.pieces(whole, 10000):
            client = Client(self.host.port)
            client.said("CWD /", 250)
            self.append(client, "x/a.jpg", piece)
            client.close(reset=True)
        self.assertEqual(self.host.files("whole"), [("/x/a.jpg", whole)])

    def test_an_end_that_is_a_thumbnail_s(self):
        whole, end = thumbnailed(20000)
        client = self.client()
        self.append(client, "a.jpg", whole[:end + 500])
        self.append(client, "a.jpg", whole[end + 500:])
        self.assertEqual(self.host.files("whole"), [("/a.jpg", whole)])

    def test_a_whole_one_never_waits(self):
        client = self.client()
        sent = [pictures.jpeg(size=30000), pictures.jpeg(after=b"dhav1234"), pictures.jpeg(after=b"\0" * 9000),
                pictures.jpeg(after=bytes(range(256)) * 2), thumbnailed(30000)[0], b"\xff\xd8\xff\xd9",
                b"no picture at all", b"\xff", b""]
        for number, content in enumerate(sent):
            self.append(client, "%d.jpg" % number, content)
            self.assertEqual(len(self.host.files("whole")), number + 1)
            with client.passive():
                client.said("APPE %d.jpg" % number, 550)
        self.assertEqual([content for _, content in self.host.files("whole")], sent)

    def test_one_that_was_stored_whole_stays(self):
        client = self.client()
        client.store("a.jpg", pictures.jpeg(size=9000)[:5000])  # nothing said that more would come
        with client.passive():
            client.said("APPE a.jpg", 550)

    def test_renamed_and_written_over(self):
        whole = pictures.jpeg(size=9000)
        client = self.client()
        self.append(client, "a.part", whole[:4000])
        client.said("RNFR a.part", 350)
        client.said("RNTO b.jpg", 250)
        self.append(client, "b.jpg", whole[4000:])
        self.assertEqual(self.host.files("whole"), [("/b.jpg", whole)])
        self.append(client, "c.jpg", whole[:4000])
        client.store("c.jpg", whole)
        with client.passive():
            client.said("APPE c.jpg", 550)
        self.append(client, "d.jpg", whole[:4000])
        client.said("DELE d.jpg", 250)
        self.append(client, "d.jpg", whole[:3000])
        self.append(client, "d.jpg", whole[3000:])
        self.assertEqual(self.host.files("whole")[1:], [("/c.jpg", whole), ("/d.jpg", whole)])

    def test_cut_in_the_middle_of_a_part(self):
        whole = pictures.jpeg(size=90000)
        client = self.client()
        self.append(client, "a.jpg", whole[:30000])
        data = client.passive()
        client.said("APPE a.jpg", 150)
        data.sendall(whole[30000:60000])
        time.sleep(0.2)
        abandon(data)
        data.close()
        self.assertTrue(client.reply().startswith("426 "))
        client.said("REST 60000", 350)
        client.store("a.jpg", whole[60000:])
        self.assertEqual(self.host.files("whole"), [("/a.jpg", whole)])
        # No data connection: nothing is lost.
        self.append(client, "b.jpg", whole[:30000])
        client.passive().close()
        client.said("EPSV", 229)
        client.said("APPE b.jpg", 150)
        self.assertTrue(client.reply().startswith("425 "))
        self.append(client, "b.jpg", whole[30000:])
        self.assertEqual(self.host.files("whole")[1:], [("/b.jpg", whole)])
        self.assertEqual(self.host.files("cut"), [])

    def test_they_are_bounded_and_none_is_lost(self):
        client = self.client()
        start = pictures.jpeg(size=9000)[:4000]
        for number in range(10):
            self.append(client, "%d.jpg" % number, start + b"%d" % number)
        # Of an account the oldest go.
        self.assertEqual(sorted(self.host.files("whole")), [("/%d.jpg" % n, start + b"%d" % n) for n in range(6)])
        with client.passive():
            client.said("APPE 0.jpg", 550)
        self.append(client, "9.jpg", bytes(17 << 20))  # too large to wait for more
        self.assertEqual(self.host.files("whole")[-1], ("/9.jpg", start + b"9" + bytes(17 << 20)))
        client.close()
        self.clients.clear()
        self.host.process.stdin.close()
        self.host.process.wait(10)
        self.assertEqual(len(self.host.files("whole")), 10)

    def tearDown(self):
        if not self.host.process.stdin.closed:
            super().tearDown()
            return
        self.host.process.stdout.close()
        self.host.errors.close()
        shutil.rmtree(self.top)

    def test_curl(self):
        need("curl")
        whole = pictures.jpeg(size=40000)
        path = os.path.join(self.top, "piece")
        for piece in self.pieces(whole, 15000):
            with open(path, "wb") as file:
                file.write(piece)
            subprocess.run(["curl", "-sS", "--append", "-T", path,
                            "ftp://camera:secret@127.0.0.1:%d/a.jpg" % self.host.port],
                           check=True, timeout=20 * PATIENCE)
        self.assertEqual(self.host.files("whole"), [("/a.jpg", whole)])


if __name__ == "__main__":
    cctvweb.main()
