"""The fifteen strategies (section 6): each gives the numbers its reason carries, or None.

A number is text, formatted as the spec says.
"""
import collections
import math

import baseline
from text import found_in, listed, lower, trim, words

# additions, deletions, files, seconds, has_diff, added lines, code text, its lower case, message in lower case;
# thresholds; whether signed.
View = collections.namedtuple("View", "a d f seconds has_diff added code low msg limits signed base")

THRESHOLDS = dict(
    suspicious_additions=500,
    suspicious_deletions=1000,
    max_additions_per_min=100,
    max_deletions_per_min=500,
    min_time_delta_seconds=60,
    max_files_per_commit=50,
    max_addition_ratio=0.95,
    min_deletion_ratio=0.95,
    min_commit_size_ratio=100,
    enable_precision_analysis=True,
)

G = listed(
    "implement; add functionality; update code; refactor code; improve implementation; enhance functionality; "
    "optimize performance; fix issues; improve code quality; add new features; update implementation; add support for"
)
H = listed("minor fixes; code cleanup; bug fixes; improvements; updates; changes; modifications")
NAMES = listed("var1; var2; temp; data; result; value; item; element; obj; instance; helper; utility; manager")
NAMES_OF_MESSAGES = listed(
    "variable; function; method; class; object; instance; data; result; value; item; element; component; "
    "helper; utility; manager; handler; service"
)
ERRORS = listed("try; catch; except; throw; throws; error; exception; handle; if err != nil; .catch(; rescue")
TEMPLATES = listed(
    "todo; fixme; placeholder; implement; add code here; your code here; example; sample; template; boilerplate"
)
TEMPLATES_OF_MESSAGES = listed("boilerplate; template; skeleton; scaffold; stub; placeholder; todo; fixme")


def view(a, d, f, seconds, has_diff, added, message, limits=THRESHOLDS, signed=False, base=None):
    code = b"\n".join(added)
    return View(a, d, f, seconds, has_diff, added, code, lower(code), lower(message), limits, signed, base)


def size(v):
    if 0 < v.limits["suspicious_additions"] < v.a:
        return [v.a, v.limits["suspicious_additions"]]
    if 0 < v.limits["suspicious_deletions"] < v.d:
        return [v.d, v.limits["suspicious_deletions"]]


def velocity(v):
    minutes = max(v.seconds, 30) / 60
    for count, limit in ((v.a, v.limits["max_additions_per_min"]), (v.d, v.limits["max_deletions_per_min"])):
        if limit > 0 and count / minutes > limit:
            return [f"{count / minutes:.1f}", f"{limit:.1f}"]


def timing(v):
    limit = v.limits["min_time_delta_seconds"]
    if limit > 0 and v.seconds < limit:
        return [f"{v.seconds:.1f}", limit]


def dispersion(v):
    if 0 < v.limits["max_files_per_commit"] < v.f:
        return [v.f, v.limits["max_files_per_commit"]]


def ratio(v):
    total = v.a + v.d
    for count, limit in ((v.a, v.limits["max_addition_ratio"]), (v.d, v.limits["min_deletion_ratio"])):
        if limit > 0 and total > v.limits["min_commit_size_ratio"] and count / total > limit:
            return [f"{100 * count / total:.1f}", f"{100 * limit:.1f}"]


def precision(v):
    total = v.a + v.d
    balance = v.a - v.d if v.signed else abs(v.a - v.d)
    if v.a > 50 and v.d > 50 and balance / total < 0.05:
        return [f"{100 * balance / total:.1f}"]
    if v.f > 0 and total > 100 and 100 < total / v.f < 150:
        return [f"{total / v.f:.0f}"]


def message(v):
    g, n = len(found_in(v.msg, G)), len(found_in(v.msg, H))
    if g >= 2 or n >= 3 or (g >= 1 and n >= 2):
        return [g, n]
    if len(words(v.msg)) > 10 and found_in(v.msg, [b"implement", b"functionality"]):
        return []


def naming(v):
    if not v.has_diff:
        found = len(found_in(v.msg, NAMES_OF_MESSAGES))
        return [found] if found >= 2 else None
    if not v.added:
        return None
    found = len(found_in(v.low, NAMES))
    found += v.low.count(b"todo") > 2 or v.low.count(b"fixme") > 1
    all_words = words(v.code)
    found += len(all_words) > 10 and sum(map(is_camel, all_words)) / len(all_words) > 0.3
    handlers = v.code.count(b"catch") + v.code.count(b"except")
    found += handlers > 0 and handlers + v.code.count(b"try") > len(v.added) // 20
    return [found] if found >= 2 else None


def is_camel(word):
    return len(word) > 4 and word[:1].islower() and sum(1 for c in word if 65 <= c <= 90) == 1


