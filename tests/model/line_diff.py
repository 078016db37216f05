"""Differences of two lists of lines by Diff-Match-Patch (section 4.3).

>>> diff([b"a", b"b", b"c"], [b"a", b"x", b"c"])
[('=', [b'a']), ('-', [b'b']), ('+', [b'x']), ('=', [b'c'])]
>>> diff([], [b"a"]), diff([b"a"], [b"a"]), diff([], [])
([('+', [b'a'])], [('=', [b'a'])], [])
>>> changed_lines(b"a\\nb", b"a\\nb\\n")     # the last line got its end
([b'b'], [b'b\\n'])
"""
EQUAL, DELETE, INSERT = "=", "-", "+"


def lines(text):
    """Cut after each LF; the last may lack it."""
    return [line + b"\n" for line in text.split(b"\n")[:-1]] + [line for line in [text.rpartition(b"\n")[2]] if line]


def is_binary(text):
    return b"\0" in text[:8000]


def changed_lines(old, new):
    """(deleted lines, inserted lines) of two texts, with their LF."""
    if is_binary(old) or is_binary(new):
        return [], []
    chunks = diff(lines(old), lines(new))
    return (
        [line for kind, some in chunks if kind == DELETE for line in some],
        [line for kind, some in chunks if kind == INSERT for line in some],
    )


def diff(a, b):
    """Step 1 and step 7, around the rest."""
    if a == b:
        return [(EQUAL, a)] if a else []
    head = common_prefix(a, b)
    start, a, b = a[:head], a[head:], b[head:]
    tail = common_suffix(a, b)
    end = a[len(a) - tail :]
    a, b = a[: len(a) - tail], b[: len(b) - tail]
    middle = diff_of_different_ends(a, b)
    return merge([(EQUAL, part) for part in [start] if part] + middle + [(EQUAL, part) for part in [end] if part])


def diff_of_different_ends(a, b):
    """Steps 2 to 6."""
    if not a:
        return [(INSERT, b)]
    if not b:
        return [(DELETE, a)]
    longer, shorter, edit = (a, b, DELETE) if len(a) > len(b) else (b, a, INSERT)
    at = find(longer, shorter)
    if at is not None:
        return [(edit, longer[:at]), (EQUAL, shorter), (edit, longer[at + len(shorter) :])]
    if len(shorter) == 1:
        return [(DELETE, a), (INSERT, b)]
    half = half_match(longer, shorter)
    if half:
        i, j, length = half
        if longer is a:
            at_a, at_b = i, j
        else:
            at_a, at_b = j, i
        return (
            diff(a[:at_a], b[:at_b]) + [(EQUAL, longer[i : i + length])] + diff(a[at_a + length :], b[at_b + length :])
        )
    split = bisect(a, b)
    if split is None:
        return [(DELETE, a), (INSERT, b)]
    x, y = split
    return diff(a[:x], b[:y]) + diff(a[x:], b[y:])


def find(longer, shorter):
    for at in range(len(longer) - len(shorter) + 1):
        if longer[at] == shorter[0] and longer[at : at + len(shorter)] == shorter:
            return at
    return None


def common_prefix(a, b):
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    return count


def common_suffix(a, b):
    return common_prefix(a[::-1], b[::-1])


