"""The published availability figures: signed pushes at full rate while webhook servers die and multiply.

    tests/campaign/run availability [--rate 200] [--seconds 60]

Needs the operator. Where there is no CadenceCluster with its git server yet, as hack/demo or the stories leave them,
it makes them.
"""
import argparse
import sys
import time
import traceback

import bed
import story_03_availability as story


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests/campaign/run availability", description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=200, help="pushes each second (200)")
    parser.add_argument("--seconds", type=int, default=60, help="length of each load (60)")
    parser.add_argument("--settle", type=int, default=900, help="seconds for the analyses to catch up (900)")
    given = parser.parse_args(arguments)
    if bed.get("cadencecluster", bed.CLUSTER) is None:
        bed.run(bed.ROOT / "hack/git-server")
        bed.create_cluster()
    failed = 0
    for what, play in (
        ("a webhook server is SIGKILLed", story.kill_under_load),
        ("webhook servers scale 3, 6, 2", story.scale_under_load),
    ):
        started = time.monotonic()
        try:
            bed.wait_ready()
            play(given.rate, given.seconds, given.settle)
            print(f"ok   availability: {what} at {given.rate}/s ({time.monotonic() - started:.0f} s)", flush=True)
        except Exception:  # the second figure is wanted although the first failed
            failed += 1
            traceback.print_exc()
            print(f"FAIL availability: {what} at {given.rate}/s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
