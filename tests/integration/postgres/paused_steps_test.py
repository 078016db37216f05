"""A few rounds in which a process stands still at a step while the primary is lost:
usage paused_steps_test.py PATH-OF-CADENCE-AGENT [unittest arguments]

tests/campaign/steps.py plays hundreds of drawn ones.
"""
import os
import sys
import unittest

import paused_rounds
from pauses import Step
from paused_rounds import Round

SAMPLE = [
    Round("postmaster", 0, 0, (("primary", Step("tool", "pg_controldata", "after", "agent"), 3.0),)),
    Round("postmaster", 0, 0, (("anybody", Step("request", "claim", "after", "agent"), 2.0),)),
]


class PausedStepsTest(unittest.TestCase):
    def test_nothing_is_lost_where_a_process_stands_still(self):
        tally = paused_rounds.play(os.path.abspath(AGENT), SAMPLE, lambda text: print(text, flush=True))
        self.assertEqual((tally.failed, tally.lost, tally.paused), (0, 0, len(SAMPLE)))


if __name__ == "__main__":
    AGENT = sys.argv.pop(1)
    unittest.main(verbosity=2)
