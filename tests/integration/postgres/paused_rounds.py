"""Randomised rounds on loopback: something befalls three agents and their servers while a process of theirs stands
still at a step.

Whatever happens, every acknowledged row stays, no two instances acknowledge at once, and all heals by itself.
"""
import contextlib
import dataclasses
import os
import random
import signal
import sys
import time
import traceback

import bed as bed_module
import pauses
from bed import until
from many_writers import ManyWriters

AS_CONTAINER = os.geteuid() == 0  # the agent is PID 1, as in its pod
HEALED = 120  # seconds; PostgreSQL is copied whole, at worst, while the machine does other things
FAULTS = (
    "nothing",
    "postmaster",
    "postmaster",
    "crash",
    "stop",
    "switchover",
    "switchover",
    "freeze",
    "api away",
    "cut off",
    "wires cut",
    "all postmasters",
    "twice",
    "standby crash",
    "switchover and crash",
)
QUIET = ("nothing", "api away", "wires cut", "standby crash")


@dataclasses.dataclass(frozen=True)
class Round:
    fault: str
    seconds: float  # of a fault that lasts
    which: int  # of the standbys
    pauses: tuple  # (role, step, seconds); role: primary, standby, anybody, the first that comes there

    def __str__(self):
        said = "; ".join(f"{role} at {step} for {seconds} s" for role, step, seconds in self.pauses)
        return f"{self.fault} ({self.seconds} s): {said}"


def draw_round(rng):
    fault = rng.choice(FAULTS)

    def pause():
        seconds = rng.uniform(0.3, 3) if rng.random() < 0.5 else rng.uniform(3, 9)
        return (
            rng.choice(("primary", "anybody", "anybody", "anybody")),
            pauses.draw_step(rng, fault in QUIET),
            round(seconds, 1),
        )

    return Round(
        fault, round(rng.uniform(1, 9), 1), rng.randrange(2), tuple(pause() for _ in range(rng.choice((1, 1, 2))))
    )


def lasting(seconds, begin, end):
    begin()
    try:
        time.sleep(seconds)  # how long it lasts is the round's input
    finally:
        end()


def kill_postmaster(instance):
    bed_module.send(signal.SIGKILL, [instance.postmaster_pid()])


