"""Agents as processes on loopback: folders, certificates, ports, and waits that end."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
from lease_api import LeaseApi
from ports import free_ports
from wires import Wires

PROGRAMS = "/usr/lib/postgresql/15/bin"
AGENT = None  # set by the test's main
MEMORY_LIMIT_KIB = int(os.environ.get("CADENCE_MEMORY_LIMIT_KIB", 10 * 1024))


LEAST_PATIENCE = 60  # a machine that does something else besides starves a process for half a minute


def until(what, condition, seconds=60):
    """Polls until condition() is truthy and gives its value; fails with the name of what was awaited. A status that did
    not come, or a statement that a server refused (a table that has not arrived), is not yet."""
    seconds = max(seconds, LEAST_PATIENCE)
    end = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except KeyError as missing:
            value, what = None, "%s (no %s)" % (what.partition(" (no ")[0], missing)
        except RuntimeError as refusal:
            value, what = None, "%s (no answer: %s)" % (what.partition(" (no ")[0], str(refusal).partition("\n")[0])
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for: %s" % (seconds, what))
        time.sleep(0.05)


def tasks_of(pid):
    """Its threads; none when the process has ended, also while one looks."""
    try:
        return os.listdir("/proc/%d/task" % pid)
    except OSError:
        return []


def children_of(pid):
    found = []
    for task in tasks_of(pid):
        try:
            with open("/proc/%d/task/%s/children" % (pid, task)) as children:
                found += [int(x) for x in children.read().split()]
        except OSError:
            continue
    return found


def processes_below(pid):
    """All descendants, deepest last. The kernel may leave one out while others begin and end."""
    found, waiting = [], [pid]
    while waiting:
        below = children_of(waiting.pop())
        found += below
        waiting += below
    return found


def first_named(name, pids):
    for pid in pids:
        try:
            with open("/proc/%d/comm" % pid) as text:
                if text.read().strip() == name:
                    return pid
        except OSError:
            continue
    return None


def title_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as text:
            return text.read().decode(errors="replace")
    except OSError:
        return ""


def recovery_below(pid):
    """The process that replays the log; it may end while one looks."""
    return next(
        (below for below in processes_below(pid) if ": startup" in title_of(below)), None
    )  # a session that just begins ends in it


def start_of(pid):
    """When it started, in the kernel's ticks: with its number it is no other process. None where it has ended."""
    try:
        with open("/proc/%d/stat" % pid) as text:
            words = text.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else words[19]


def marks_of(pids):
    return [(pid, start) for pid in pids if (start := start_of(pid))]


def are_gone(marks):
    return all(start_of(pid) != start for pid, start in marks)


def send(sig, pids):
    """To each that still lives: a process may end between being found and being told."""
    for pid in pids:
        try:
            if pid:
                os.kill(pid, sig)
        except ProcessLookupError:
            pass


