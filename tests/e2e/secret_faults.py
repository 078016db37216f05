"""What users, backups and tools do to the Secrets that the operator made, under load, and what came of it. A kubelet
brings a changed Secret into a pod up to 90 s later, in any order; here pods are told to look one by one,
in the worst order, so that a row takes seconds."""
import base64
import contextlib
import dataclasses
import pathlib
import socket
import tempfile
import threading
import time
import uuid

import api
import bed
import ledger
import load
import postgres_bed as postgres
import postgres_storage as storage

INSTANCE = f"app.kubernetes.io/instance={bed.CLUSTER}"
# Who may be told too early: those that use what the others must know first.
WORST_ORDER = ("webhook", "lb", "redis", "postgres")
FIXED = ("username", "dbname", "host", "port", "retired-username", "serial")
READY_SECONDS, GAP_SECONDS, WHOLE_SECONDS = 60, 3, 45  # another operator leads after 17 s
FAULTS = ("deleted", "emptied", "replaced", "reverted")


def names():
    """Every Secret that the operator made, without the cluster's own name before it."""
    return sorted(s["metadata"]["name"].removeprefix(bed.CLUSTER + "-") for s in api.items("secrets", INSTANCE))


def read(name):
    return (api.get("secrets", f"{bed.CLUSTER}-{name}") or {}).get("data") or {}


def write(name, data):
    """Exactly these keys, as `kubectl replace` leaves them."""
    api.patch("secrets", f"{bed.CLUSTER}-{name}", {"data": {**{key: None for key in read(name)}, **data}})


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(data, key):
    return base64.b64decode(data.get(key, "")).decode()


def another_pair(is_authority):
    """A certificate and key that nobody here knows."""
    with tempfile.TemporaryDirectory() as folder:
        extension = "basicConstraints=critical,CA:" + ("TRUE" if is_authority else "FALSE")
        bed.run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=another",
            "-addext",
            extension,
            "-keyout",
            f"{folder}/key",
            "-out",
            f"{folder}/crt",
        )
        crt, key = (pathlib.Path(folder, part).read_text() for part in ("crt", "key"))
    return {"tls.crt": encoded(crt), "tls.key": encoded(key), "ca.crt": encoded(crt)}


def another_value(name):
    data = read(name)
    if "tls.crt" in data:
        return another_pair(name == "ca")
    out = {
        key: value if key in FIXED or key in ("ca.crt", "uri") else encoded(uuid.uuid4().hex)
        for key, value in data.items()
    }
    if "uri" in data:
        out["uri"] = encoded(
            decoded(data, "uri").replace(":" + decoded(data, "password") + "@", ":" + decoded(out, "password") + "@")
        )
    return out


def emptied(name):
    """As little as the API server takes: a Secret of type kubernetes.io/tls keeps its keys."""
    return {key: "" for key in read(name) if key.startswith("tls.")}


def inject(name, fault, older):
    """`older`: what the Secret held some time ago."""
    if fault == "deleted":
        api.delete("secrets", f"{bed.CLUSTER}-{name}")
    else:
        write(name, emptied(name) if fault == "emptied" else older if fault == "reverted" else another_value(name))


def renew_operators():
    """One that was killed a few times is started again after minutes only; its pod's successor has no such past."""
    bed.kubectl(
        "-n",
        bed.OPERATOR_NAMESPACE,
        "delete",
        "pods",
        "-l",
        "app.kubernetes.io/name=cadence-operator",
        "--grace-period=1",
    )
    bed.kubectl("-n", bed.OPERATOR_NAMESPACE, "rollout", "status", "deployment/cadence-operator", "--timeout=120s")


def tell_pods(component):
    """The kubelet looks after a pod that changed at once, and brings its Secrets up to date."""
    for pod in sorted(bed.pods(component), key=lambda p: p["metadata"]["name"] == postgres.holder()):
        with contextlib.suppress(api.ApiError):  # it may be gone by now
            api.patch(
                "pods", pod["metadata"]["name"], {"metadata": {"annotations": {"cadence-test/look": uuid.uuid4().hex}}}
            )


def login_at(pod):
    """What a webhook server would connect with now, from its mount."""
    keys = ("username", "password", "ca.crt")
    found = bed.kubectl(
        "-n",
        bed.NAMESPACE,
        "exec",
        pod,
        "--",
        "sh",
        "-c",
        "cd /etc/cadence/store && for key in " + " ".join(keys) + "; do base64 -w0 $key; echo; done",
    )
    return dict(zip(keys, found.split("\n")))


def tell_webhooks():
    """Returns when one of them has what the Secret of their login says;
    that the others do not is part of what is measured."""

    def has_it():
        wanted = read("postgres-app")
        tell_pods("webhook")
        mounted = [login_at(pod["metadata"]["name"]) for pod in bed.pods("webhook")]
        return any(all(login[key] == wanted.get(key, "") for key in login) for login in mounted)

    bed.wait_until("a webhook server's mount shows its login's Secret", has_it, 30)


def cut_sessions():
    """Those of the webhook servers: what connects next shows the password that its pod has now."""
    postgres.sql(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'cadence-webhook%'"
    )