def structural(v):
    if v.a > 100 and v.d > 100:
        r = v.a / v.d
        if 0.9 <= r <= 1.1 or near(r) or near(1 / r):
            return [f"{r:.2f}"]


def near(x):
    part = x - math.floor(x)
    return part < 0.05 or part > 0.95


def burst(v):
    if v.seconds < 300 and v.a > 50:
        return [f"{v.seconds:.1f}"]


def errors(v):
    if v.has_diff and v.a > 50:
        if len(v.added) < 20:
            return None
        e = sum(v.low.count(word) for word in ERRORS)
        if (v.a > 100 and e < len(v.added) // 30) or e > len(v.added) // 5:
            return [v.a, e]
    elif v.a > 300 and not found_in(v.msg, listed("error; exception; try; catch; handle")):
        return [v.a]


def template(v):
    if v.has_diff and v.a > 50 and len(v.added) >= 10:
        found = len(found_in(v.low, TEMPLATES)) + (similar_neighbours(v.added) > len(v.added) // 8)
        found += len(v.added) > 20 and share_of_large_indents(v.added) > 0.9
        imports = sum(1 for line in v.added if b"import" in lower(line))
        found += imports > 5 and len(v.added) < 10 * imports
        if found >= 2:
            return [found]
    if v.a > 100 and found_in(v.msg, TEMPLATES_OF_MESSAGES):
        return [v.a]


def similar_neighbours(lines):
    lines = [trim(line) for line in lines]
    count = 0
    for one, two in zip(lines, lines[1:]):
        a, b = words(one), words(two)
        if len(one) > 10 and len(two) > 10 and len(a) == len(b) > 3:
            count += sum(1 for x, y in zip(a, b) if x != y) <= 2
    return count


def share_of_large_indents(lines):
    groups = collections.Counter(indent(line) for line in lines if trim(line))
    return sum(group for group in groups.values() if group > len(lines) // 10) / len(lines)


def indent(line):
    start = line[: len(line) - len(line.lstrip(b" \t"))]
    return start.count(b" ") + 4 * start.count(b"\t")


def extension(v):
    if v.f > 10 and v.a > 1000:
        each = v.a / v.f
        if 50 < each < 200 and 1 - (each - math.floor(each)) > 0.8:
            return [v.f, f"{each:.0f}"]


def statistical(v):
    found = baseline.reported(baseline.candidates(v.base, v.a, v.d, v.f))
    if found:
        return [f"{found.score:.2f}"] + ([f"{found.base:.0f}", f"{found.seen:.0f}"] if found.significant else [])


def timing_anomaly(v):
    if v.seconds < 60 and (v.a > 50 or v.d > 50):
        return [f"{v.seconds:.1f}"]
    if v.seconds > 86400 and (v.a > 500 or v.d > 500):
        return [f"{v.seconds / 3600:.1f}"]


# name, category, confidence, rule, thresholds of which one must be set for the strategy to be active
TABLE = [
    ("size_analysis", "structural", 0.6, size, ("suspicious_additions", "suspicious_deletions")),
    ("velocity_analysis", "velocity", 0.7, velocity, ("max_additions_per_min", "max_deletions_per_min")),
    ("timing_analysis", "behavioral", 0.6, timing, ("min_time_delta_seconds",)),
    ("file_dispersion_analysis", "structural", 0.5, dispersion, ("max_files_per_commit",)),
    ("ratio_analysis", "statistical", 0.6, ratio, ("max_addition_ratio", "min_deletion_ratio")),
    ("precision_analysis", "statistical", 0.7, precision, ("enable_precision_analysis",)),
    ("commit_message_analysis", "behavioral", 0.6, message, ()),
    ("naming_pattern_analysis", "pattern", 0.7, naming, ()),
    ("structural_consistency_analysis", "statistical", 0.6, structural, ()),
    ("burst_pattern_analysis", "behavioral", 0.7, burst, ()),
    ("error_handling_analysis", "pattern", 0.6, errors, ()),
    ("template_pattern_analysis", "pattern", 0.7, template, ()),
    ("file_extension_analysis", "structural", 0.5, extension, ()),
    ("StatisticalAnomaly", "statistical", 0.8, statistical, ()),
    ("TimingAnomaly", "behavioral", 0.7, timing_anomaly, ()),
]


def active(limits=THRESHOLDS, disabled=()):
    return [row for row in TABLE if row[0] not in disabled and (not row[4] or any(limits[key] > 0 for key in row[4]))]


def evaluate(v, rows):
    """[(name, category, confidence, numbers)] of those that fire, in table order."""
    fired = [(name, category, confidence, rule(v)) for name, category, confidence, rule, _ in rows]
    return [(*row[:3], [str(number) for number in row[3]]) for row in fired if row[3] is not None]