class Play:
    """One bed and its rounds."""

    def __init__(self, agent):
        bed_module.AGENT = agent
        self.bed = bed_module.Bed(3, duration="5s", renew="1s", stream_patience="3s", has_wires=True)
        for instance in self.bed.instances:
            pauses.wrap_tools(instance)
        self.restarts = 0

    def __enter__(self):
        self.bed.start_all(pid_namespace=AS_CONTAINER)
        self.await_whole()
        self.writers = ManyWriters(self.bed).__enter__()
        return self

    def __exit__(self, *_):
        self.writers.__exit__()
        pauses.let_all_go_on(self.bed)
        self.bed.close()

    def settle(self):
        """Processes that ended, as a fence does, are started again, as the kubelet does."""
        for instance in self.bed.instances:
            if instance.process.poll() is not None:
                self.restarts += 1
                instance.start(pid_namespace=AS_CONTAINER, uid="uid-1")
        return False

    def await_whole(self):
        def is_whole():
            self.settle()
            return self.bed.whole_primary()

        return until("all is whole again", is_whole, HEALED)

    def strike(self, round_, old, standbys):
        bed, fault, seconds = self.bed, round_.fault, round_.seconds
        if fault in ("postmaster", "twice"):
            kill_postmaster(old)
        elif fault == "crash":
            old.kill(signal.SIGKILL)
        elif fault == "stop":
            old.kill()
        elif fault == "switchover":
            self.ask_for(standbys[round_.which])
        elif fault == "switchover and crash":
            self.ask_for(standbys[round_.which])
            time.sleep(seconds / 9)  # how soon is the round's input
            standbys[round_.which].kill(signal.SIGKILL)
        elif fault == "freeze":
            lasting(seconds, old.freeze, lambda: old.freeze(signal.SIGCONT))
        elif fault == "api away":
            lasting(seconds, bed.api.freeze, bed.api.thaw)
        elif fault == "cut off":
            lasting(
                seconds,
                lambda: (bed.api.cut(old.name), bed.wires.cut(old.name)),
                lambda: (bed.api.cut(), bed.wires.mend(old.name)),
            )
        elif fault == "wires cut":
            lasting(seconds, lambda: bed.wires.cut(old.name), lambda: bed.wires.mend(old.name))
        elif fault == "all postmasters":
            for instance in bed.instances:
                kill_postmaster(instance)
        elif fault == "standby crash":
            standbys[round_.which].kill(signal.SIGKILL)
        if fault == "twice":
            with contextlib.suppress(AssertionError):
                kill_postmaster(bed.primary(15, but=old))

    def ask_for(self, target):
        """None takes the request back, which was refused for a while, perhaps."""
        name = "cadence.noslop.tech/switchover-to"
        self.bed.api.edit(
            lambda lease: (
                lease["metadata"]["annotations"].update({name: target.name})
                if target
                else lease["metadata"]["annotations"].pop(name, None)
            )
        )

    def play(self, round_):
        """What went wrong, as sentences, and how many of its pauses came about."""
        bed = self.bed
        old = self.await_whole()
        standbys = [i for i in bed.instances if i is not old]
        who = {"primary": [old], "standby": [standbys[round_.which]], "anybody": bed.instances}
        began = time.monotonic()
        armed = [pauses.Pause(who[role], step, seconds) for role, step, seconds in round_.pauses]
        bed.api.at_request = lambda *request: [pause.on_request(*request) for pause in armed]
        try:
            with contextlib.ExitStack() as stack:
                for pause in armed:
                    stack.enter_context(pause)
                self.strike(round_, old, standbys)
                end = time.monotonic() + 8
                while time.monotonic() < end and not all(pause.is_taken for pause in armed):
                    self.settle()
                    time.sleep(0.05)
        finally:
            bed.api.at_request = lambda *_: None
            pauses.let_all_go_on(bed)
        self.ask_for(None)
        self.await_whole()
        self.writers.wait_flowing(time.monotonic())
        missing = self.writers.missing()
        problems = self.writers.two_primaries() + (
            [f"{len(missing)} acknowledged rows are gone: {missing[:5]}"] if missing else []
        )
        return problems, sum(pause.is_taken for pause in armed), self.writers.gap_since(began)

    def tell_all(self):
        for instance in self.bed.instances:
            print(f"==== {instance.name} {instance.status()}\n{instance.read_log()[-12000:]}", file=sys.stderr)
        print(f"==== Lease\n{self.bed.api.get()}", file=sys.stderr, flush=True)


@dataclasses.dataclass
class Tally:
    rounds: int = 0
    paused: int = 0  # rounds in which somebody stood still
    failed: int = 0
    rows: int = 0
    lost: int = 0

    def add(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def __str__(self):
        return (
            f"{self.rounds} rounds, {self.paused} of them with a process that stood still, {self.failed} failed,"
            f" {self.lost} of {self.rows} acknowledged rows lost"
        )


def play_on_one_bed(agent, rounds, tally, say):
    """Until they are over or one fails; the rest is for a fresh bed."""
    with Play(agent) as play:
        for what in rounds:
            tally.rounds += 1
            try:
                problems, taken, gap = play.play(what)
            except Exception as problem:  # the trace tells what broke, the rest is played all the same
                traceback.print_exc()
                problems, taken, gap = [f"broke off: {problem}"], 0, 0
            tally.paused += taken > 0
            say(f"{what}: {taken} taken, no write for {gap:.1f} s" + "".join(f"\n     {p}" for p in problems))
            if problems:
                tally.failed += 1
                play.tell_all()
                break
        tally.rows += len(play.writers.told())
        if not problems:
            missing = play.writers.missing(is_last=True)
            tally.lost += len(missing)


def play(agent, rounds, say=print):
    waiting, tally = list(rounds), Tally()
    waiting.reverse()

    def take():
        while waiting:
            yield waiting.pop()

    while waiting:
        play_on_one_bed(agent, take(), tally, say)
    return tally


def drawn(seed, count):
    rng = random.Random(seed)
    return [draw_round(rng) for _ in range(count)]
