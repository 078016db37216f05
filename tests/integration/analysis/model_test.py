"""The program's analysis against the model's, commit by commit: usage model_test.py PATH-OF-DUMP_ANALYSIS [unittest arguments]"""
import pathlib
import sys
import unittest

import comparison

ROOT = pathlib.Path(__file__).resolve().parents[3]
SEEDS = range(24)
OWN_COMMITS = 60


class ModelTest(unittest.TestCase):
    maxDiff = 4000

    def test_generated_repositories(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.assertEqual(comparison.generated(PROGRAM, seed)[1], [])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
