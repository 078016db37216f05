"""The whole git analysis (sections 2 to 8): flagged commits, scores and figures of a repository.

usage: git_model.py FOLDER [corrected|upstream [sorted|unsorted]]
"""
import collections
import json
import math
import sys
import zlib

import baseline
import history
import rules
from measure import measure
from objects import Repository

sys.setrecursionlimit(100000)


class Options:
    """A profile, and what may be set on its own."""

    def __init__(self, profile="corrected", quartiles=None, limits=None, disabled=(), exclude=()):
        self.upstream = profile == "upstream"
        self.sort_quartiles = (quartiles or ("unsorted" if self.upstream else "sorted")) == "sorted"
        self.limits = {**rules.THRESHOLDS, **(limits or {})}
        self.disabled, self.exclude = disabled, exclude


def analyse(folder, options=None, start="HEAD"):
    return analyse_all(folder, [options or Options()], start)[0]


def analyse_all(folder, many_options, start="HEAD"):
    """One result for each of the options; what they share is measured once."""
    repository = Repository(folder)
    measured = {}

    def measure_once(previous, current, exclude):
        key = (previous.tree, current.tree, tuple(exclude))
        if key not in measured:
            measured[key] = measure(repository, previous, current, exclude)
        return measured[key]

    try:
        order = history.commit_list(repository.resolve(start), lambda commit: repository.commit(commit).parents)
        commits = [repository.commit(commit) for commit in order]
        return [analyse_commits(commits, measure_once, options) for options in many_options]
    finally:
        repository.close()


def analyse_commits(commits, measure_once, options):
    pairs = [
        (index, current, current.time - previous.time, measure_once(previous, current, options.exclude))
        for index, current, previous in history.pairs(commits, neighbours=options.upstream)
    ]
    base = baseline.baseline([(m.additions, m.deletions, m.files) for *_, m in pairs], options.sort_quartiles)
    rows = rules.active(options.limits, options.disabled)
    flagged = []
    for index, commit, seconds, m in pairs:
        if m.additions + m.deletions > 0:
            fired = rules.evaluate(
                rules.view(
                    m.additions,
                    m.deletions,
                    m.files,
                    seconds,
                    m.has_diff,
                    m.added,
                    commit.message,
                    options.limits,
                    options.upstream,
                    base,
                ),
                rows,
            )
            if fired:
                flagged.append(detection(index, commit, fired, len(rows)))
    return {
        "commits": [commit.id for commit in commits],
        "flagged": flagged,
        "baseline": base and base._asdict(),
        "pairs": [
            {
                "index": index,
                "commit": commit.id,
                "seconds": seconds,
                "additions": m.additions,
                "deletions": m.deletions,
                "files": m.files,
                "added": len(m.added),
                "text": zlib.adler32(b"\n".join(m.added)),
                "has_diff": m.has_diff,
            }
            for index, commit, seconds, m in pairs
        ],
        **figures(len(commits), pairs, flagged, options),
    }


def detection(index, commit, fired, active):
    """Section 7."""
    score = len(fired) / active
    categories = collections.Counter(category for _, category, _, _ in fired)  # keeps the order of the first ones
    return {
        "commit": commit.id,
        "index": index,
        "message": commit.message.decode("utf-8", "surrogateescape"),
        "score": score,
        "confidence": sum(confidence for _, _, confidence, _ in fired) / len(fired),
        "severity": "high" if score >= 0.7 else "medium" if score >= 0.4 else "low",
        "category": max(categories, key=categories.get),
        "strategies": [name for name, *_ in fired],
        "numbers": [numbers for *_, numbers in fired],
    }


def figures(commits, pairs, flagged, options):
    """Section 8."""
    suspicions = [] if options.upstream else flagged
    result = {
        "total_commits": commits,
        "suspicious_commits": len(suspicions),
        "overall_suspicion": len(suspicions) / commits * 100,
        "items_analyzed": commits,
        "items_flagged": len(flagged),
        "strategies_used": min(1, len(flagged)),
        "strategies_hit": min(1, len(flagged)),
        "average_score": sum(one["score"] for one in flagged) / len(flagged) if flagged else 0,
        "coverage_rate": min(1, len(flagged) / commits),
    }
    if pairs:
        added = sum(m.additions for *_, m in pairs)
        result["unique_authors"] = len({commit.author for _, commit, _, _ in pairs})
        result["average_commit_size"] = (added + sum(m.deletions for *_, m in pairs)) // len(pairs)
        times = [commit.time for _, commit, _, _ in pairs]
        span = times[-1] - times[0] if options.upstream else max(times) - min(times)
        result["time_span"] = span_in_words(span)
        if span > 0:
            result["velocity"] = velocity_in_words(added / (span / 60))
    return result


def span_in_words(seconds):
    """
    >>> [span_in_words(3600 * hours) for hours in (-5, 0, 1.9, 2, 23.9, 24, 719, 720, 167 * 5)]
    ['< 1 hour', '< 1 hour', '< 1 hour', '2 hours', '23 hours', '1 days', '29 days', '4 weeks', '4 weeks']
    """
    hours = seconds / 3600
    if hours < 24:
        return "< 1 hour" if math.trunc(hours) <= 1 else f"{math.trunc(hours)} hours"
    return f"{math.trunc(hours / 24)} days" if hours < 720 else f"{math.trunc(hours / 168)} weeks"


def velocity_in_words(rate):
    return f"{rate:.0f} additions/min" if rate >= 1 else f"{rate:.1f} additions/min"


if __name__ == "__main__":
    print(json.dumps(analyse(sys.argv[1], Options(*sys.argv[2:4])), indent=1))
