"""Statistics over all pairs (section 5) and the anomalies measured against them (section 6.5).

>>> PAIRS = [(12,3,1), (40,10,2), (8,0,1), (25,5,2), (300,20,9), (18,6,1), (30,12,3), (22,2,1), (15,9,2), (10,10,1),
...          (35,1,2)]
>>> b = baseline(PAIRS, sort=False)
>>> b.mean_a, b.sd_a, b.mean_d, b.sd_d
(23.0, 9.809292646374775, 6.444444444444445, 3.7449554547450483)
>>> b.mean_f, b.mean_r, b.q1, b.median, b.q3
(2.272727272727273, 0.8044552669552669, 19, 24, 24)
>>> [name_and_score(reported(candidates(b, *pair))) for pair in PAIRS]
[None, 'outlier 3.8', None, None, 'additions 28.2385', None, 'extreme 1.75', None, None, None, 'outlier 1']
>>> for c in candidates(b, 300, 20, 9): print(c.name, round(c.score, 4), c.significant)
additions 28.2385 True
deletions 3.6197 True
outlier 57.8 True
extreme 13.3333 True
ratio 0.9375 True
dispersion 3.96 False
>>> [(c.name, c.score, c.significant) for c in candidates(b, 40, 10, 2)]
[('outlier', 3.8, True), ('extreme', 2.0833333333333335, True)]
>>> c = baseline([(10,0,1), (200,0,1), (30,0,1), (40,0,1), (50,0,1)], sort=False)
>>> c.mean_a, c.sd_a, c.sd_d, c.q1, c.median, c.q3
(66.0, 68.2934843158555, 0.0, 200, 30, 40)
>>> c = baseline([(10,0,1), (200,0,1), (30,0,1), (40,0,1), (50,0,1)], sort=True)
>>> c.q1, c.median, c.q3
(30, 40, 50)
"""
import collections
import math

Baseline = collections.namedtuple("Baseline", "mean_a sd_a mean_d sd_d mean_f mean_r q1 median q3")
Candidate = collections.namedtuple("Candidate", "name score base seen significant")


def baseline(counts, sort):
    """Of (additions, deletions, files) of every pair, in pair order."""
    if not counts:
        return None
    counts = [(a, d, f) for a, d, f in counts if a + d > 0]
    if not counts:
        return Baseline(0, 0, 0, 0, 0, 0, 0, 0, 0)
    sizes = [a + d for a, d, _ in counts]
    if sort:
        sizes.sort()
    return Baseline(
        *trimmed(a for a, _, _ in counts),
        *trimmed(d for _, d, _ in counts),
        sum(f for _, _, f in counts) / len(counts),
        sum(a / (a + d) for a, d, _ in counts) / len(counts),
        *(quantile(sizes, p) for p in (25, 50, 75)),
    )


def trimmed(values):
    """Mean and population deviation without a tenth at each end."""
    values = sorted(values)
    cut = math.trunc(0.10 * len(values))
    if 2 * cut >= len(values):
        cut = 0
    values = values[cut : len(values) - cut]
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def quantile(values, percent):
    at = percent / 100 * (len(values) - 1)
    low, part = math.floor(at), at - math.floor(at)
    if part == 0:
        return values[low]
    return math.trunc(values[low] * (1 - part) + values[math.ceil(at)] * part)


def candidates(base, a, d, f):
    if base is None or (base.sd_a == 0 and base.sd_d == 0):
        return []
    size, iqr = a + d, base.q3 - base.q1
    three = math.trunc(3 * iqr)
    upper = base.q3 + math.trunc(1.5 * iqr)
    found = []
    for name, count, mean, deviation in (
        ("additions", a, base.mean_a, base.sd_a),
        ("deletions", d, base.mean_d, base.sd_d),
    ):
        if deviation > 0 and abs((count - mean) / deviation) > 2:
            z = (count - mean) / deviation
            found.append(Candidate(name, z, mean, count, abs(z) > 3))
    if base.q1 > 0 and base.q3 > 0 and size > upper:
        found.append(Candidate("outlier", divide(size - upper, iqr), base.median, size, size > upper + three))
    if base.q1 > 0 and base.q3 > 0 and size > base.q3 + three:
        found.append(Candidate("extreme", divide(size, base.median), base.median, size, True))
    if a / size > 0.9 and a > math.trunc(2 * base.mean_a):
        found.append(Candidate("ratio", a / size, base.mean_r, a / size, True))
    if f > 0 and base.mean_f > 0 and f / base.mean_f > 3 and size > base.median:
        found.append(Candidate("dispersion", f / base.mean_f, base.mean_f, f, f / base.mean_f > 5))
    return found


def divide(a, b):
    return a / b if b else math.copysign(math.inf, a)


def reported(some):
    """The first significant one, else the first."""
    return next((one for one in some if one.significant), some[0] if some else None)


def name_and_score(one):
    return one and f"{one.name} {one.score:g}"
