"""Rounds that need more than one blow: laggards, commit loops, dead and full volumes, lost WAL, two instances,
flapping."""
import random
import subprocess
import time

import api
import bed
import ledger
import postgres_bed as postgres
import postgres_faults as faults
from postgres_rounds import Round, bounded
from postgres_storage import LoopVolume

STALL_SECONDS = 12  # for which a request that must not be carried out is watched


def laggard_not_promoted():
    """Under ANY 1 one standby may be far behind while commits are safe: asked for as primary, it is refused;
    the other is not."""
    out = Round("switchover to a replica that lags is refused")
    view = postgres.wait_healthy()
    behind, other = view.standbys
    with ledger.Ledger() as book:
        book.wait_flowing()
        at = time.monotonic()
        stopped = faults.receiver(behind.name)
        faults.kill(stopped, "STOP")
        try:
            bed.wait_until("the primary sees that it lags", lambda: not follows(view.primary, behind.name), 30)
            faults.ask_for(behind.name)
            changed = bed_changes(lambda: postgres.holder() != view.primary.name, STALL_SECONDS)
            out.expect(
                not changed, f"{postgres.holder()} became primary although it was asked for {behind.name}, which lagged"
            )
            out.figures["said"] = bounded(
                out,
                "the refusal is on status",
                lambda: bed.wait_until("a condition names it", lambda: said(behind.name), 20),
            )
            faults.ask_for(other.name)
            bounded(
                out,
                "the other becomes primary",
                lambda: bed.wait_until(
                    f"{other.name} holds the Lease", lambda: postgres.holder() == other.name, 60, 0.2
                ),
            )
            bounded(out, "writes flow", lambda: book.wait_flowing(60))
        finally:
            faults.kill(stopped, "CONT")
            faults.ask_for("")
        bounded(out, "all is well again", postgres.wait_healthy)
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out


def stopped_target_not_promoted():
    """The target's WAL receiver stops a moment before: nobody can know yet. The hand-over may take long;
    it must not lose."""
    out = Round("switchover to a replica that stopped a moment ago")
    view = postgres.wait_healthy()
    behind = view.standbys[0]
    with ledger.Ledger() as book:
        book.wait_flowing()
        at = time.monotonic()
        stopped = faults.receiver(behind.name)
        faults.kill(stopped, "STOP")
        try:
            book.wait_flowing(rows=100)
            faults.ask_for(behind.name)
            bounded(out, "writes flow", lambda: book.wait_flowing(60))
            time.sleep(STALL_SECONDS)  # whatever comes of it has come by then
            bounded(out, "writes flow still", lambda: book.wait_flowing(60))
            out.expect(postgres.holder() != behind.name, f"{behind.name} is primary although its receiver stood still")
        finally:
            faults.kill(stopped, "CONT")
            faults.ask_for("")
        bounded(out, "all is well again", postgres.wait_healthy)
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out


def follows(primary, name):
    return any(
        r["name"] == name and r["state"] == "streaming" for r in postgres.status(primary.ip).get("replication", [])
    )


