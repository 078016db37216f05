"""One round each: healthy, the ledger writes, a fault is made, writes flow again, the broken member streams again, the
books are balanced. Rounds measure and judge; they raise only when the bed itself fails. The stories assert on them,
the campaign counts them."""
import dataclasses
import time

import bed
import ledger
import postgres_bed as postgres
import postgres_faults as faults

LEASE_SECONDS = 9


@dataclasses.dataclass
class Round:
    row: str
    gap: float = 0.0  # longest time without an acknowledgement around and after the fault
    rejoin: float = None  # until the broken member streamed again
    missing: int = 0  # acknowledged rows that are not there
    problems: list = dataclasses.field(default_factory=list)
    figures: dict = dataclasses.field(default_factory=dict)
    failover: dict = dataclasses.field(default_factory=dict)

    def expect(self, truth, sentence):
        if not truth:
            self.problems.append(sentence)

    def balance(self, book, *others):
        """Ends the writing and looks for every acknowledged row of every ledger of the round."""
        reports = [b.stop() for b in (*others, book)]
        for one in (*others, book):
            checked = one.check(drop=one is book)
            self.missing += checked["missing"]
            self.expect(
                checked["missing"] == 0,
                f"{checked['missing']} acknowledged rows are gone, for instance {checked['examples'][:2]}",
            )
            self.expect(checked["refused_present"] == 0, f"{checked['refused_present']} refused rows are there")
        self.expect(not ledger.two_at_once(*reports), ledger.two_at_once(*reports))
        report = reports[-1]
        self.figures.update(
            acknowledged=report["acknowledged"],
            unknown=report["unknown"],
            gaps=[round(g["seconds"], 3) for g in report["gaps"]],
            errors={k: v["count"] for k, v in report["errors"].items()},
            backends=report["backends"],
            commit_ms=report["commit_ms"],
        )
        return reports

    def sentence(self):
        parts = [f"gap {self.gap:.2f} s"] + (
            [f"streaming again after {self.rejoin:.1f} s"] if self.rejoin is not None else []
        )
        return ", ".join(parts) + (f"; PROBLEMS: {'; '.join(self.problems)}" if self.problems else "")


def bounded(round_, what, wait):
    """Runs a wait; a bound that is reached is the round's problem, not the campaign's end."""
    try:
        return wait()
    except AssertionError as problem:
        round_.problems.append(f"{what}: {problem}")
        return None


def play(row, inject, moves=True, rest=0, flow_limit=60, rejoin_limit=180):
    """`inject(view)` makes the fault; it is taken back `rest` seconds after writes flow again. `moves`: writes stop,
    and most often another instance takes over; a process that is back before anybody misses it may go on as primary."""
    out = Round(row)
    view = postgres.wait_healthy()
    with ledger.Ledger() as book:
        seen = book.wait_flowing()
        at = time.monotonic()
        injected = inject(view)
        try:
            bounded(
                out,
                "writes flow again",
                lambda: book.wait_back(seen, at, flow_limit) if moves else book.wait_flowing(flow_limit),
            )
            time.sleep(rest)  # how long the fault lasts is the round's input
        finally:
            if injected.undo:
                injected.undo()
                out.figures["undone_after"] = time.monotonic() - at
        start = time.monotonic() if rest else at
        out.figures["states"] = bounded(
            out, "serves again", lambda: postgres.wait_serving(injected.victim, rejoin_limit)
        )
        out.rejoin = time.monotonic() - start if out.figures["states"] else None
        after = bounded(out, "all is well again", lambda: postgres.wait_healthy(rejoin_limit))
        report = out.balance(book)[-1]
    out.gap = ledger.longest_gap(report, at)
    if after and moves:
        out.figures["kept_primary"] = after.primary.name == view.primary.name
        out.failover = {} if out.figures["kept_primary"] else postgres.last_failover()
        out.expect(
            out.figures["kept_primary"] or after.term > view.term, f"the term did not grow: {view.term}, {after.term}"
        )
    return out


# The rows of the table.


def pod_deleted():
    return play("primary pod deleted by force", lambda v: faults.delete_by_force(v.primary))


def postmaster_killed():
    return play("SIGKILL of the postmaster", lambda v: faults.kill_postmaster(v.primary))


def pid_one_killed():
    postgres.fresh_standbys()
    return play("SIGKILL of PID 1", lambda v: faults.kill_pid_one(v.primary))


def node_lost(rest=5):
    return play("node power loss", lambda v: faults.stop_node(v.primary), rest=rest)


def switched_over():
    out = play("planned switchover under load", faults.switch_over)
    out.expect(not out.figures.get("kept_primary"), "the primary is still the same")
    return out


def operator_away_node_lost(rest=5):
    faults.scale_operator(0)
    try:
        return play("operator scaled to 0, then primary's node lost", lambda v: faults.stop_node(v.primary), rest=rest)
    finally:
        faults.scale_operator(2)


