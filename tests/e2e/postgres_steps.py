"""A process of an instance that stands still at a step, while something else befalls the cluster: what a busy node, a
debugger or a suspended machine does. Seen from outside, without a change to the product."""
import contextlib
import dataclasses
import os
import pathlib
import signal
import threading
import time

import postgres_bed as postgres
import postgres_faults as faults

TOOLS = ("pg_controldata", "pg_rewind", "psql", "pg_basebackup")
STATES = ("Starting", "Disarmed", "Promoting", "Primary", "Rewinding", "Stopping")
SERVERS = ("startup", "walreceiver", "walsender", "checkpointer")
ARMED_FOR = 12  # seconds after the fault


@dataclasses.dataclass(frozen=True)
class Step:
    # tool: the agent's child of that name runs; state: the agent says so; claim: the Lease names it;
    # server, now: at once
    kind: str
    what: str
    halts: str  # agent, tool, or server: the postmaster with all below it

    def __str__(self):
        return " ".join(filter(None, (self.kind, self.what))) + f", {self.halts} halted"


def draw(rng):
    kind = rng.choice(("tool", "state", "state", "claim", "server", "now"))
    if kind == "tool":
        return Step(kind, rng.choice(TOOLS), rng.choice(("agent", "tool")))
    if kind == "state":
        return Step(kind, rng.choice(STATES), rng.choice(("agent", "agent", "server")))
    return Step(kind, "", "agent") if kind in ("claim", "now") else Step(kind, rng.choice(SERVERS), "tool")


def names_below(pid):
    """Of its own children, by number; looked at without a pause, for a tool that reads the control file lives for some
    milliseconds."""
    found = {}
    with contextlib.suppress(OSError):
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):  # one that ends while one looks hides no other
                found[int(child)] = pathlib.Path(f"/proc/{child}/comm").read_text().strip()
    return found


class Pause:
    """Armed from entry to the end of its `with`, for whichever of the instances comes to the step first."""

    def __init__(self, instances, step, seconds):
        self.instances, self.step, self.seconds = instances, step, seconds
        self.is_over, self.turn = threading.Event(), threading.Lock()  # the turn is never given back
        self.threads = [threading.Thread(target=self.watch, args=[i], daemon=True) for i in instances]

    def __enter__(self):
        self.holder = postgres.holder()
        for thread in self.threads:
            thread.start()
        return self

    def wait_taken(self):
        end = time.monotonic() + ARMED_FOR
        while not self.is_taken and time.monotonic() < end:
            time.sleep(0.05)

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(self.seconds + 60)

    def watch(self, instance):
        """Its container may be another one by now: looked up again and again."""
        while not self.is_over.is_set() and not self.is_taken:
            try:
                agent = faults.pid_one(instance.name).pid
                ip = next(i.ip for i in postgres.instances() if i.name == instance.name)
            except (OSError, AssertionError, StopIteration):
                self.is_over.wait(0.2)
                continue
            end = time.monotonic() + 2
            while time.monotonic() < end and not self.is_over.is_set() and not self.is_taken:
                if (halted := self.at_step(instance, agent, ip)) and self.take():
                    return self.halt(halted)
                time.sleep(0.001 if self.step.kind == "tool" else 0.02)
        return None

    @property
    def is_taken(self):
        return self.turn.locked()

    def take(self):
        return not self.is_over.is_set() and self.turn.acquire(blocking=False)

    def at_step(self, instance, agent, ip):
        """The processes to stop, or none while the step is not there."""
        kind, what = self.step.kind, self.step.what
        below = names_below(agent)
        if kind == "tool":
            found = [pid for pid, name in below.items() if name == what]
            return found and ([agent] if self.step.halts == "agent" else found)
        if kind == "server":
            return [p.pid for p in faults.processes(instance.name) if p.name == "postgres" and what in p.title]
        if kind == "now":
            return [agent]
        if kind == "claim":
            is_there = instance.name != self.holder and postgres.holder() == instance.name
        else:
            is_there = postgres.status(ip, 0.5).get("state") == what and not (
                what == "Primary" and instance.name == self.holder
            )
        if not is_there:
            return []
        if self.step.halts == "agent":
            return [agent]
        servers = [pid for pid, name in below.items() if name == "postgres"]
        return servers + [child for server in servers for child in names_below(server)]

    def halt(self, pids):
        tell(pids, signal.SIGSTOP)
        time.sleep(self.seconds)  # how long it lasts is the round's input
        tell(pids, signal.SIGCONT)


def tell(pids, what):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)
