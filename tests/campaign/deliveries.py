"""The kill matrix: signed pushes while what serves them is killed, frozen, deleted, or loses its node; no push is lost.

    hack/test campaign deliveries [--rounds 100] [--rate 100] [--seconds 15] [--seed N] [--processes]

Prints one line a round and, at the end, a table. Exit code 1 when a push that was answered 202 has no result or two, or
one that was not cannot be delivered afterwards. Pushes that were not answered 202 at once are a figure.
"""
import argparse
import collections
import sys
import time
import traceback

import bed
import delivery_rounds as matrix
import postgres_faults as faults

OF_PROCESSES = ("killed", "frozen", "deleted by force")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign deliveries", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100, help="how many (100)")
    parser.add_argument("--rate", type=int, default=100, help="pushes each second (100)")
    parser.add_argument("--seconds", type=int, default=15, help="length of each load (15)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of order, victims and durations")
    parser.add_argument("--processes", action="store_true", help="no node is struck, as on a bed of one")
    return parser.parse_args(arguments)


def table(played):
    """Rows: victim and way; rounds, pushes, not answered 202 at first, the worst p99."""
    rows = collections.defaultdict(list)
    for cell, out in played:
        rows[cell].append(out)
    print("| what | rounds | pushes | not answered 202 at first | p99 at worst |\n| --- | --- | --- | --- | --- |")
    for cell, found in sorted(rows.items()):
        sent, refused = sum(r.sent for r in found), sum(r.refused for r in found)
        print(f"| {cell} | {len(found)} | {sent:,} | {refused} | {max(r.p99_ms for r in found):.0f} ms |")


def main(arguments):
    given = parse(arguments)
    if bed.get("cadencecluster", bed.CLUSTER) is None:
        bed.run(bed.ROOT / "hack/git-server")
        bed.create_cluster()
    print(f"seed {given.seed}", flush=True)
    ways = OF_PROCESSES if given.processes else tuple(matrix.WAYS)
    played, failed = [], 0
    for victim, way, which, lasts in matrix.cells(given.seed, given.rounds, ways):
        try:
            out = matrix.play(victim, way, which, lasts, given.rate, given.seconds)
            played.append((out.cell, out))
            print(f"{time.strftime('%H:%M:%S')} {out.sentence()}", flush=True)
        except Exception:  # the campaign goes on; the trace tells what broke
            failed += 1
            traceback.print_exc()
            print(f"FAIL {matrix.cell_of(victim, way)}, {which}, {lasts} s", flush=True)
            faults.restore_everything()
    table(played)
    print(f"{len(played)} rounds without a loss, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
