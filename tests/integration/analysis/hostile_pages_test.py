"""What a page that means harm costs the server: usage hostile_pages_test.py PATH-OF-CADENCE-WEBHOOK [unittest
arguments]

Each is packed small and unpacks to 8 MiB, the bound of a body. The server's peak is reset before each page and read
behind it. Run with `-v` it prints the figures of analysis/README.md.
"""
import gzip
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from ports import free_ports

BODY = 8 * 1024 * 1024
MOST_MIB = 256


def full_of(piece, head=b""):
    return head + piece * ((BODY - len(head)) // len(piece))


# Of those that take the parser's whole five seconds (elements in elements, too) there is one,
# for the sake of the suite's time.
PAGES = {
    "a million attributes": b"<p " + b"".join(b"a%d " % i for i in range(1000000)),
    "one attribute repeated": full_of(b"a=b ", b"<p "),
    "paragraphs": full_of(b"<p>"),
    "headings": full_of(b"<h1>a</h1>"),
    "images": full_of(b"<img>"),
    "comments": full_of(b"<!---->"),
    "one text": full_of(b"Moreover "),
    "references": full_of(b"&CounterClockwiseContourIntegral;"),
    "entities of XML": full_of(b'<!ENTITY a "&b;&b;&b;&b;">', b'<?xml version="1.0"?><!DOCTYPE x ['),
    "noscripts": full_of(b"<noscript>x</noscript>"),
    "invalid bytes": full_of(b"\xff", b"<meta charset=utf-8>"),
    "a bomb": full_of(b"a") * 8,
}


TOKEN = "a-token-of-this-test-only"  # strangers may not ask for what lies on a private address


class Pages(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        packed = gzip.compress(PAGES[self.path[1:].replace("_", " ")], 1)
        self.close_connection = True
        self.wfile.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length:"
            f" {len(packed)}\r\n\r\n".encode() + packed
        )


class Server:
    """The program, with one worker, so that one page at a time is looked at."""

    def __init__(self, folder):
        (self.port,) = free_ports(1)
        config = pathlib.Path(folder, "cadence.yml")
        config.write_text(f"clone: {{allowed_hosts: [127.0.0.1]}}\nwebhook: {{api: {{token: {TOKEN}}}}}\n")
        self.process = subprocess.Popen(
            [
                pathlib.Path(PROGRAM).resolve(),
                "serve",
                "--config",
                str(config),
                "--listen",
                f"127.0.0.1:{self.port}",
                "--secret",
                "hush",
                "--workers",
                "1",
                "--store",
                f"sqlite:{folder}/cadence.db",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=body and json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def wait_until_up(self):
        self.wait_for(self.is_up)

    def is_up(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def wait_for(self, condition):
        end = time.monotonic() + 120
        while not condition():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server did not get there; its exit code: {self.process.poll()}")
            time.sleep(0.02)

    def analyse(self, url):
        job = self.ask("/api/analyze/website", {"url": url})["job_id"]
        self.wait_for(lambda: self.ask(f"/jobs/{job}")["status"] in ("completed", "failed"))
        return self.ask(f"/jobs/{job}")

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class HostilePagesTest(unittest.TestCase):
    def test_each_is_taken_within_bounds(self):
        pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        self.addCleanup(pages.server_close)
        self.addCleanup(pages.shutdown)
        folder = self.enterContext(tempfile.TemporaryDirectory())
        server = Server(folder)
        self.addCleanup(server.stop)
        server.wait_until_up()
        for name in PAGES:
            with self.subTest(page=name):
                server.forget_peak()
                job = server.analyse(f"http://127.0.0.1:{pages.server_port}/{name.replace(' ', '_')}")
                peak = server.peak_mib()
                if "-v" in sys.argv:
                    print(f"| {name} | {peak} MiB | {job['status']} {job.get('error', '')[-120:]} |", flush=True)
                self.assertLess(peak, MOST_MIB)
        self.assertIsNone(server.process.poll())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
