"""The whole web analysis (sections 2 to 6): what fires on a page, and the result.

usage: web_model.py FILE [corrected|upstream]
"""
import json
import sys

import web_page
import web_rules
from text import words

LEAST_WORDS = 50
TOO_SHORT = "Content too short for reliable analysis"


def analyse(markup, profile="corrected"):
    page = web_page.read(markup)
    v = web_rules.view(page, markup_is_seen=profile == "corrected")
    count = len(words(page.y))
    # The page fields; of a page that is too short, nothing else is told.
    result = {
        "word_count": count,
        "character_count": len(page.x),
        "heading_count": len(page.headings),
        "headings": [heading.decode() for heading in page.headings],
    }
    if v.w < LEAST_WORDS:
        return {**result, "assessment": TOO_SHORT, "web_patterns": [], "passed_patterns": []}
    return {**result, **conclude(evaluate(v, profile), count)}


def evaluate(v, profile):
    """[(name, severity, numbers, examples)], severity None where nothing was found."""
    rows = [(rule.__name__, rule(v)) for rule in web_rules.TABLE]
    # W-02: upstream calls a page generated because it lacks hints for assistive technology.
    # The spec says that this is mended, not how:
    # the strategy sees the markup, as W-01 has it, and is no finding where it is the only one.
    if profile == "corrected" and [name for name, found in rows if found] == ["accessibility_markers"]:
        rows = [(name, None) for name, _ in rows]
    return [
        (name, min(1, found[0]), [str(n) for n in found[1]], found[2]) if found else (name, None, None, None)
        for name, found in rows
    ]


def conclude(rows, count):
    """
    >>> row = lambda severity: ("x", severity, [], 1)
    >>> [conclude([row(s) for s in severities], 100)[key] for severities, key in (
    ...     ([0.7, 0.5], "suspicion_rate"), ([0.7, 0.5], "assessment"), ([1, 1, 0.7], "confidence_score"),
    ...     ([0.7], "quality_score"))]
    [0.6, 'Suspicious Activity', 90, 0.30000000000000004]
    """
    fired = [row for row in rows if row[1] is not None]
    rate = min(1, sum(row[1] for row in fired) / len(fired)) if fired else 0
    return {
        "suspicion_rate": rate,
        "confidence_score": min(100, int(100 * rate)),
        "overall_suspicion": min(100, int(100 * rate)),
        "quality_score": 1 - rate,
        "pattern_count": len(fired),
        "items_analyzed": count,
        "items_flagged": len(fired),
        "strategies_used": len(rows),
        "strategies_hit": len(fired),
        "average_score": rate,
        "coverage_rate": min(1, len(fired) / count) if count else 0,
        "assessment": (
            "Likely AI-Generated" if rate >= 0.7 else "Suspicious Activity" if rate >= 0.4 else "Likely Human-Written"
        ),
        "web_patterns": [
            {
                "type": name,
                "severity": severity,
                "numbers": numbers,
                "examples": examples if isinstance(examples, int) else [example.decode() for example in examples],
            }
            for name, severity, numbers, examples in fired
        ],
        "passed_patterns": [name for name, severity, _, _ in rows if severity is None],
    }


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(json.dumps(analyse(file.read(), *sys.argv[2:3]), indent=1))
