"""Event streams of the running program: told to the end however long it takes, and no longer than somebody listens."""
import json
import signal
import socket
import threading
import unittest

import served
from served import TOKEN, bed, wait_until


class SilentHost:
    """Takes connections and answers nothing: a clone from it lasts until its time is over."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "git://127.0.0.1:%d/silent.git" % self.socket.getsockname()[1]
        self.taken = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        try:
            while True:
                self.taken.append(self.socket.accept()[0])
        except OSError:
            pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for one in self.taken:
            one.close()


class Listener:
    """A client of one stream."""

    def __init__(self, server, request, body=""):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.socket.sendall(
            (
                "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                "Content-Length: %d\r\n\r\n%s" % (request, TOKEN, len(body), body)
            ).encode()
        )
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().decode().strip():
            name, value = line.split(": ", 1)
            self.headers[name.lower()] = value

    def events(self):
        """(name, data) until the stream ends; a heartbeat has no data."""
        text = b""
        while size := int(self.file.readline() or b"0", 16):
            text += self.file.read(size)
            self.file.readline()
            while b"\n\n" in text:
                frame, text = text.split(b"\n\n", 1)
                lines = dict(line.split(": ", 1) for line in frame.decode().split("\n") if not line.startswith(":"))
                yield lines.get("event"), json.loads(lines["data"]) if lines else None

    def leave(self):
        self.file.close()
        self.socket.close()


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = served.Server(cls.folder.name, "write_timeout: 1, read_timeout: 2")
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.silent = SilentHost()
        self.addCleanup(self.silent.close)

    def stream(self, kind, **body):
        return self.listen(self.server, "POST /api/stream/" + kind, json.dumps(body))

    def listen(self, *request):
        listener = Listener(*request)
        self.addCleanup(listener.leave)
        return listener

    def connections(self):
        text = self.server.ask("GET", "/metrics")[1]
        return int(next(line.split()[1] for line in text.split("\n") if line.startswith("cadence_connections ")))

    def test_a_repository_is_told_in_order(self):
        listener = self.stream("repository", repository_url=self.server.git + "/kiln.git")
        self.assertEqual((listener.status, listener.headers["content-type"]), (200, "text/event-stream"))
        events = list(listener.events())
        steps = [data.get("phase", name) for name, data in events]
        self.assertEqual(
            steps,
            ["queued", "cloning", "analyzing", "validating", "fetching", "detecting"]
            + ["detection"] * 6
            + ["detecting", "result"],
        )
        result = events[-1][1]
        job = listener.headers["x-job-id"]
        self.assertEqual((result["job_id"], result["status"], result["suspicious_commits"]), (job, "completed", 6))
        flat = self.server.read("/api/results/" + job)
        del flat["progress"]
        self.assertEqual(result, flat)

    def test_event_source_reads_it_too(self):
        listener = self.listen(self.server, "GET /api/stream/repository?url=%s/kiln.git" % self.server.git)
        events = list(listener.events())
        self.assertEqual({name for name, _ in events}, {None})
        self.assertEqual(
            [data["type"] for _, data in events][:2] + [events[-1][1]["type"]], ["start", "fetch", "complete"]
        )
        self.assertEqual(events[-1][1]["suspicious_count"], 6)

    def test_what_fails_ends_with_one_error(self):
        events = list(self.stream("repository", url=self.server.git + "/nothing.git").events())
        self.assertEqual([name for name, _ in events].count("error"), 1)
        self.assertIn("no such repository", events[-1][1]["message"])

    def test_what_is_wrong_is_said_before_any_event(self):
        for kind, body in (("repository", {}), ("website", {"url": "ftp://x"})):
            listener = self.stream(kind, **body)
            self.assertEqual((listener.status, listener.headers["content-type"]), (400, "application/json"))

    def test_it_outlasts_the_time_outs_and_no_client(self):
        # Those of the test before are gone when this look's is the only one.
        wait_until(lambda: self.connections() == 1)
        listener = self.stream("repository", url=self.silent.url)
        events = listener.events()
        while next(events)[1].get("phase") != "cloning":
            pass
        # Both time-outs are seconds; the clone is told of again after ten.
        self.assertEqual(next(events)[1]["phase"], "cloning")
        self.assertGreater(self.connections(), 1)
        listener.leave()
        wait_until(lambda: self.connections() == 1)

    def test_the_end_of_the_server_ends_it_with_an_error(self):
        with bed.scratch() as folder:
            server = served.Server(folder, "write_timeout: 1, read_timeout: 2")
            self.addCleanup(server.stop)
            listener = self.listen(server, "POST /api/stream/repository", json.dumps({"url": self.silent.url}))
            events = listener.events()
            while next(events)[1].get("phase") != "cloning":
                pass
            server.processes[-1].send_signal(signal.SIGTERM)
            name, data = list(events)[-1]
            self.assertEqual((name, data["code"]), ("error", "shutting_down"))
            self.assertEqual(server.processes[-1].wait(60), 0)


if __name__ == "__main__":
    unittest.main()
