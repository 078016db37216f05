"""Where a process of an instance stands still, once, and for how long: at a tool that its agent runs, at a request to
the API server, at a line of its log; or one of its server's processes, at once."""
import dataclasses
import os
import signal
import threading
import time

from bed import PROGRAMS, children_of, processes_below, send, title_of

TOOLS = ("pg_controldata", "pg_rewind", "psql", "pg_basebackup", "pg_receivewal")
REQUESTS = ("read", "claim", "release", "write")
LINES = (
    "Decided",
    "Lost the server",
    "Stopped the server",
    "Began an election",
    "Let go of the primary",
    "Claimed the Lease",
    "becoming primary",
    "received promote request",
    "selected new timeline ID",
    "Promoted",
    "Published the synchronous set",
    "Followed another primary",
    "Changed state",
)
SERVERS = ("postmaster", "startup", "walreceiver", "walsender", "checkpointer", "all")

# Stands for the tool: says that it is there, waits until it may go on, and becomes the tool.
WRAPPER = """#!/bin/sh
at() {{
  [ -e {folder}/$1 ] || return 0
  /bin/mv {folder}/$1 {folder}/at || return 0
  while [ -e {folder}/at ]; do /bin/sleep 0.02; done
}}
at before
[ -e {folder}/after ] || exec {tool} "$@"
{tool} "$@" &
tool=$!
trap 'kill -TERM $tool' TERM
wait $tool
code=$?
at after
exit $code
"""


@dataclasses.dataclass(frozen=True)
class Step:
    kind: str  # tool, request, line, server
    what: str  # of TOOLS, REQUESTS, LINES, SERVERS
    moment: str  # before, after; of a line or a server: at
    halts: str  # agent; tool: the tool alone; way: the request or its answer alone; both; server: all of PostgreSQL

    def __str__(self):
        return f"{self.kind} {self.what} {self.moment}, {self.halts} halted"


def draw_step(rng, is_quiet):
    """`is_quiet`: nobody is elected for certain, so that few steps are taken."""
    kind = (
        rng.choice(("request", "server"))
        if is_quiet
        else rng.choice(("tool", "tool", "request", "request", "line", "line", "server"))
    )
    if kind == "tool":
        # A whole copy is made seldom.
        return Step(
            kind,
            rng.choice(("pg_controldata", "pg_controldata", "pg_rewind", "pg_rewind", "psql", "psql", "pg_basebackup")),
            rng.choice(("before", "after")),
            rng.choice(("agent", "agent", "tool")),
        )
    if kind == "request":
        return Step(
            kind,
            rng.choice(("read", "write") if is_quiet else REQUESTS),
            rng.choice(("before", "after")),
            rng.choice(("agent", "way", "both")),
        )
    if kind == "line":
        return Step(kind, rng.choice(LINES), "at", rng.choice(("agent", "agent", "server")))
    return Step(kind, rng.choice(SERVERS), "at", "server")


def wrap_tools(instance):
    """From its next start on it runs the tools by way of ours."""
    folder = os.path.join(instance.folder, "programs")
    instance.bed.make_folder(folder)
    for name in os.listdir(PROGRAMS):
        path = os.path.join(folder, name)
        if name not in TOOLS:
            os.symlink(os.path.join(PROGRAMS, name), path)
            continue
        instance.bed.make_folder(folder_of(instance, name))
        with open(path, "w") as out:
            out.write(WRAPPER.format(folder=folder_of(instance, name), tool=os.path.join(PROGRAMS, name)))
        os.chmod(path, 0o755)
    instance.programs = folder


def folder_of(instance, tool):
    return os.path.join(instance.folder, "steps-" + tool)


def server_processes(instance, name="all"):
    postmaster = instance.postmaster_pid()
    if not postmaster:
        return []
    below = children_of(postmaster)
    if name == "postmaster":
        return [postmaster]
    return [postmaster] + below if name == "all" else [pid for pid in below if name in title_of(pid)]


class Pause:
    """Armed from entry to the end of its `with`, for whichever of the instances comes there first;
    what stands still then goes on.

    `seconds`: None for as long as the `with` lasts, where no request is kept.
    """

    def __init__(self, instances, step, seconds):
        self.instances, self.step, self.seconds = instances, step, seconds
        self.is_over, self.turn = threading.Event(), threading.Lock()  # the turn is never given back
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        if self.step.kind == "tool":
            for instance in self.instances:
                self.arm_tool(instance)
        self.read_from = {i.name: log_size(i) for i in self.instances}
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join((self.seconds or 0) + 30)
        self.disarm_tools()

    def run(self):
        if self.step.kind == "server":
            return self.take() and self.halt(self.instances[0])
        look = {"tool": self.is_at_tool, "line": self.is_at_line}.get(self.step.kind)
        while look and not self.is_over.is_set():
            there = next((i for i in self.instances if look(i)), None)
            if there and self.take():
                return self.halt(there)
            time.sleep(0.002)
        return None

    @property
    def is_taken(self):
        return self.turn.locked()

    def take(self):
        return not self.is_over.is_set() and self.turn.acquire(blocking=False)

    def halt(self, instance):
        """Stands still for its time; a tool goes on by itself where the agent alone is held."""
        name = self.step.what if self.step.kind == "server" else "all"
        halted = (
            server_processes(instance, name)
            if self.step.halts == "server"
            else []
            if self.step.halts == "tool"
            else [instance.agent_pid()]
        )
        send(signal.SIGSTOP, halted)
        if self.step.halts == "agent":
            self.disarm_tools()
        if self.seconds is None:
            self.is_over.wait()
        else:
            time.sleep(self.seconds)  # how long it lasts is the round's input
        send(signal.SIGCONT, halted)
        self.disarm_tools()

    def on_request(self, agent, what, moment):
        """On the thread of the request, which it may keep."""
        instance = next((i for i in self.instances if i.name == agent), None)
        if (
            not instance
            or (self.step.kind, self.step.what, self.step.moment) != ("request", what, moment)
            or not self.take()
        ):
            return
        if self.step.halts == "way":
            time.sleep(self.seconds)
            return
        pid = instance.agent_pid()
        send(signal.SIGSTOP, [pid])
        if self.step.halts == "both":
            time.sleep(self.seconds)
            send(signal.SIGCONT, [pid])
        else:
            threading.Timer(self.seconds, send, (signal.SIGCONT, [pid])).start()

    def arm_tool(self, instance):
        path = os.path.join(folder_of(instance, self.step.what), self.step.moment)
        open(path, "w").close()
        if os.geteuid() == 0:
            os.chown(path, instance.bed.uid, instance.bed.gid)

    def is_at_tool(self, instance):
        return os.path.exists(os.path.join(folder_of(instance, self.step.what), "at"))

    def disarm_tools(self):
        if self.step.kind != "tool":
            return
        for instance in self.instances:
            for name in ("before", "after", "at"):
                try:
                    os.remove(os.path.join(folder_of(instance, self.step.what), name))
                except FileNotFoundError:
                    continue

    def is_at_line(self, instance):
        if log_size(instance) <= self.read_from[instance.name]:
            return False
        with open(instance.log_path(), errors="replace") as log:
            log.seek(self.read_from[instance.name])
            return self.step.what in log.read()


def log_size(instance):
    try:
        return os.path.getsize(instance.log_path())
    except OSError:
        return 0


def let_all_go_on(bed):
    for instance in bed.instances:
        if instance.process:
            send(signal.SIGCONT, processes_below(instance.process.pid))
