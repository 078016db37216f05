"""Every Secret that the operator made, deleted, emptied, replaced by another value and put back to an older one,
under load.

    hack/test campaign secrets [--only redis-auth,ca,postgres-app+redis-auth] [--faults deleted,emptied]
                               [--operator-killed]

A row's aims: no pause of the writes of 3 s, no delivery failed, nothing copied again, all pods Ready within 60 s. About
40 s each. `one+another` is two at once. With the operator killed nobody remembers what the Secret held.
"""
import argparse
import os
import traceback

import bed
import postgres_bed as postgres
import secret_faults as faults


def main(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign secrets", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="Secrets, without the cluster's name before them (all)")
    parser.add_argument("--faults", default=",".join(faults.FAULTS), help=f"some of {','.join(faults.FAULTS)}")
    parser.add_argument("--operator-killed", action="store_true", help="every operator is killed the moment before")
    parser.add_argument("--rate", type=int, default=10, help="pushes each second (10)")
    given = parser.parse_args(arguments)
    os.environ.setdefault("KUBECONFIG", bed.cluster("kubeconfig").stdout.strip())
    chosen = given.only.split(",") if given.only else faults.names()
    older = {name: faults.read(name) for name in faults.names()}
    assert all(set(name.split("+")) <= set(older) for name in chosen), f"the Secrets are {', '.join(older)}"
    failed = []
    for fault in given.faults.split(","):
        for name in chosen:
            failed += play(name, fault, older, given)
    print(f"figure: {len(chosen) * len(given.faults.split(','))} rows, {len(failed)} missed an aim")
    for sentence in failed:
        print(f"     {sentence}")
    return 1 if failed else 0


def play(name, fault, older, given):
    try:
        if given.operator_killed:
            faults.renew_operators()
        bed.wait_ready(seconds=120)
        postgres.wait_healthy()
        outcome = faults.play(name, fault, older, given.rate, is_operator_killed=given.operator_killed)
    except Exception as problem:  # the other rows are wanted as well
        traceback.print_exc(limit=-3, chain=False)
        print(f"FAIL secrets: {name} {fault}: {problem}", flush=True)
        return [f"{name} {fault}: {problem}"]
    print(f"{'FAIL' if outcome.faults() else 'ok  '} secrets: {outcome.sentence()}", flush=True)
    return [f"{name} {fault}: {'; '.join(outcome.faults())}"] if outcome.faults() else []
