"""The analyses against the model on many more repositories and pages than CI has time for; needs no cluster.

    tests/campaign/run model --programs build/release/tests [--first 0] [--seeds 1000] [--repository PATH]...
"""
import argparse
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "integration/analysis"))
PAGES_AT_ONCE = 100


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests/campaign/run model", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--programs", required=True, help="folder of dump_analysis and dump_page: tests in the build folder"
    )
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seeds", type=int, default=1000, help="how many of each kind (1000)")
    parser.add_argument(
        "--repository", action="append", default=[], help="compare this repository's HEAD; nothing is generated then"
    )
    given = parser.parse_args(arguments)
    seeds = range(given.first, given.first + given.seeds)
    work = (
        given_repositories(given.programs, given.repository) if given.repository else generated(given.programs, seeds)
    )
    return 1 if sum([run(*one) for one in work]) else 0


def run(what, names, compare):
    """Prints as it goes; the number of differences. compare(name) gives how much was compared and sentences on
    differences."""
    started, total, found = time.monotonic(), 0, 0
    for name in names:
        count, some = compare(name)
        total += count
        found += len(some)
        for difference in some:
            print(f"     {what} {name}: {difference}", flush=True)
    print(
        (
            f"{'FAIL' if found else 'ok  '} model: {what}: {total} compared, {found} differences"
            f" ({time.monotonic() - started:.0f} s)"
        ),
        flush=True,
    )
    return found


def given_repositories(programs, paths):
    import comparison

    return [("repositories", paths, lambda path: comparison.compare(f"{programs}/dump_analysis", path))]


def generated(programs, seeds):
    import comparison
    import page_comparison
    import pages
    import repositories

    def histories(make, commits):
        return lambda seed: comparison.generated(f"{programs}/dump_analysis", seed, commits, make)

    def some_pages(make):
        def compare(start):
            some = range(start, min(start + PAGES_AT_ONCE, seeds.stop))
            return len(some), page_comparison.compare(f"{programs}/dump_page", [make(seed) for seed in some])

        return compare

    starts = range(seeds.start, seeds.stop, PAGES_AT_ONCE)
    return [
        ("pages", starts, some_pages(pages.make)),
        ("broken pages", starts, some_pages(pages.make_broken)),
        ("renames", seeds, histories(repositories.make_renames, 120)),
        ("line differences", seeds, histories(repositories.make_lines, 300)),
        ("histories", seeds, histories(repositories.make, 60)),
    ]
