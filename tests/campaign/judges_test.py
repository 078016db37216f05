#!/usr/bin/env python3
"""The campaign's judges are judged here: who finds no fault with anything would pass every database."""
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import figures  # noqa: E402
import ledger  # noqa: E402
import postgres_random  # noqa: E402
import postgres_rounds as rounds  # noqa: E402


def backend(instance, timeline, first, last, last_asked=None):
    return {
        "instance": instance,
        "timeline": f"{timeline:08X}",
        "first": first,
        "last": last,
        "last_asked": last if last_asked is None else last_asked,
    }


class TwoAtOnce(unittest.TestCase):
    def test_one_after_the_other_is_well(self):
        self.assertIsNone(
            ledger.two_at_once({"backends": [backend("a", 1, 0, 5), backend("b", 2, 7, 9), backend("a", 3, 10, 11)]})
        )

    def test_an_old_primary_that_goes_on_is_found(self):
        self.assertIn("after b", ledger.two_at_once({"backends": [backend("a", 1, 0, 8), backend("b", 2, 7, 9)]}))

    def test_a_row_that_was_under_way_may_be_answered_late(self):
        self.assertIsNone(
            ledger.two_at_once({"backends": [backend("a", 1, 0, 8, last_asked=6), backend("b", 2, 7, 9)]})
        )

    def test_it_is_found_across_ledgers(self):
        self.assertTrue(
            ledger.two_at_once({"backends": [backend("b", 2, 7, 9)]}, {"backends": [backend("a", 1, 0, 7.5)]})
        )

    def test_two_instances_on_one_timeline_are_found_whenever_they_wrote(self):
        self.assertIn("both", ledger.two_at_once({"backends": [backend("a", 1, 0, 5), backend("b", 1, 7, 9)]}))

    def test_an_instance_seen_by_two_ledgers_is_one(self):
        self.assertIsNone(
            ledger.two_at_once({"backends": [backend("a", 1, 0, 5)]}, {"backends": [backend("a", 1, 1, 6)]})
        )


class Gaps(unittest.TestCase):
    REPORT = {
        "gaps": [
            {"seconds": 9.0, "end": 1.0, "before": None},
            {"seconds": 5.0, "end": 9.0, "before": {}},
            {"seconds": 2.0, "end": 20.0, "before": {"instance": "a"}},
            {"seconds": 1.0, "end": 30.0, "before": {"instance": "a"}},
        ]
    }

    def test_the_longest_after_the_moment_counts(self):
        self.assertEqual(ledger.longest_gap(self.REPORT, 10.0), 2.0)
        self.assertEqual(ledger.longest_gap(self.REPORT, 25.0), 1.0)

    def test_none_is_nought(self):
        self.assertEqual(ledger.longest_gap({"gaps": []}, 0), 0.0)


class Figures(unittest.TestCase):
    def test_percentiles_of_small_samples_are_their_members(self):
        self.assertEqual(figures.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(figures.percentile(list(range(20)), 0.99), 19)
        self.assertIsNone(figures.percentile([], 0.5))

    def test_a_round_with_a_problem_counts_as_failed(self):
        class Fake:
            def of(self, row):
                return [rounds.Round(row, gap=1.0), rounds.Round(row, gap=2.0, missing=3, problems=["3 rows are gone"])]

        self.assertIn("| x | 2 | 1.00 | 1.00 | 2.00 | p | -, - | 3 | 1 |", figures.table(Fake(), [("x", "p")]))


class Random(unittest.TestCase):
    def test_a_seed_says_all(self):
        first, second = ([what for what, _ in postgres_random.rounds(7, 200)] for _ in range(2))
        self.assertEqual(first, second)
        self.assertNotEqual(first, [what for what, _ in postgres_random.rounds(8, 200)])

    def test_two_hundred_rounds_know_every_fault(self):
        kinds = {"".join(c for c in what if not c.isdigit()) for what, _ in postgres_random.rounds(1, 200)}
        self.assertGreaterEqual(len(kinds), 18)


if __name__ == "__main__":
    unittest.main()
