"""The program's analysis of pages against the model's: usage page_model_test.py PATH-OF-DUMP_PAGE [unittest
arguments]"""
import sys
import unittest

import page_comparison
import pages
import web_model

SEEDS = range(150)


class PageModelTest(unittest.TestCase):
    maxDiff = 4000

    def test_generated_pages(self):
        self.assertEqual(page_comparison.compare(PROGRAM, [pages.make(seed) for seed in SEEDS]), [])

    def test_broken_pages(self):
        self.assertEqual(page_comparison.compare(PROGRAM, [pages.make_broken(seed) for seed in SEEDS]), [])

    def test_every_strategy_fires_and_passes(self):
        """Else the other would compare nothing."""
        for profile in page_comparison.PROFILES:
            results = [web_model.analyse(pages.make(seed), profile) for seed in SEEDS]
            judged = [result for result in results if result["assessment"] != web_model.TOO_SHORT]
            self.assertLess(len(judged), len(results))
            for rule in web_model.web_rules.TABLE:
                with self.subTest(rule.__name__, profile=profile):
                    fired = sum(rule.__name__ in [one["type"] for one in result["web_patterns"]] for result in judged)
                    self.assertGreater(fired, 0)
                    self.assertLess(fired, len(judged))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
