"""What the program and the model say of one repository, held together: every pair, every flagged commit,
every figure."""
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "model"))
import git_model  # noqa: E402
import repositories  # noqa: E402

SETTINGS = [(profile, quartiles) for profile in ("corrected", "upstream") for quartiles in ("sorted", "unsorted")]
FIGURES = (
    "total_commits",
    "suspicious_commits",
    "overall_suspicion",
    "items_analyzed",
    "items_flagged",
    "strategies_used",
    "strategies_hit",
    "average_score",
    "coverage_rate",
    "unique_authors",
    "average_commit_size",
    "time_span",
    "velocity",
)
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|inf|nan)")


def generated(program, seed, commits=40, make=repositories.make):
    """(commits compared, differences) of the repository of this seed."""
    with tempfile.TemporaryDirectory() as folder:
        make(folder, seed, commits)
        return compare(program, folder)


def compare(program, folder):
    found = []
    expected = git_model.analyse_all(folder, [git_model.Options(*setting) for setting in SETTINGS])
    for setting, model in zip(SETTINGS, expected):
        answer = subprocess.run([program, folder, *setting], capture_output=True, check=False)
        if answer.returncode != 0:
            return 0, [f"{setting}: the program failed: {answer.stderr.decode()}"]
        ours = json.loads(answer.stdout)
        found += [f"{' '.join(setting)}: {difference}" for difference in differences(ours, model)]
    return len(expected[0]["commits"]), found


def differences(ours, model):
    """Sentences, at most a few: one wrong count moves every statistic."""
    found = []
    for what, one in (("pairs", same_pair), ("flagged", same_detection)):
        if [x["commit"] for x in ours[what]] != [x["commit"] for x in model[what]]:
            found.append(
                f"{what}: program only {names(ours[what], model[what])}, model only {names(model[what], ours[what])},"
                " or another order"
            )
        by_commit = {x["commit"]: x for x in model[what]}
        found += [
            f"{what} {x['commit']}: {text}"
            for x in ours[what]
            if x["commit"] in by_commit
            for text in one(x, by_commit[x["commit"]])
        ]
    found += [
        f"{key}: program {ours.get(key)}, model {model.get(key)}"
        for key in FIGURES
        if not same(ours.get(key), model.get(key))
    ]
    return found[:10]


def names(some, others):
    return [x["commit"] for x in some if x["commit"] not in {y["commit"] for y in others}]


def same_pair(ours, model):
    return [
        f"{key}: program {ours[key]}, model {model[key]}"
        for key in ("index", "seconds", "additions", "deletions", "files", "added", "text", "has_diff")
        if ours[key] != model[key]
    ]


def same_detection(ours, model):
    for key in ("index", "severity", "category"):
        if ours[key] != model[key]:
            yield f"{key}: program {ours[key]}, model {model[key]}"
    if not same(ours["score"], 100 * model["score"]) or not same(ours["confidence"], model["confidence"]):
        yield f"program {ours['score']}, {ours['confidence']}; model {100 * model['score']}, {model['confidence']}"
    strategies = [name for name, _ in ours["reasons"]]
    if strategies != model["strategies"]:
        yield f"program fires {strategies}, model {model['strategies']}"
        return
    for (name, text), numbers in zip(ours["reasons"], model["numbers"]):
        missing = numbers_missing(text, numbers)
        if missing:
            yield f"{name}: {text!r} lacks {missing} of the model's {numbers}"


def numbers_missing(text, numbers):
    """Those of the numbers that the text does not carry; each of its own counts once."""
    there = NUMBER.findall(text)
    missing = []
    for number in numbers:
        match = next((token for token in there if same_as_text(token, number)), None)
        if match is None:
            missing.append(number)
        else:
            there.remove(match)
    return missing


def same_as_text(token, number):
    """Equal as written; a value on the edge between two roundings may fall to either side."""
    decimals = len(number.partition(".")[2])
    return token == number or (
        decimals > 0
        and len(token.partition(".")[2]) == decimals
        and abs(float(token) - float(number)) < 1.001 * 10**-decimals
    )


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)
    return a == b
