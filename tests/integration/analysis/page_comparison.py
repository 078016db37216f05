"""What the program and the model say of pages, held together: every strategy, its severity, numbers and examples,
every figure."""
import json
import os
import subprocess
import tempfile

from comparison import numbers_missing, same  # finds the model
import web_model

PROFILES = ("corrected", "upstream")
FIGURES = (
    "suspicion_rate",
    "confidence_score",
    "overall_suspicion",
    "quality_score",
    "assessment",
    "pattern_count",
    "word_count",
    "character_count",
    "heading_count",
    "headings",
    "items_analyzed",
    "items_flagged",
    "strategies_used",
    "strategies_hit",
    "average_score",
    "coverage_rate",
)


def compare(program, markups):
    """Sentences on every difference, in both profiles."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, str(i)) for i in range(len(markups))]
        for path, markup in zip(paths, markups):
            with open(path, "wb") as file:
                file.write(markup)
        for profile in PROFILES:
            answer = subprocess.run([program, profile, *paths], capture_output=True, check=True).stdout.splitlines()
            for i, (markup, line) in enumerate(zip(markups, answer, strict=True)):
                found += [
                    f"page {i}, {profile}: {text}"
                    for text in differences(json.loads(line), web_model.analyse(markup, profile))
                ]
    return found


def differences(ours, model):
    # Members that are zero or empty are left out.
    found = [
        f"{key}: program {ours.get(key)!r}, model {model.get(key)!r}"
        for key in FIGURES
        if not same(ours.get(key) or 0, model.get(key) or 0)
    ]
    fired, passed = ours.get("web_patterns", []), ours.get("passed_patterns", [])
    if [one["type"] for one in passed] != model["passed_patterns"]:
        found.append(f"passed: program {[one['type'] for one in passed]}, model {model['passed_patterns']}")
    found += [
        f"{one} passed, but is shown as {one}"
        for one in passed
        if one["passed"] is not True
        or one["severity"] != 0
        or "examples" in one
        or one["description"] != "No issues detected"
    ]
    if [one["type"] for one in fired] != [one["type"] for one in model["web_patterns"]]:
        return found + [
            f"fired: program {[one['type'] for one in fired]}, model {[one['type'] for one in model['web_patterns']]}"
        ]
    return found + [
        f"{one['type']}: {text}"
        for one, other in zip(fired, model["web_patterns"])
        for text in pattern_differences(one, other)
    ]


def pattern_differences(ours, model):
    if ours["passed"] is not False or not same(ours["severity"], model["severity"]):
        yield f"severity: program {ours['severity']}, model {model['severity']}"
    if missing := numbers_missing(ours["description"], model["numbers"]):
        yield f"{ours['description']!r} lacks {missing} of the model's {model['numbers']}"
    examples, expected = ours.get("examples", []), model["examples"]
    if (len(examples) if isinstance(expected, int) else examples) != expected:
        yield f"examples: program {examples}, model {expected}"
