"""The program's analysis against the model's, commit by commit: usage model_test.py PATH-OF-DUMP_ANALYSIS [unittest
arguments]"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import comparison
import repositories

ROOT = pathlib.Path(__file__).resolve().parents[3]
OWN_COMMITS = 150


class ModelTest(unittest.TestCase):
    def agree(self, seeds, make, commits, least):
        compared = 0
        for seed in seeds:
            with self.subTest(seed=seed):
                count, found = comparison.generated(PROGRAM, seed, commits, make)
                self.assertEqual(found, [])
                compared += count
        self.assertGreaterEqual(compared, least)

    def test_histories_in_which_everything_happens(self):
        self.agree(range(18), repositories.make, 40, least=18 * 40)

    def test_line_differences(self):
        self.agree(range(4), repositories.make_lines, 300, least=4 * 300)

    def test_renames(self):
        self.agree(range(4), repositories.make_renames, 120, least=4 * 120)

    def test_modes_that_git_no_longer_writes(self):
        self.agree(range(3), repositories.make_old_modes, 30, least=3 * 30)

    def test_every_strategy_fires_and_stays_silent(self):
        """Else the others would compare nothing."""
        with tempfile.TemporaryDirectory() as folder:
            fired, pairs = [], 0
            for seed in range(18):
                repositories.make(f"{folder}/{seed}", seed, 40)
                result = comparison.git_model.analyse(f"{folder}/{seed}")
                pairs += len(result["pairs"])
                fired += [name for one in result["flagged"] for name in one["strategies"]]
        for name, *_ in comparison.git_model.rules.TABLE:
            with self.subTest(name):
                self.assertGreater(fired.count(name), 0)
                self.assertLess(fired.count(name), pairs)

    def test_this_repository(self):
        with tempfile.TemporaryDirectory() as folder:
            if not clone_own(folder, OWN_COMMITS):
                self.skipTest("no whole history here")
            count, found = comparison.compare(PROGRAM, folder)
            self.assertEqual(found, [])
            self.assertGreater(count, 10)


def git(*arguments):
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def clone_own(folder, most):
    """This repository's oldest commits, a bare repository; false without a history."""
    try:
        if git("-C", str(ROOT), "rev-parse", "--is-shallow-repository") == "true":
            return False
        line = git("-C", str(ROOT), "rev-list", "--first-parent", "HEAD").split()
    except subprocess.CalledProcessError:
        return False
    git("clone", "-q", "--bare", "--shared", str(ROOT), folder)
    tip = next(commit for commit in line if int(git("-C", folder, "rev-list", "--count", commit)) <= most)
    git("-C", folder, "update-ref", "--no-deref", "HEAD", tip)
    return True


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
