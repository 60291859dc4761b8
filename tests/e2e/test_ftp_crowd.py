#!/usr/bin/env python3
"""A thousand sessions of the FTP server at once."""

import concurrent.futures
import resource

import cctvweb
from ftp_host import PATIENCE, Client, ServerTest, picture


class Crowd(ServerTest):
    # Fewer where each costs ten times as much.
    SESSIONS, SENDING = (1000, 200) if PATIENCE == 1 else (120, 60)

    options = ("-q", "-n")

    def test_many_sessions(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 4000:
            self.skipTest("fewer than 4000 descriptors may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8000), hard))
        Client(self.host.port).close()
        before = self.host.memory()
        clients = [self.client(user=f"camera{i}") for i in range(self.SESSIONS)]
        idle = (self.host.memory() - before) / self.SESSIONS
        content = picture()

        def send(client):
            for i in range(5):
                client.store(f"{i}.jpg", content)

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            list(pool.map(send, clients[:self.SENDING]))
        counters = self.host.wait_for(open=0, memory=0)
        self.assertEqual((counters["uploads"], counters["cut"]), (5 * self.SENDING, 0))
        self.assertEqual(counters["bytes"], 5 * self.SENDING * len(content))
        if PATIENCE == 1:
            self.assertLess(idle, 32 << 10)
            self.assertLess(self.host.memory(), 256 << 20)
        for client in clients:
            client.close()
        self.clients.clear()
        self.host.wait_for(sessions=0)


if __name__ == "__main__":
    cctvweb.main()