def half_match(longer, shorter):
    """Step 5: (start in longer, start in shorter, length) of a common part at least half as long as longer."""
    n = len(longer)
    if n < 4 or 2 * len(shorter) < n:
        return None
    first = half_match_at(longer, shorter, (n + 3) // 4)
    second = half_match_at(longer, shorter, (n + 1) // 2)
    if first and second:
        return first if first[2] > second[2] else second
    return first or second


def half_match_at(longer, shorter, i):
    seed, best = longer[i : i + len(longer) // 4], None
    for j in range(len(shorter) - len(seed) + 1):
        if shorter[j : j + len(seed)] != seed:
            continue
        right = common_prefix(longer[i:], shorter[j:])
        left = common_suffix(longer[:i], shorter[:j])
        if best is None or left + right > best[2]:
            best = (i - left, j - left, left + right)
    return best if best and 2 * best[2] >= len(longer) else None


def bisect(a, b):
    """Step 6: where the forward and the reverse path meet, or None."""
    n, m = len(a), len(b)
    limit = (n + m + 1) // 2
    delta = n - m
    odd = delta % 2 != 0
    forward, reverse = {1: 0}, {1: 0}
    forward_trim, reverse_trim = [0, 0], [0, 0]  # diagonals left out at the low and at the high end
    for d in range(limit):
        for k in range(-d + forward_trim[0], d + 1 - forward_trim[1], 2):
            x = furthest(forward, k, d, lambda x, y: x < n and y < m and a[x] == b[y])
            if trimmed(forward_trim, x, x - k, n, m):
                continue
            other = reverse.get(delta - k, -1)
            if odd and other != -1 and x >= n - other:
                return x, x - k
        for k in range(-d + reverse_trim[0], d + 1 - reverse_trim[1], 2):
            x = furthest(reverse, k, d, lambda x, y: x < n and y < m and a[n - 1 - x] == b[m - 1 - y])
            if trimmed(reverse_trim, x, x - k, n, m):
                continue
            other = forward.get(delta - k, -1)
            if not odd and other != -1 and other >= n - x:
                return other, other - (delta - k)
    return None


def furthest(path, k, d, equal):
    left, right = path.get(k - 1, -1), path.get(k + 1, -1)
    x = right if k == -d or (k != d and left < right) else left + 1
    while equal(x, x - k):
        x += 1
    path[k] = x
    return x


def trimmed(trim, x, y, n, m):
    """Whether the path has left the box; its diagonals are not walked again."""
    if x > n:
        trim[1] += 2
    elif y > m:
        trim[0] += 2
    return x > n or y > m


def merge(chunks):
    """Step 7, until nothing slides any more."""
    slid = True
    while slid:
        chunks, slid = slide(join(chunks))
    return chunks


def join(chunks):
    """Neighbouring edits become one delete and one insert, what both share at their ends moves to the equal chunks
    around."""
    result, deleted, inserted = [], [], []

    def add_equal(part):
        if part and result and result[-1][0] == EQUAL:
            result[-1] = (EQUAL, result[-1][1] + part)
        elif part:
            result.append((EQUAL, part))

    for kind, part in chunks + [(EQUAL, [])]:
        if kind == DELETE:
            deleted = deleted + part
        elif kind == INSERT:
            inserted = inserted + part
        elif part or (kind, part) == (EQUAL, []):
            if deleted and inserted:
                head = common_prefix(deleted, inserted)
                add_equal(deleted[:head])
                deleted, inserted = deleted[head:], inserted[head:]
                tail = common_suffix(deleted, inserted)
                part = deleted[len(deleted) - tail :] + part
                deleted, inserted = deleted[: len(deleted) - tail], inserted[: len(inserted) - tail]
            result += [(kind, some) for kind, some in [(DELETE, deleted), (INSERT, inserted)] if some]
            deleted, inserted = [], []
            add_equal(part)
    return result


def slide(chunks):
    """A single edit between two equal chunks moves left over the whole one before it,
    else right over the whole one after it."""
    chunks, slid, at = list(chunks), False, 1
    while at < len(chunks) - 1:
        (before, ahead), (kind, edit), (after, behind) = chunks[at - 1 : at + 2]
        if before == after == EQUAL and kind != EQUAL:
            if edit[len(edit) - len(ahead) :] == ahead and len(ahead) <= len(edit):
                chunks[at - 1 : at + 2] = [(kind, ahead + edit[: len(edit) - len(ahead)]), (EQUAL, ahead + behind)]
                slid = True
            elif edit[: len(behind)] == behind:
                chunks[at - 1 : at + 2] = [(EQUAL, ahead + behind), (kind, edit[len(behind) :] + behind)]
                slid = True
        at += 1
    return chunks, slid
