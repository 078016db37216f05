"""Three agents with real PostgreSQL on loopback, held at every step of theirs while something else happens;
needs no cluster.

    hack/test campaign steps [--rounds 300] [--beds 3] [--seed N]

A step is a tool that the agent runs, before or after it; a request to the API server, before it is carried out or
answered; a line of the agent's or its server's log; or a process of the server. Exit code 1 when an acknowledged row is
gone, two acknowledged at once, or all is not well again by itself.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
AGENT = pathlib.Path(os.environ.get("CADENCE_BUILD", ROOT / "build/release")) / "bin/cadence-agent"


def play(agent, bed, rounds):
    """In a process of its own: one of several beds."""
    sys.path.insert(0, str(ROOT / "tests/integration/postgres"))
    import paused_rounds

    count = 0

    def say(text):
        nonlocal count
        count += 1
        print(f"{time.strftime('%H:%M:%S')} bed {bed}, {count}/{len(rounds)}: {text}", flush=True)

    return paused_rounds.play(agent, rounds, say)


def main(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign steps", description=__doc__.splitlines()[0])
    parser.add_argument("--agent", default=str(AGENT), help="the program cadence-agent")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--beds", type=int, default=3, help="so many beside each other")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT / "tests/integration/postgres"))
    import paused_rounds

    print(f"seed {given.seed}", flush=True)
    rounds, total = paused_rounds.drawn(given.seed, given.rounds), paused_rounds.Tally()
    with concurrent.futures.ProcessPoolExecutor(given.beds) as pool:
        for tally in pool.map(
            play,
            [given.agent] * given.beds,
            range(1, given.beds + 1),
            [rounds[n :: given.beds] for n in range(given.beds)],
        ):
            total.add(tally)
    print(total)
    return 1 if total.failed or total.lost else 0