class Instance:
    def __init__(self, bed, number, ports):
        self.bed, self.number, self.name = bed, number, "t-postgres-%d" % number
        self.port, self.http_port, self.api_port = ports
        self.folder = os.path.join(bed.folder, str(number))
        self.data, self.run = os.path.join(self.folder, "data"), os.path.join(self.folder, "run")
        self.wal = os.path.join(self.folder, "wal")
        self.process, self.programs = None, PROGRAMS
        self.secrets = None  # its own mount, where that is not the one that all share
        bed.make_folder(self.folder)
        self.kubeconfig = self.write_kubeconfig()

    def write_kubeconfig(self):
        """Its token is its name, by which the API server knows who asks."""
        self.bed.put(
            self.bed.folder,
            "kubeconfig-" + self.name,
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "x",
                    "users": [{"name": "x", "user": {"token": self.name}}],
                    "clusters": [{"name": "x", "cluster": {"server": self.bed.api.url}}],
                    "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
                }
            ),
        )
        return os.path.join(self.bed.folder, "kubeconfig-" + self.name)

    def start(self, pid_namespace=False, uid="uid-1", wal_volume=False, name=None):
        """`name`: of the instance that it is another pod of."""
        peers = []
        for other in self.bed.instances:
            port = self.bed.wires.port(self, other) if self.bed.wires else other.port
            peers += [
                "--peer",
                "%s=127.0.0.1:%d" % (other.name, port),
                "--api-peer",
                "%s=127.0.0.1:%d" % (other.name, other.api_port),
            ]
        command = [
            AGENT,
            "postgres",
            "--log-format",
            "text",
            "--cluster",
            "t",
            "--instance",
            name or self.name,
            "--data",
            self.data,
            "--run",
            self.run,
            "--secrets",
            self.secrets or self.bed.secrets,
            "--tls",
            self.bed.tls,
            "--config",
            self.bed.config,
            "--listen",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--http-address",
            "127.0.0.1",
            "--http-port",
            str(self.http_port),
            "--api-port",
            str(self.api_port),
            "--programs",
            self.programs,
            "--lease-duration",
            self.bed.duration,
            "--lease-renew",
            self.bed.renew,
        ] + peers
        if self.bed.stream_patience:
            command += ["--stream-patience", self.bed.stream_patience]
        if self.number == 1:
            command.append("--may-initialize")
        if wal_volume:
            self.bed.make_folder(self.wal)
            command += ["--wal", self.wal]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=%d" % self.bed.uid, "--regid=%d" % self.bed.gid, "--clear-groups"] + command
        if pid_namespace:
            command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] + command
        environment = {
            "PATH": os.environ["PATH"],
            "KUBECONFIG": self.kubeconfig,
            "POD_NAMESPACE": "test",
            "POD_UID": uid,
        }
        with open(self.log_path(), "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        return self

    def get(self, path):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.http_port, path), timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def status(self):
        code, body = self.get("/status")
        return json.loads(body) if code == 200 else {}

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def conninfo(self, user="cadence", database="cadence", host=None):
        host = host or self.name + ".t-postgres.test.svc"
        return (
            "host=%s hostaddr=127.0.0.1 port=%d user=%s dbname=%s sslmode=verify-full sslrootcert=%s/ca.crt"
            " connect_timeout=5" % (host, self.port, user, database, self.bed.tls)
        )

    def sql(self, text, user="cadence", database="cadence", password=None, timeout=60, conninfo=None):
        password = password or self.bed.passwords[user]
        done = subprocess.run(
            [
                PROGRAMS + "/psql",
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                text,
                conninfo or self.conninfo(user, database),
            ],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": password, "HOME": "/nonexistent"},
            text=True,
            timeout=timeout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def session(self):
        """psql that answers line by line, as long as it is wanted."""
        return subprocess.Popen(
            [PROGRAMS + "/psql", "-XAtq", self.conninfo()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": self.bed.passwords["cadence"], "HOME": "/nonexistent"},
        )

    def agent_pid(self):
        """The agent itself, below unshare and setpriv (which replaces itself)."""
        return first_named("cadence-agent", [self.process.pid] + processes_below(self.process.pid))

    def postmaster_pid(self):
        """As our own pid namespace sees it: the child of the agent that is a server,
        and none of the tools which it runs now and then."""
        agent = self.agent_pid()
        return first_named("postgres", children_of(agent)) if agent else None

    def kill(self, sig=signal.SIGTERM):
        send(sig, [self.agent_pid()])

    def wait(self, seconds=60):
        code = self.process.wait(seconds)
        self.process = None
        return code

    def stop(self):
        self.kill()
        return self.wait()

    def log_path(self):
        return os.path.join(self.bed.folder, self.name + ".log")

    def read_log(self):
        with open(self.log_path(), errors="replace") as text:
            return text.read()

    def freeze(self, sig=signal.SIGSTOP):
        """Every process of the instance, as a frozen virtual machine; SIGCONT thaws."""
        told = set()
        while found := {self.process.pid, *processes_below(self.process.pid)} - told:
            send(sig, found)
            told |= found

    def held_still(self):
        """Marks of all that runs below, and the agent stopped: nothing is forked between the look and the end. A child
        that was would hold the agent's ports for a moment longer than the agent."""
        send(signal.SIGSTOP, [self.agent_pid()])
        return marks_of(processes_below(self.process.pid))

    def crash(self):
        """PID 1 and with it everything: what the kernel does to a container."""
        below = self.held_still()
        self.kill(signal.SIGKILL)
        self.end_of(below)

    def clean_up(self):
        if self.process is None or self.process.poll() is not None:
            return
        below = self.held_still()
        send(signal.SIGKILL, [pid for pid, _ in reversed(below)] + [self.process.pid])
        self.end_of(below)

    def end_of(self, below):
        self.process.wait(60)
        self.process = None
        until("nothing of it runs", lambda: are_gone(below), 10)


class Bed:
    def __init__(
        self, instances=3, synchronous="Required 1", duration="9s", renew="2s", stream_patience=None, has_wires=False
    ):
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.uid, self.gid = owner.pw_uid, owner.pw_gid
        self.duration, self.renew, self.stream_patience = duration, renew, stream_patience
        self.folder = tempfile.mkdtemp(prefix="pga-")
        os.chmod(self.folder, 0o755)
        self.passwords = {"postgres": "Superuser1", "replicator": "Repl:i\\cator2", "cadence": "Application3"}
        self.api = LeaseApi()
        self.instances = []
        ports = free_ports(3 * instances)
        for number in range(1, instances + 1):
            self.instances.append(Instance(self, number, ports[3 * number - 3 : 3 * number]))
        self.wires = Wires(self.instances) if has_wires else None
        self.write_mounts(synchronous)

    @classmethod
    def started(cls, test, instances=3, pid_namespace=False, **options):
        """Whole, and closed after the test."""
        bed = cls(instances, **options)
        bed.close_after(test)
        bed.start_all(pid_namespace=pid_namespace)
        bed.await_whole()
        return bed

    def make_folder(self, path):
        os.makedirs(path, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def put(self, folder, name, text):
        path = os.path.join(folder, name)
        with open(path + ".new", "w") as out:
            out.write(text)
        os.chmod(path + ".new", 0o644)  # as a mounted Secret may be: wider than PostgreSQL accepts
        os.rename(path + ".new", path)

    def own_secrets(self, instance):
        """A mount that changes apart from the others', before the instance is started."""
        instance.secrets = os.path.join(self.folder, "secrets-of-" + instance.name)
        self.make_folder(instance.secrets)
        for name in os.listdir(self.secrets):
            with open(os.path.join(self.secrets, name)) as mounted:
                self.put(instance.secrets, name, mounted.read())
        return instance.secrets

    def write_mounts(self, synchronous):
        self.secrets, self.tls, self.config = (os.path.join(self.folder, name) for name in ("secrets", "tls", "config"))
        for folder in (self.secrets, self.tls, self.config):
            self.make_folder(folder)
        for file, user in (
            ("superuser-password", "postgres"),
            ("replication-password", "replicator"),
            ("app-password", "cadence"),
        ):
            self.put(self.secrets, file, self.passwords[user] + "\n")
        self.put(self.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nport = '1'\n")
        self.put(self.config, "instances", "".join(i.name + "\n" for i in self.instances))
        self.put(self.config, "synchronous", synchronous + "\n")
        self.make_certificates()

    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(
                ["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder
            )

        openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=test CA",
            "-keyout",
            "ca.key",
            "-out",
            "tls/ca.crt",
        )
        openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=postgres",
            "-keyout",
            "tls/tls.key",
            "-out",
            "leaf.csr",
        )
        self.put(self.folder, "leaf.ext", "subjectAltName=DNS:*.t-postgres.test.svc\n")
        openssl(
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "tls/ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "leaf.ext",
            "-out",
            "tls/tls.crt",
        )
        for name in ("ca.crt", "tls.crt", "tls.key"):
            os.chmod(os.path.join(self.tls, name), 0o644)

    def start_all(self, **flags):
        for instance in self.instances:
            instance.start(**flags)
        self.await_all()

    def primary(self, seconds=30, but=None):
        """The instance that accepts writes, other than `but`."""
        return until(
            "there is a primary",
            lambda: next((i for i in self.instances if i is not but and i.get("/primary")[0] == 200), None),
            seconds,
        )

    def annotation(self, name):
        """Of the Lease; "" where there is none."""
        lease = self.api.get() or {}
        return lease.get("metadata", {}).get("annotations", {}).get("cadence.noslop.tech/" + name, "")

    def whole_primary(self):
        """The primary when all others stream from it and an election may count on them, else None: until the set is
        published, nobody may be elected after it."""
        with open(os.path.join(self.config, "synchronous")) as text:
            synchronous = text.read().split()
        for primary in self.instances:
            names = sorted(i.name for i in self.instances if i is not primary)
            number = min(int(synchronous[1]), len(names)) if len(synchronous) > 1 else 0
            if (
                primary.get("/primary")[0] == 200
                and sorted(r["name"] for r in primary.status().get("replication", []) if r["state"] == "streaming")
                == names
                and self.annotation("synchronous").split() == [synchronous[0], str(number)] + names
            ):
                return primary
        return None

    def await_whole(self, seconds=60):
        return until("all others stream from one primary, and its set is published", self.whole_primary, seconds)

    def await_all(self, seconds=90):
        for instance in self.instances:
            until(instance.name + " is ready", instance.is_ready, seconds)

    def close(self, keep=False):
        self.api.thaw()
        for instance in self.instances:
            instance.clean_up()
        self.api.close()
        if self.wires:
            self.wires.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def close_after(self, test):
        """When the test is over; one that failed shows what the agents said."""

        def close():
            result = test._outcome.result
            if any(failed is test for failed, _ in result.failures + result.errors):
                for instance in self.instances:
                    print(
                        "==== %s %s\n%s" % (instance.name, instance.status(), instance.read_log()[-6000:]),
                        file=sys.stderr,
                    )
            self.close()

        test.addCleanup(close)