def isolated():
    """The primary's node is cut off with a client beside it. Its unanswered commits make the old primary diverge, so
    the way back is the row "old primary back after divergence" as well."""
    out = Round("primary's node cut off with a client beside it")
    postgres.fresh_standbys()
    view = postgres.wait_healthy()
    old = view.primary
    with ledger.Ledger() as through, ledger.Ledger(old.ip, faults.node_network(old.node), through) as near:
        seen = through.wait_flowing()
        near.wait_flowing()
        before = time.monotonic()
        injected = faults.cut_node(old)
        cut = time.monotonic()
        try:
            bounded(out, "another primary", lambda: through.wait_moved(seen, 60))
            bounded(
                out,
                "the old primary is silent",
                lambda: bed.wait_until(
                    "silence", lambda: time.monotonic() - near.status()["last_acknowledgement"] > LEASE_SECONDS, 60
                ),
            )
            last_of_old = near.status()["last_acknowledgement"]
        finally:
            injected.undo()
        healed = time.monotonic()
        out.figures["states"] = bounded(out, "streams again", lambda: postgres.wait_streaming(old.name))
        out.rejoin = time.monotonic() - healed
        bounded(out, "all is well again", postgres.wait_healthy)
        report = out.balance(through, near)[-1]
    of_new = [b["first"] for b in report["backends"] if b["instance"] != old.name and b["first"] > before]
    out.gap = ledger.longest_gap(report, before)
    out.failover = postgres.last_failover()
    out.figures.update(
        last_acknowledgement_after_cut=last_of_old - cut,
        new_primary_after_cut=(min(of_new) - before) if of_new else None,
    )
    return out


def frozen(whole_node=False, seconds=LEASE_SECONDS + 6):
    """Paused past its Lease, then thawed, with clients that still wait for an answer."""
    out = Round("primary frozen past the lease, then thawed")
    postgres.fresh_standbys()
    view = postgres.wait_healthy()
    old = view.primary
    with ledger.Ledger() as through, ledger.Ledger(old.ip, beside=through, answer_ms=60000, connect_ms=2000) as near:
        seen = through.wait_flowing()
        near.wait_flowing()
        at = time.monotonic()
        injected = faults.freeze_node(old) if whole_node else faults.freeze_pod(old)
        frozen_at = time.monotonic()
        try:
            bounded(out, "another primary", lambda: through.wait_moved(seen, 60))
            time.sleep(max(0, at + seconds - time.monotonic()))  # the length of the pause is the round's input
        finally:
            thawed = time.monotonic()
            injected.undo()
        out.figures["states"] = bounded(out, "streams again", lambda: postgres.wait_streaming(old.name))
        out.rejoin = time.monotonic() - thawed
        bounded(out, "all is well again", postgres.wait_healthy)
        beside, report = out.balance(through, near)
    of_old = [b for r in (beside, report) for b in r["backends"] if b["instance"] == old.name and b["first"] < at]
    # A row that its standby had before the freeze may be answered for in the instant between the thaw and the fence.
    # No other.
    new = [b["last_asked"] - frozen_at for b in of_old if b["last_asked"] > frozen_at]
    out.expect(
        not new, f"the thawed primary acknowledged a row that was sent {max(new, default=0):.3f} s after the freeze"
    )
    late = [b["last"] - thawed for b in of_old if b["last"] > thawed]
    out.gap = ledger.longest_gap(report, at)
    out.failover = postgres.last_failover()
    out.figures.update(acknowledged_after_thaw=len(late), whole_node=whole_node)
    return out


def api_away(seconds, standby_lost=False):
    """Nothing changes hands and nobody gets an error. `standby_lost`: a standby's node loses its power meanwhile."""
    out = Round("API server away and one standby dead" if standby_lost else "API server away")
    view = postgres.wait_healthy()
    # A commit may be slow while the API server starts again beside it;
    # a connection that breaks is unknown at once all the same.
    with ledger.Ledger(answer_ms=5000) as book:
        book.wait_flowing()
        ledger.access()
        at = time.monotonic()
        away, lost = faults.stop_api(), None
        try:
            while time.monotonic() < at + seconds:
                if standby_lost and lost is None and time.monotonic() > at + 2 * LEASE_SECONDS:
                    lost = faults.stop_node(view.standbys[0])
                bounded(out, "writes go on without an API server", lambda: book.wait_flowing(15))
                time.sleep(1)
                if out.problems:
                    break
        finally:
            away.undo()
            out.figures["away_for"] = time.monotonic() - at
            if lost:
                lost.undo()
        after = bounded(out, "all is well again", postgres.wait_healthy)
        report = out.balance(book)[-1]
    out.gap = ledger.longest_gap(report, at)
    if after:
        out.expect(
            (after.primary.name, after.term) == (view.primary.name, view.term),
            f"a failover: {view.primary.name} term {view.term}, {after.primary.name} term {after.term}",
        )
    if not standby_lost:
        out.expect(report["unknown"] == 0 and report["refused"] == 0, f"errors: {report['errors']}")
    return out
