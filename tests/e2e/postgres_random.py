"""Randomised fault rounds: a seeded, weighted mix of everything that befalls a database cluster,
two things at once included.

In the campaign a process also stands still at a step in most of them (postgres_steps).

Whatever happens, no acknowledged row is lost, no two primaries acknowledge at once, and all is well again by itself.
"""
import contextlib
import random
import time

import bed
import ledger
import postgres_bed as postgres
import postgres_faults as faults
import postgres_rounds as rounds_
import postgres_steps as steps

NAME = "randomised faults"


def pause(rng, low=3.0, high=12.0):
    """For how long a frozen or cut one stays so; drawn once, when the round is made."""
    return round(rng.uniform(low, high), 1)


def kill_twice(view):
    """Whoever is primary next dies as soon as it is: another instance, or the same one,
    back before the others had elected."""
    faults.kill_postmaster(view.primary)
    name = bed.wait_until("the next primary", lambda: postgres.term() > view.term and postgres.holder(), 60, 0.05)
    bed.wait_until(
        "its server runs", lambda: faults.kill_postmaster(next(i for i in view.all() if i.name == name)), 30, 0.05
    )


def switch_over(view, target):
    """The round is about the change itself: it waits for it. Operators that were just killed are held back by the
    kubelet for a while."""
    faults.switch_over(view, target)
    bed.wait_until(f"{target.name} holds the Lease", lambda: postgres.holder() == target.name, 180, 0.1)


def kill_target(view, delay):
    faults.switch_over(view)
    time.sleep(delay)
    faults.kill_postmaster(view.standbys[0])


def restart_api(seconds, also=None):
    away = faults.stop_api()
    try:
        if also:
            also()
        time.sleep(seconds)
    finally:
        away.undo()


def all_at_once(*strikes):
    for strike in strikes:
        strike()


def choices(rng):
    """(weight, what, fault(view)); numbers are drawn here, so that a seed says all."""
    short, long, which = pause(rng, 1, 5), pause(rng), rng.randrange(2)
    f = faults
    return [
        (3, "primary pod deleted by force", lambda v: f.delete_by_force(v.primary)),
        (3, "postmaster of the primary killed", lambda v: f.kill_postmaster(v.primary)),
        (3, "PID 1 of the primary killed", lambda v: f.kill_pid_one(v.primary)),
        (2, f"primary frozen for {long} s", lambda v: f.for_a_while(f.freeze_pod, v.primary, long)),
        (2, f"primary's node cut off for {long} s", lambda v: f.for_a_while(f.cut_node, v.primary, long)),
        (1, f"primary's node frozen for {long} s", lambda v: f.for_a_while(f.freeze_node, v.primary, long)),
        (1, f"primary's node without power for {long} s", lambda v: f.for_a_while(f.stop_node, v.primary, long)),
        (1, "PID 1 of a standby killed", lambda v: f.kill_pid_one(v.standbys[which])),
        (1, "a standby deleted by force", lambda v: f.delete_by_force(v.standbys[which])),
        (1, f"a standby frozen for {long} s", lambda v: f.for_a_while(f.freeze_pod, v.standbys[which], long)),
        (1, f"a standby's node cut off for {long} s", lambda v: f.for_a_while(f.cut_node, v.standbys[which], long)),
        (
            2,
            "primary and a standby killed at once",
            lambda v: all_at_once(lambda: f.kill_postmaster(v.primary), lambda: f.kill_postmaster(v.standbys[which])),
        ),
        (
            1,
            "primary deleted, a standby frozen",
            lambda v: (f.delete_by_force(v.primary), f.for_a_while(f.freeze_pod, v.standbys[which], short)),
        ),
        (1, "every postmaster killed", lambda v: all_at_once(*[lambda i=i: f.kill_postmaster(i) for i in v.all()])),
        (
            1,
            "both standbys deleted by force",
            lambda v: all_at_once(*[lambda i=i: f.delete_by_force(i) for i in v.standbys]),
        ),
        (2, "operators and the primary's PID 1 killed", lambda v: (bed.kill_operators(), f.kill_pid_one(v.primary))),
        (1, f"API server away for {short} s", lambda v: restart_api(short)),
        (1, f"API server away for {long} s", lambda v: restart_api(long)),
        (1, f"API server away for {short} s, primary killed meanwhile", lambda v: restart_api_and_kill(v, short)),
        (2, "planned switchover", lambda v: switch_over(v, v.standbys[which])),
        (1, "planned switchover, its target killed", lambda v: kill_target(v, short / 5)),
        (1, "the new primary killed, too", kill_twice),
    ]


def restart_api_and_kill(view, seconds):
    process = faults.postmaster(view.primary.name)  # looked up while somebody can tell
    restart_api(seconds, lambda: faults.kill(process, "KILL"))


def draw_pause(rng):
    """(who, at which step, for how many seconds): a process that stands still beside what the round does."""
    return rng.choice(("primary", "standbys", "all", "all")), steps.draw(rng), pause(rng, 0.5, 10)


def paused(view, drawn):
    if not drawn:
        return contextlib.nullcontext()
    who, step, seconds = drawn
    return steps.Pause({"primary": [view.primary], "standbys": view.standbys, "all": view.all()}[who], step, seconds)


def play(fault, drawn=None):
    out = rounds_.Round(NAME)
    if any(i.restarts > 1 for i in postgres.wait_healthy(330).standbys):
        postgres.fresh_standbys()
    view = postgres.wait_healthy(330)
    with ledger.Ledger(everywhere=True) as book:
        book.wait_flowing()
        at = time.monotonic()
        with paused(view, drawn) as held:
            fault(view)
            if held:
                held.wait_taken()
        out.figures["paused"] = bool(held and held.is_taken)
        rounds_.bounded(out, "writes flow again", lambda: book.wait_flowing(120))
        if rounds_.bounded(out, "all is well again", lambda: postgres.wait_healthy(330)):
            out.rejoin = time.monotonic() - at
        faults.ask_for("")
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out


def said_of(what, drawn):
    return f"{what}; {drawn[0]} at {drawn[1]} for {drawn[2]} s" if drawn else what


def rounds(seed, count, paused_share=0.0):
    """(what happens, how to play it) for each round; in so many of them a process stands still as well."""
    rng = random.Random(seed)
    for _ in range(count):
        mix = choices(rng)
        _, what, fault = rng.choices(mix, [weight for weight, *_ in mix])[0]
        drawn = draw_pause(rng) if paused_share and rng.random() < paused_share else None
        yield said_of(what, drawn), lambda fault=fault, drawn=drawn: play(fault, drawn)
