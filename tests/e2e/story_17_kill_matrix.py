"""What serves deliveries dies or stands still while they come in: a sample of hack/test campaign deliveries."""
import os

import delivery_rounds as matrix

SEED = int(os.environ.get("CADENCE_RANDOM_SEED", "1"))
SAMPLE = int(os.environ.get("CADENCE_KILL_ROUNDS", "2"))


def test_no_push_is_lost_or_judged_twice_whatever_dies():
    for victim, way, which, lasts in matrix.cells(SEED, SAMPLE):
        out = matrix.play(victim, way, which, lasts, rate=50, seconds=15)
        print(f"     figure: {out.sentence()}", flush=True)
