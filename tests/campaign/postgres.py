"""The failover campaign: every fault of the table in operator/postgres/README.md, many times,
with the ledger writing all the time.

    hack/test campaign postgres [--rounds-scale 0.2] [--only PART,PART] [--seed N] [--api-minutes 10]

Prints one line a round and, at the end, the table; raw results are in the cache folder. Exit code 1 when a row was
lost, two primaries acknowledged at once, or a round did not end as it should. A gap above the aim is printed,
not failed: it is a figure.
"""
import argparse
import dataclasses
import os
import subprocess
import time
import traceback
import typing

import bed
import figures
import ledger
import postgres_also as also
import postgres_bed as postgres
import postgres_faults as faults
import postgres_pair as pair
import postgres_random as random_faults
import postgres_rounds as rounds
import postgres_steady as steady

CLUSTER = bed.small_cluster(
    bed.CLUSTER,
    loadBalancer={"replicas": 1},
    postgres={"instances": 3, "synchronous": {"mode": "Required", "number": 1}},
)


PAUSED_SHARE = 0.8  # of the randomised rounds


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    n: int
    aim: str
    play: typing.Callable


def rows(options):
    minutes = options.api_minutes
    return [
        Row("primary pod deleted by force", 20, "p99 < 3 s", rounds.pod_deleted),
        Row("SIGKILL of the postmaster", 20, "p99 < 3 s", rounds.postmaster_killed),
        Row("SIGKILL of PID 1", 20, "p99 < 3 s", rounds.pid_one_killed),
        Row("node power loss", 10, "p99 < 10 s", rounds.node_lost),
        Row("planned switchover under load", 20, "p99 < 1.5 s", rounds.switched_over),
        Row("primary's node cut off with a client beside it", 5, "new primary < 12 s", rounds.isolated),
        Row("primary frozen past the lease, then thawed", 5, "none acknowledged after thaw", rounds.frozen),
        Row("API server away", 1, "no failover, no error", lambda: rounds.api_away(60 * minutes)),
        Row(
            "API server away and one standby dead",
            1,
            "writes go on",
            lambda: rounds.api_away(min(120, 60 * minutes), standby_lost=True),
        ),
        Row("operator scaled to 0, then primary's node lost", 3, "p99 < 10 s", rounds.operator_away_node_lost),
        *[Row(name, n, "", play) for name, n, play in also.ROWS],
        Row("preferred durability with two instances", 1, "status says so", pair.preferred_with_two),
        Row("steady state", 1, "<= 10 MiB; renewals only", steady.steady),
    ]


def is_wanted(name, options):
    return not options.only or any(part.strip().lower() in name.lower() for part in options.only.split(","))


def guarded(name, play):
    """A round that raised is a failed round; the bed is put back before the next one."""
    try:
        return play()
    except Exception as problem:  # the campaign goes on; the trace tells what broke
        traceback.print_exc()
        out = rounds.Round(name)
        out.problems.append(f"broke off: {problem}")
        return out


def report(results, number, count, round_):
    results.add(round_)
    print(f"{time.strftime('%H:%M:%S')} {round_.row} {number}/{count}: {round_.sentence()}", flush=True)
    if round_.problems:
        faults.restore_everything()


def play_rows(options, results):
    for row in rows(options):
        if not is_wanted(row.name, options):
            continue
        count = max(1, round(row.n * options.rounds_scale))
        for number in range(1, count + 1):
            round_ = guarded(row.name, row.play)
            round_.row = row.name
            report(results, number, count, round_)


def play_random(options, results):
    if not is_wanted(random_faults.NAME, options):
        return
    count = max(1, round(200 * options.rounds_scale))
    for number, (what, play) in enumerate(random_faults.rounds(options.seed, count, PAUSED_SHARE), 1):
        round_ = guarded(random_faults.NAME, play)
        round_.row, round_.figures["fault"] = random_faults.NAME, what
        print(f"         {what}" + (", taken" if round_.figures.get("paused") else ""))
        report(results, number, count, round_)


def divergence(results):
    """The way back of cut-off primaries, as a row of its own."""
    for r in results.of("primary's node cut off with a client beside it"):
        results.add(
            rounds.Round(
                "old primary back after divergence",
                gap=r.gap,
                rejoin=r.rejoin,
                figures={"states": r.figures.get("states")},
            )
        )


def bring_up():
    if bed.get("cadencecluster", bed.CLUSTER) is None:
        bed.kubectl("create", "namespace", bed.NAMESPACE, check=False)
        bed.apply(CLUSTER)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign postgres", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds-scale", type=float, default=1.0, help="0.2 plays a fifth of the rounds")
    parser.add_argument("--only", default="", help="rows whose names contain one of these, separated by commas")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the randomised rounds")
    parser.add_argument("--api-minutes", type=float, default=10, help="how long the API server is away")
    parser.add_argument("--list", action="store_true", help="the rows, and nothing else")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    if options.list:
        print("\n".join([r.name for r in rows(options)] + [random_faults.NAME]))
        return 0
    os.environ.setdefault("KUBECONFIG", bed.cluster("kubeconfig").stdout.strip())
    bring_up()
    postgres.wait_healthy(400)
    results = figures.Results("postgres")
    print(f"raw results: {results.path}; seed {options.seed}", flush=True)
    try:
        play_rows(options, results)
        play_random(options, results)
    finally:
        divergence(results)
        names = [(r.name, r.aim) for r in rows(options)]
        print(
            figures.table(
                results,
                names
                + [("old primary back after divergence", "streaming < 30 s"), (random_faults.NAME, "0 rows lost")],
            )
        )
    failed = [r for r in results.rounds if r.problems or r.missing]
    print(
        f"{len(results.rounds)} rounds, {len(failed)} failed, {sum(r.missing for r in results.rounds)} acknowledged"
        " rows lost"
    )
    return 1 if failed else 0
