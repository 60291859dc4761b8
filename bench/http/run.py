#!/usr/bin/env python3
"""Frames of 40 KB over HTTP at 32 keep-alive connections, against nginx with sendfile on the same files.

Both servers run at once and are asked in turn, so that what else the machine does hits both. The
figure is the median of the ratios of the rounds. cpu_us is what each server computes for a request, which
tells something even where the machine is busy."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from measure import Place, arguments, cpu_seconds, median, report, say  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS, THREADS, TARGET = 32, 2, 0.85

NGINX = """
daemon off; worker_processes 2; pid %(dir)s/nginx.pid; error_log %(dir)s/nginx.log warn; %(user)s
events { worker_connections 1024; }
http {
  types { image/jpeg jpg; }
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;
  client_body_temp_path %(dir)s/t1; proxy_temp_path %(dir)s/t2; fastcgi_temp_path %(dir)s/t3;
  uwsgi_temp_path %(dir)s/t4; scgi_temp_path %(dir)s/t5;
  server { listen 127.0.0.1:%(port)d; root %(pictures)s; }
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_nginx(place):
    port = free_port()
    config = os.path.join(place.dir, "nginx.conf")
    with open(config, "w") as file:
        file.write(NGINX % {"dir": place.dir, "pictures": place.pictures, "port": port,
                            "user": "user root;" if os.getuid() == 0 else ""})
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", place.dir, "-c", config, "-e", place.dir + "/nginx.log"])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nginx did not start: " + open(place.dir + "/nginx.log").read())


def get(port, path):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit("GET %s on port %d: %d" % (path, port, answer.status))
    return body


def wrk(port, paths, seconds):
    done = subprocess.run(["wrk", "-t%d" % THREADS, "-c%d" % CONNECTIONS, "-d%ds" % seconds, "--latency",
                           "-s", os.path.join(HERE, "frames.lua"), "http://127.0.0.1:%d" % port, "--", paths],
                          capture_output=True, text=True, check=True)
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    if result["errors"]:
        raise SystemExit("%d of %d requests failed" % (result["errors"], result["requests"]))
    result["rate"] = result["requests"] * 1e6 / result["us"]
    return result


def write_list(place, name, paths):
    path = os.path.join(place.dir, name)
    with open(path, "w") as file:
        file.write("".join(line + "\n" for line in paths))
    return path


def main():
    quick = arguments(__doc__).quick
    count, rounds, seconds = (1000, 3, 2) if quick else (4000, 7, 5)
    with Place() as place:
        say("http: writing %d pictures of 40 KB" % count)
        files = ["/" + path for path in place.write(count, 200)]
        server = place.serve()
        camera = server.api("/cameras")["cameras"][0]["name"]
        frames = server.pages("/frames", "frames", camera=camera, limit=1000)
        urls = [frame["url"] for frame in sorted(frames, key=lambda frame: frame["time"])]
        if len(urls) != count:
            raise SystemExit("the catalog has %d frames, not %d" % (len(urls), count))
        nginx, port = start_nginx(place)
        try:
            for i in range(0, count, count // 20):
                if get(port, files[i]) != get(server.port, urls[i]):
                    raise SystemExit("the servers do not agree on " + files[i])
            sides = {"nginx": (port, write_list(place, "files", files)),
                     "cctvweb": (server.port, write_list(place, "urls", urls))}
            pids = {"nginx": nginx.pid, "cctvweb": server.process.pid}
            rates = {name: [] for name in sides}
            computed, asked = dict.fromkeys(sides, 0), dict.fromkeys(sides, 0)
            for i in range(-1, rounds):
                for name in sorted(sides, reverse=i % 2 == 0):
                    before = cpu_seconds(pids[name])
                    result = wrk(*sides[name], 1 if i < 0 else seconds)
                    if i >= 0:
                        computed[name] += cpu_seconds(pids[name]) - before
                        asked[name] += result["requests"]
                        rates[name].append(result["rate"])
                        say("http: %-7s %7.0f requests/s, median %d us" % (name, result["rate"], result["p50_us"]))
        finally:
            nginx.terminate()
            nginx.wait()
    ratio = median([a / b for a, b in zip(rates["cctvweb"], rates["nginx"])])
    report("http", "requests/s of 40 KB frames at 32 keep-alive connections, against nginx with sendfile",
           value=round(median(rates["cctvweb"])), reference=round(median(rates["nginx"])),
           ratio=round(ratio, 3), target=TARGET, best=round(max(rates["cctvweb"])),
           reference_best=round(max(rates["nginx"])),
           cpu_us=round(computed["cctvweb"] * 1e6 / asked["cctvweb"], 2),
           reference_cpu_us=round(computed["nginx"] * 1e6 / asked["nginx"], 2), rounds=rounds, quick=quick)


if __name__ == "__main__":
    main()