def full_copies_of_redis(pod):
    """How many copies of everything it gave to replicas since it started."""
    login = bed.kubectl("-n", bed.NAMESPACE, "exec", pod["metadata"]["name"], "--", "cat", "/run/redis/login").strip()
    with socket.create_connection((pod["status"]["podIP"], 6379), timeout=5) as connection:
        connection.sendall(f"AUTH agent {login}\r\nINFO stats\r\nQUIT\r\n".encode())
        text = b""
        while part := connection.recv(65536):
            text += part
    return int(next(line for line in text.decode().splitlines() if line.startswith("sync_full:")).split(":")[1])


def copies():
    """What changes when an instance or a node copies everything from another, or a container starts again."""
    out = {}
    for instance in postgres.instances():
        found = next(storage.volume_folder(instance.name).rglob("PG_VERSION"), None)
        out[instance.name] = found.stat().st_ino if found else None
    for pod in bed.pods("redis"):
        out[pod["metadata"]["name"]] = full_copies_of_redis(pod)
    return out


def why_not_ready():
    """The pods that are not Ready."""
    out = []
    for pod in api.items("pods", INSTANCE):
        if not any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])):
            out.append(pod["metadata"]["name"])
    return out


class ReadyWatch:
    """From entry to exit: until when a pod was not Ready, and which."""

    def __enter__(self):
        self.started, self.last, self.unready, self.is_over = time.monotonic(), 0.0, set(), threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()
        return self

    def look(self):
        while not self.is_over.wait(0.5):
            with contextlib.suppress(OSError, AssertionError):
                if found := why_not_ready():
                    self.last = time.monotonic() - self.started
                    self.unready.update(found)

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(20)


def must_be_told(name, fault):
    """Whoever puts another secret in must tell it to the sender; until then what is signed with the old one is
    refused."""
    return "webhook-github" in name.split("+") and (fault in ("replaced", "reverted") or "operator" in fault)


@dataclasses.dataclass
class Outcome:
    name: str
    fault: str
    gap: float = 0.0
    failed: int = 0
    sent: int = 0
    lost: int = 0
    ready_after: float = 0.0
    unready: tuple = ()
    copied: tuple = ()
    problem: str = ""

    def faults(self):
        out = [self.problem] if self.problem else []
        out += [f"no write for {self.gap:.1f} s"] if self.gap >= GAP_SECONDS else []
        out += (
            [f"{self.failed} of {self.sent} deliveries failed"]
            if self.failed and not must_be_told(self.name, self.fault)
            else []
        )
        out += [f"{self.lost} rows lost"] if self.lost else []
        out += [f"{', '.join(self.copied)} copied again"] if self.copied else []
        out += (
            [f"not Ready for {self.ready_after:.0f} s: {', '.join(self.unready)}"]
            if self.ready_after > READY_SECONDS
            else []
        )
        return out

    def sentence(self):
        return (
            f"{self.name} {self.fault}: gap {self.gap:.2f} s, {self.failed} of {self.sent} deliveries failed, all Ready"
            f" after {self.ready_after:.0f} s, {len(self.copied)} copies made again, {self.lost} rows lost"
        )


def keys_of(name):
    """Those that it must have whatever is turning."""
    return [key for key in read(name) if not key.startswith(("next-", "previous-", "retired-")) and key != "serial"]


def spread(keys_by_name):
    """Waits for the Secrets to be whole again and brings them to the pods."""
    for name, keys in keys_by_name.items():
        bed.wait_until(
            f"Secret {name} is whole",
            lambda name=name, keys=keys: (data := read(name)) and all(data.get(key) for key in keys),
            WHOLE_SECONDS,
            0.2,
        )
    for component in WORST_ORDER:
        if component != "webhook":
            tell_pods(component)
            continue
        tell_webhooks()
        cut_sessions()


def play(name, fault, older=None, rate=10, settle=8, is_operator_killed=False):
    """One row, of several Secrets where the name is `one+another`: the Outcome. `older`: by Secret."""
    out, keys = Outcome(name, fault + (" as the operator was killed" if is_operator_killed else "")), {
        one: keys_of(one) for one in name.split("+")
    }
    ledger.access.cache_clear()
    before = copies()
    with ledger.Ledger() as book, load.Load(rate, 12 + settle) as pushes:
        book.wait_flowing()
        at = time.monotonic()
        with ReadyWatch() as ready:
            if is_operator_killed:
                bed.kill_operators()
            for one in keys:
                inject(one, fault, (older or {}).get(one))
            try:
                if is_operator_killed:
                    for (
                        component
                    ) in WORST_ORDER:  # what is left of it is what they would see until there is an operator again
                        tell_pods(component)
                spread(keys)
                time.sleep(settle)  # how long it is watched is part of the measure
                bed.wait_until("all pods are Ready", lambda: not why_not_ready(), READY_SECONDS + 60)
            except AssertionError as problem:
                out.problem = str(problem)
        pushed, report = pushes.stop(), book.stop()
        ledger.access.cache_clear()
        book.job.update({key: ledger.access()[key] for key in ("user", "password", "ca")})
        out.lost = book.check()["missing"]
    out.failed, out.sent, out.gap = pushed["failed"], pushed["sent"], ledger.longest_gap(report, at)
    out.ready_after, out.unready = ready.last, tuple(sorted(ready.unready))
    after = copies()
    out.copied = tuple(sorted(pod for pod, mark in before.items() if after.get(pod) != mark))
    return out
