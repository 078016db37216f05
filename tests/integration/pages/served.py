"""The webhook server as a process, with repositories behind git daemon that somebody hostile wrote."""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
import bed
from ports import free_ports

TOKEN = "token-0123456789abcdef"
KEY = "key-of-links-0123456789abcdef0123456789"
SCRIPT = "<script>document.title='owned'</script>"


def wait_until(condition, seconds=60):
    """Looked at once more when the time is over: who slept meanwhile has not looked."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError("it did not come to that in %d s" % seconds)
        time.sleep(0.05)
    return found


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Server:
    """Closed to strangers; its store is a file."""

    def __init__(self, folder, more="max_workers: 4", api="queue_capacity: 200"):
        self.folder = pathlib.Path(folder)
        self.port, git_port = free_ports(2)
        self.git = "git://127.0.0.1:%d" % git_port
        self.tokens = self.folder / "tokens"
        self.tokens.mkdir()
        (self.tokens / "people").write_text(TOKEN + "\n")
        self.keys = self.folder / "link-keys"
        self.keys.write_text(KEY + "\n")
        served = self.folder / "served"
        served.mkdir()
        bed.hostile_repository(str(served / "kiln.git"))
        bed.make_repository(str(served / "mill.git"), [(b"grind %d\n" % i, 5, 90_000) for i in range(12)])
        self.processes = []
        self.start("git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", "--port=%d" % git_port)
        config = self.folder / "cadence.yml"
        config.write_text(
            "webhook: {secret: hush, %s, host: 127.0.0.1, port: %d, drain_seconds: 0,"
            " api: {access: token, tokens_folder: %s, %s},"
            " links: {key_file: %s, public_url: 'https://cadence.example'},"
            " reconcile: {hooks: [{provider: github, of: [potters/kiln], api_url: 'https://127.0.0.1:1',"
            " token_file: /nowhere}]}}\n"
            "clone: {allowed_hosts: ['127.0.0.1'], cache: {max_bytes: 0}}\n"
            % (more, self.port, self.tokens, api, self.keys)
        )
        self.start(bed.PROGRAM, "serve", "--config", str(config))
        try:
            wait_until(lambda: self.all_run() and answers(self.port) and answers(git_port))
        except AssertionError:
            self.stop()
            raise

    def start(self, *command):
        if command[0] == "git":
            command += ("--base-path=" + str(self.folder / "served"), str(self.folder / "served"))
        environment = {**bed.ENVIRONMENT, "TMPDIR": str(self.folder)}
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)

    def all_run(self):
        ended = [process.args for process in self.processes if process.poll() is not None]
        assert not ended, "%s ended: %s" % (ended, (self.folder / "log").read_text(errors="replace")[-2000:])
        return True

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(60)

    def url(self, path=""):
        return "http://127.0.0.1:%d/pages/%s" % (self.port, path)

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer, content

    def read(self, path):
        answer, content = self.ask("GET", path, headers={"Authorization": "Bearer " + TOKEN})
        assert answer.status == 200, (path, answer.status, content)
        return json.loads(content)

    def page(self, path):
        answer, content = self.ask("GET", "/pages/" + path, headers={"Authorization": "Bearer " + TOKEN})
        assert answer.status == 200, (path, answer.status)
        return content

    @contextlib.contextmanager
    def database(self):
        """The store's file, as another program writes it."""
        database = sqlite3.connect(self.folder / "cadence.db", timeout=30)
        try:
            with database:
                yield database
        finally:
            database.close()

    def push(self, name, full_name=None, branch="trunk", author="mira", number=[0]):
        """A signed push; the id of its job."""
        number[0] += 1
        body = json.dumps(
            {
                "ref": "refs/heads/" + branch,
                "number": number[0],
                "repository": {
                    "full_name": full_name or "potters/" + name,
                    "name": name,
                    "clone_url": "%s/%s.git" % (self.git, name),
                },
                "pusher": {"name": author},
            }
        ).encode()
        answer, content = self.ask(
            "POST",
            "/webhooks/github",
            body,
            {
                "X-GitHub-Event": "push",
                "Content-Type": "application/json",
                "X-Hub-Signature-256": "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest(),
            },
        )
        assert answer.status == 202, content
        return json.loads(content)["job_id"]

    def ended(self, job):
        """The state of a job when it is over."""

        def state():
            status = self.read("/jobs/" + job)["status"]
            return status if status in ("completed", "failed") else None

        return wait_until(state)


def link_query(job, until, key=KEY):
    text = "cadence: link to a job, version 1\n%s\n%d" % (job, until)
    signature = base64.urlsafe_b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest())
    return "until=%d&signature=%s" % (until, signature.decode().rstrip("="))


def axe():
    cache = os.environ.get("CADENCE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cadence-ha"
    )
    found = list(pathlib.Path(cache, "axe-core").glob("*/axe.min.js"))
    assert found, "axe-core is missing in %s: hack/deps fetches it" % cache
    return found[0].read_text()