def bed_changes(probe, seconds):
    """True as soon as it does, False when it did not in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if probe():
            return True
        time.sleep(0.2)
    return False


def said(name):
    """The condition that refuses a switchover to an instance; "" while none does."""
    found = api.get("cadenceclusters", bed.CLUSTER)["status"].get("conditions", [])
    return next(
        (f"{c['type']} {c['reason']}: {c['message']}" for c in found if f"switchoverTo: {name}" in c["message"]), ""
    )


COMMIT_LOOP = "DO $$ BEGIN LOOP INSERT INTO ledger.loop VALUES (clock_timestamp()); COMMIT; END LOOP; END $$"


def commit_loop_ends():
    """Without its postmaster a backend goes on committing; the agent must kill every process, not one."""
    out = Round("SIGKILL of the postmaster with a backend in a commit loop")
    view = postgres.wait_healthy()
    with ledger.Ledger() as book:
        seen = book.wait_flowing()
        postgres.sql("CREATE TABLE IF NOT EXISTS ledger.loop (at timestamptz)")
        loop = subprocess.Popen(
            [
                str(bed.ROOT / "hack/cluster"),
                "kubectl",
                "-n",
                bed.NAMESPACE,
                "exec",
                view.primary.name,
                "-c",
                "postgres",
                "--",
                "psql",
                "-h",
                "/run/postgresql",
                "-U",
                "postgres",
                "-d",
                "cadence",
                "-c",
                COMMIT_LOOP,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            bed.wait_until("the loop commits", lambda: int(postgres.sql("SELECT count(*) FROM ledger.loop")) > 100, 30)
            before = [p for p in faults.processes(view.primary.name) if p.name == "postgres"]
            postmaster = faults.postmaster(view.primary.name)
            killed, at = time.time(), time.monotonic()
            faults.kill(postmaster, "KILL")
            bounded(
                out,
                "every process of the old server ends",
                lambda: bed.wait_until(
                    "their end", lambda: not any(faults.read_process(p.pid) for p in before), 10, 0.02
                ),
            )
            out.figures["processes_ended_after"] = round(time.monotonic() - at, 3)
            bounded(out, "writes flow again", lambda: book.wait_moved(seen, 60))
        finally:
            loop.terminate()
            loop.wait(20)
        out.figures["states"] = bounded(out, "streams again", lambda: postgres.wait_streaming(view.primary.name))
        bounded(out, "all is well again", postgres.wait_healthy)
        latest = float(postgres.sql("SELECT extract(epoch FROM max(at)) FROM ledger.loop"))
        out.figures["last_loop_commit_after_kill"] = round(latest - killed, 3)
        out.expect(latest - killed < 3, f"the loop committed {latest - killed:.1f} s after its postmaster was killed")
        postgres.sql("DROP TABLE ledger.loop")
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out


def on_loop_volume(view, megabytes):
    return LoopVolume(view.standbys[0], megabytes)


def make_primary(name):
    if postgres.holder() != name:
        faults.ask_for(name)
        bed.wait_until(f"{name} holds the Lease", lambda: postgres.holder() == name, 90, 0.2)
        faults.ask_for("")
    return postgres.wait_healthy()


def storage_dead():
    """Connections and walsenders live, nothing can be written: the primary gives up by itself."""
    out = Round("walsender alive, storage dead")
    view = postgres.wait_healthy()
    with on_loop_volume(view, 2048) as volume:
        view = make_primary(volume.instance.name)
        with ledger.Ledger() as book:
            seen = book.wait_flowing()
            at = time.monotonic()
            volume.freeze()
            try:
                bounded(out, "another primary", lambda: book.wait_moved(seen, 90))
            finally:
                thawed = time.monotonic()
                volume.thaw()
            out.figures["states"] = bounded(out, "streams again", lambda: postgres.wait_streaming(view.primary.name))
            out.rejoin = time.monotonic() - thawed
            bounded(out, "all is well again", postgres.wait_healthy)
            out.gap = ledger.longest_gap(out.balance(book)[-1], at)
            out.failover = postgres.last_failover()
    postgres.wait_healthy()
    return out


def volume_full_heals():
    """The primary's volume is full; the spec grows, so do the claims (and, by this round, the file system):
    all is well again."""
    out = Round("WAL volume full heals when the spec grows")
    view = postgres.wait_healthy()
    size = api.get("cadenceclusters", bed.CLUSTER)["spec"]["postgres"].get("storage", {}).get("size", "20Gi")
    larger = f"{int(size.removesuffix('Gi')) + 1}Gi"
    with on_loop_volume(view, 2048) as volume:
        view = make_primary(volume.instance.name)
        with ledger.Ledger() as book:
            book.wait_flowing()
            at = time.monotonic()
            volume.shrink_to(48)
            postgres.sql("CREATE TABLE IF NOT EXISTS public.fill (t text)", view.primary.name)
            bounded(
                out,
                "the volume is full",
                lambda: bed.wait_until(
                    "no space", lambda: fill(view.primary.name) or volume.free_megabytes() < 2, 120, 0.2
                ),
            )
            out.figures["said_when_full"] = bounded(
                out, "somebody says so", lambda: bed.wait_until("a message", lambda: said_full(view.primary), 60)
            )
            api.patch("cadenceclusters", bed.CLUSTER, {"spec": {"postgres": {"storage": {"size": larger}}}})
            bounded(
                out,
                "the claim grows whatever the state of the database",
                lambda: bed.wait_until(
                    "the claim",
                    lambda: api.get("persistentvolumeclaims", view.primary.name)["spec"]["resources"]["requests"][
                        "storage"
                    ]
                    == larger,
                    60,
                ),
            )
            volume.grow()
            bounded(out, "writes flow again", lambda: book.wait_flowing(120))
            bounded(out, "all is well again", postgres.wait_healthy)
            postgres.sql("DROP TABLE IF EXISTS public.fill")
            out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    postgres.wait_healthy()
    return out


def fill(instance):
    """True when it can no longer be done."""
    try:
        postgres.sql(
            "INSERT INTO public.fill SELECT repeat('clay', 500) FROM generate_series(1, 4000)", instance, timeout=20
        )
        return False
    except (AssertionError, subprocess.TimeoutExpired):
        return True


def said_full(primary):
    told = postgres.status(primary.ip)
    conditions = [
        f"{c['type']}: {c['message']}"
        for c in api.get("cadenceclusters", bed.CLUSTER)["status"].get("conditions", [])
        if c["status"] != "True" or c["type"] == "Degraded"
    ]
    # Once the copy made again has room, only the failover's reason still says it.
    reason = postgres.last_failover().get("reason", "")
    return next(
        (
            text
            for text in [told.get("message", ""), *conditions, reason]
            if any(word in text.lower() for word in ("full", "space", "read-only", "disk"))
        ),
        "",
    )


def recycled(segment, slot, book):
    """One step towards it; true when it has happened."""
    postgres.sql(
        f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name ~ '{slot}$' AND NOT"
        " active"
    )
    book.wait_flowing(rows=5)
    postgres.sql("SELECT pg_switch_wal()")
    postgres.sql("CHECKPOINT")
    return postgres.sql("SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'") > segment


def lost_wal_clones():
    """A standby returns and what it needs is gone: it is cloned again by itself."""
    out = Round("replica whose WAL is gone re-clones")
    view = postgres.wait_healthy()
    victim = view.standbys[0]
    slot = "_" + victim.name.rpartition("-")[2]
    with ledger.Ledger() as book:
        book.wait_flowing()
        at = time.monotonic()
        lost = faults.stop_node(victim)
        try:
            bed.wait_until(
                "the walsender is gone",
                lambda: victim.name
                not in postgres.sql("SELECT string_agg(application_name, ' ') FROM pg_stat_replication"),
                60,
            )
            needed = postgres.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
            postgres.sql("ALTER SYSTEM SET wal_keep_size = '0'")
            postgres.sql("SELECT pg_reload_conf()")
            bed.wait_until("the WAL it needs is recycled", lambda: recycled(needed, slot, book), 90, 0.1)
        finally:
            postgres.sql("ALTER SYSTEM RESET wal_keep_size")
            postgres.sql("SELECT pg_reload_conf()")
            lost.undo()
        back = time.monotonic()
        out.figures["states"] = bounded(out, "streams again", lambda: postgres.wait_streaming(victim.name, 240))
        out.rejoin = time.monotonic() - back
        bounded(out, "all is well again", postgres.wait_healthy)
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    # A small database is copied between two looks at the state.
    said = bed.kubectl("-n", bed.NAMESPACE, "logs", victim.name, "-c", "postgres")
    out.expect("Clone again from" in said, f"nobody cloned; states seen: {out.figures['states']}")
    return out


def two_nodes_flap(seconds=60, seed=4):
    """Two cables are pulled and put back at random, the primary's among them."""
    out = Round("two nodes flapping")
    view = postgres.wait_healthy()
    rng, pair = random.Random(seed), (view.primary, view.standbys[0])
    with ledger.Ledger() as book:
        book.wait_flowing()
        at = time.monotonic()
        try:
            while time.monotonic() < at + seconds:
                one = rng.choice(pair)
                injected = faults.cut_node(one)
                time.sleep(rng.uniform(0.5, 6))  # the rhythm is the round's input
                injected.undo()
                time.sleep(rng.uniform(0.2, 3))
        finally:
            for one in pair:
                bed.cluster("node", "heal", one.node)
        bounded(out, "writes flow again", lambda: book.wait_flowing(120))
        bounded(out, "all is well again", postgres.wait_healthy)
        out.rejoin = time.monotonic() - at - seconds
        out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out


ROWS = [
    ("switchover to a replica that lags is refused", 1, laggard_not_promoted),
    ("switchover to a replica that stopped a moment ago", 3, stopped_target_not_promoted),
    ("SIGKILL of the postmaster with a backend in a commit loop", 3, commit_loop_ends),
    ("walsender alive, storage dead", 1, storage_dead),
    ("WAL volume full heals when the spec grows", 1, volume_full_heals),
    ("replica whose WAL is gone re-clones", 1, lost_wal_clones),
    ("two nodes flapping", 1, two_nodes_flap),
]
