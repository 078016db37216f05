"""Tables of figures and raw results: what the campaigns have in common."""
import dataclasses
import json
import math
import time

import ledger


def percentile(values, share):
    """Of a small sample: the value that at least this share of it does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def show(value):
    return "-" if value is None else f"{value:.2f}"


class Results:
    """Kept in the cache folder after every round, so that a campaign that breaks off has not been in vain."""

    def __init__(self, name):
        self.path = ledger.folder() / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.json"
        self.rounds = []

    def add(self, round_):
        self.rounds.append(round_)
        self.path.write_text(json.dumps([dataclasses.asdict(r) for r in self.rounds], indent=1, default=str))

    def of(self, row):
        return [r for r in self.rounds if r.row == row]


def table(results, rows):
    """One line a row: n, then minimum, median and p99 of the write gap, the aim, and what went wrong."""
    lines = [
        "| fault | n | gap min | median | p99 | aim | streaming again (median, max) | rows lost | failed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, aim in rows:
        found = results.of(name)
        if not found:
            continue
        gaps = [r.gap for r in found]
        rejoins = [r.rejoin for r in found if r.rejoin is not None]
        lines.append(
            f"| {name} | {len(found)} | {show(min(gaps))} | {show(percentile(gaps, 0.5))} |"
            f" {show(percentile(gaps, 0.99))} | {aim} | {show(percentile(rejoins, 0.5))},"
            f" {show(max(rejoins, default=None))} | {sum(r.missing for r in found)} |"
            f" {sum(bool(r.problems) for r in found)} |"
        )
    return "\n".join(lines)
