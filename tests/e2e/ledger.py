"""The ledger client (tests/bench/postgres) as the stories and the campaign use it: it writes while something happens to
the database, and afterwards every acknowledged row is looked for."""
import base64
import functools
import itertools
import json
import os
import pathlib
import subprocess
import threading
import time

import api
import bed

_runs = itertools.count(1)


def program():
    return pathlib.Path(os.environ.get("CADENCE_BUILD", bed.ROOT / "build/release")) / "tests/postgres-ledger"


def folder():
    """Journals and raw results; not in the repository."""
    cache = (
        os.environ.get("CADENCE_CACHE")
        or pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "cadence-ha"
    )
    path = pathlib.Path(cache) / "campaign"
    path.mkdir(parents=True, exist_ok=True)
    return path


@functools.lru_cache(maxsize=4)
def access(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    """How the app user reaches the writable instance; kept, so that it is known while the API server is away."""
    secret = {
        k: base64.b64decode(v).decode()
        for k, v in api.get("secrets", f"{cluster}-postgres-app", namespace)["data"].items()
    }
    service = api.get("services", f"{cluster}-postgres-rw", namespace)
    return {
        "address": service["spec"]["clusterIP"],
        "server_name": secret["host"],
        "port": int(secret["port"]),
        "user": secret["username"],
        "password": secret["password"],
        "database": secret["dbname"],
        "ca": secret["ca.crt"],
    }


class Ledger:
    """Writes from entry to stop(). `address` names one pod instead of the Service,
    `inside` is a prefix that enters a node's network.

    `beside` is another Ledger whose table it shares, with writers of its own. `everywhere`: asks the Service and every
    instance by turns, as the application's connection string does.
    """

    def __init__(
        self,
        address=None,
        inside=(),
        beside=None,
        cluster=bed.CLUSTER,
        namespace=bed.NAMESPACE,
        everywhere=False,
        **options,
    ):
        run = f"{int(time.time())}_{os.getpid()}_{next(_runs)}"
        self.job = {
            **access(cluster, namespace),
            "table": f"ledger.r{run}",
            "journal": str(folder() / f"journal-{run}"),
            **options,
        }
        if address:
            self.job["address"] = address
        if beside:
            self.job.update(table=beside.job["table"], first_writer=100, makes_table=False)
        self.service = access(cluster, namespace)["address"]
        self.inside, self.report, self.lock = list(inside), None, threading.Lock()
        self.is_over, self.guide = threading.Event(), None
        if everywhere:
            self.guide = threading.Thread(target=self.lead_everywhere, args=(cluster, namespace), daemon=True)

    def __enter__(self):
        self.process = subprocess.Popen(
            self.inside + [str(program())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.tell(json.dumps(self.job))
        if self.guide:
            self.guide.start()
        return self

    def lead_everywhere(self, cluster, namespace):
        """Pods come and go with their addresses; while the API server is away the last known ones stay."""
        selector = f"app.kubernetes.io/instance={cluster},app.kubernetes.io/component=postgres"
        while not self.is_over.wait(0.5):
            try:
                addresses = [
                    p["status"]["podIP"] for p in api.items("pods", selector, namespace) if p["status"].get("podIP")
                ]
                with self.lock:
                    if not self.is_over.is_set():
                        self.tell(" ".join(["addresses", self.service, *addresses]))
            except (OSError, AssertionError):
                continue

    def lead_no_longer(self):
        with self.lock:
            self.is_over.set()
        if self.guide and self.guide.is_alive():
            self.guide.join(10)

    def __exit__(self, *_):
        self.lead_no_longer()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        pathlib.Path(self.job["journal"]).unlink(missing_ok=True)

    def tell(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError(f"the ledger ended: {self.process.stderr.read().strip()}") from None

    def status(self):
        with self.lock:
            self.tell("status")
            line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the ledger ended: {self.process.stderr.read().strip()}")
        return json.loads(line)

    def wait_flowing(self, seconds=60, rows=20):
        """A number of rows more than now are acknowledged: writes flow."""
        start = self.status()["acknowledged"]
        return bed.wait_until(
            "rows are acknowledged",
            lambda: (now := self.status())["acknowledged"] >= start + rows and now,
            seconds,
            0.1,
        )

    def wait_moved(self, before, seconds=60, rows=20):
        """Another backend than the one in `before` (a status) acknowledges."""
        old = [key(b) for b in before["backends"]]

        def probe():
            now = self.status()
            return now if sum(b["acknowledged"] for b in now["backends"] if key(b) not in old) >= rows else None

        return bed.wait_until("another primary acknowledges", probe, seconds, 0.1)

    def wait_back(self, before, at, seconds=60, rows=20):
        """Writes flow after a fault: another backend acknowledges, or the same one after a gap that has ended."""
        old = [key(b) for b in before["backends"]]

        def probe():
            now = self.status()
            after = sum(b["acknowledged"] for b in now["backends"] if key(b) not in old)
            has_ended = any(g["end"] > at and g["before"] for g in now["gaps"] if not g["is_open"]) and not any(
                g["is_open"] for g in now["gaps"]
            )
            return now if after >= rows or has_ended else None

        return bed.wait_until("rows are acknowledged again", probe, seconds, 0.1)

    def stop(self, seconds=90):
        """Ends the writing and gives the report."""
        if self.report is None:
            self.lead_no_longer()
            self.process.stdin.close()
            timer = threading.Timer(seconds, self.process.kill)
            timer.start()
            text = self.process.stdout.read()
            timer.cancel()
            if not text:
                raise AssertionError(f"the ledger gave no report: {self.process.stderr.read().strip()}")
            self.report = json.loads(text.strip().splitlines()[-1])
        return self.report

    def check(self, drop=True, seconds=180):
        """Reads back every row through the Service: {acknowledged, missing, unknown, unknown_present, …}. Once the API
        server was away kube-proxy waits for up to a minute, twice, before it looks where the Service leads now."""
        job = {**self.job, "mode": "check", "address": self.service, "drops_table": drop, "seconds": seconds}
        done = subprocess.run(
            [str(program())], input=json.dumps(job) + "\n", capture_output=True, text=True, timeout=seconds + 100
        )
        if done.returncode != 0:
            raise AssertionError(done.stderr.strip())
        return json.loads(done.stdout)


def key(backend):
    return backend["instance"], backend["timeline"]


def longest_gap(report, since):
    """Seconds without an acknowledgement around and after a moment; 0.0 when nobody would have noticed."""
    return max([g["seconds"] for g in report["gaps"] if g["end"] >= since and g["before"]], default=0.0)


def two_at_once(*reports):
    """Who acknowledged out of turn: two instances on one timeline, or one a row that was sent after another had begun.
    None in a healthy world. (A row that was under way at the change may be answered late;
    whether it is there is the balance's business.)
    """
    found = [b for report in reports for b in report["backends"]]
    for one in found:
        for other in found:
            if one["instance"] != other["instance"] and one["timeline"] == other["timeline"]:
                return f"{one['instance']} and {other['instance']} both acknowledged on timeline {one['timeline']}"
            if one["timeline"] < other["timeline"] and one["last_asked"] > other["first"]:
                return (
                    f"{one['instance']} (timeline {one['timeline']}) acknowledged a row that was sent"
                    f" {one['last_asked'] - other['first']:.3f} s after {other['instance']} (timeline"
                    f" {other['timeline']}) had begun"
                )
    return None
