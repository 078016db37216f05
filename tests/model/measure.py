"""What is counted of one pair: lines, files, added lines (sections 3, 4.4, 4.5)."""
import collections
import re

import line_diff
from objects import FILES
from text import decode
from tree_diff import changes

Measures = collections.namedtuple("Measures", "additions deletions files added has_diff")


def measure(repository, previous, current, patterns=()):
    deleted, inserted, paths, has_diff = [], [], set(), False
    for old, new in changes(repository, previous.tree, current.tree):
        if is_excluded((new or old).path, patterns):
            continue
        old, new = (side if side and side.mode in FILES else None for side in (old, new))
        has_diff = has_diff or bool(old or new)
        paths.update(side.path for side in (old, new) if side)
        gone, come = line_diff.changed_lines(*(repository.blob(side.id) if side else b"" for side in (old, new)))
        deleted += gone
        inserted += come
    added = [line.removesuffix(b"\n") for line in inserted]
    return Measures(
        not_empty(inserted),
        not_empty(deleted),
        len(paths),
        [line for line in added if not line.startswith(b"++")],
        has_diff,
    )


def not_empty(lines):
    return sum(1 for line in lines if line != b"\n")


def is_excluded(path, patterns):
    return any(
        matches(pattern, path.rpartition(b"/")[2]) or matches(pattern, path) or is_below(pattern, path)
        for pattern in patterns
    )


def is_below(pattern, path):
    """Q-06: a trailing /** stands for everything below."""
    return pattern.endswith("/**") and any(
        matches(pattern[:-3], path[:i]) for i in range(len(path)) if path[i : i + 1] == b"/"
    )


def matches(pattern, name):
    r"""
    >>> patterns = ("dist/*", "*", "dist/**", "d?st/[a-c].js", "dist/[^a].js", "dist/[a", r"dist/\a.js")
    >>> [matches(p, b"dist/a.js") for p in patterns]
    [True, False, True, True, False, False, True]
    """
    expression, i = "", 0
    while i < len(pattern):
        c = pattern[i]
        if c == "*":
            expression += "[^/]*"
        elif c == "?":
            expression += "[^/]"
        elif c == "[":
            end = pattern.find("]", i + 2)
            if end < 0:
                return False
            inside = pattern[i + 1 : end]
            expression += "(?!/)[" + ("^" if inside[0] == "^" else "") + inside.lstrip("^").replace("[", r"\[") + "]"
            i = end
        elif c == "\\":
            i += 1
            if i == len(pattern):
                return False
            expression += re.escape(pattern[i])
        else:
            expression += re.escape(c)
        i += 1
    return re.fullmatch(expression, decode(name), re.DOTALL) is not None
