"""How alike two files are, by content and by name (section 4.2)."""
import functools

from line_diff import is_binary

LEAST = 60


def score(repository, old, new):
    """The final score, or None where it does not reach the least."""
    old_text, new_text = repository.blob(old.id), repository.blob(new.id)
    small, large = sorted((len(old_text) + 1, len(new_text) + 1))
    if 100 * small // large < LEAST:
        return None
    content = content_score(old_text, new_text)
    total = (content * 99 + name_score(old.path, new.path) * 100) // 10000
    return total if total >= LEAST else None


def content_score(old, new):
    """
    >>> content_score(b"", b""), content_score(b"a\\nb\\n", b"b\\na\\n"), content_score(b"abc\\n", b"abc\\r\\n")
    (10000, 10000, 10000)
    >>> content_score(b"abc\\n", b"abc")     # the same hash, another weight
    7500
    """
    a, b = weights(old), weights(new)
    if not a and not b:
        return 10000
    shared = sum(min(weight, b.get(key, 0)) for key, weight in a.items())
    return 10000 * shared // max(sum(a.values()), sum(b.values()))


@functools.lru_cache(500)
def weights(content):
    """Sum of the weights of the blocks of each key."""
    text, total, at = not is_binary(content), {}, 0
    while at < len(content):
        end = content.find(b"\n", at, at + 64) + 1 or min(at + 64, len(content))
        key, weight = block(content, at, end, text)
        total[key] = total.get(key, 0) + weight
        at = end
    return total


def block(content, at, end, text):
    value, weight = 5381, 0
    for i in range(at, end):
        if text and content[i] == 13 and content[i + 1 : i + 2] == b"\n":
            continue
        weight += 1
        if content[i] != 10:
            value = (33 * value + content[i]) % 2**32
    return (value * 0x9E370001 % 2**32) >> 1, weight


def name_score(old, new):
    """
    >>> name_score(b"a/b.c", b"a/b.c"), name_score(b"b.c", b"x/b.c"), name_score(b"x", b"y")
    (100, 50, 50)
    >>> name_score(b"src/one/a.c", b"src/two/a.c")
    65
    """
    old_folder, old_file = split(old)
    new_folder, new_file = split(new)
    longer = max(len(old_folder), len(new_folder))
    left = equal_start(old_folder, new_folder) * 100 // longer if longer else 100
    right = 100 if left == 100 else equal_end(old_folder, new_folder) * 100 // longer
    name = equal_end(old_file, new_file) * 100 // max(len(old_file), len(new_file))
    return ((left + right) * 25 + name * 50) // 100


def split(path):
    slash = path.rfind(b"/") + 1
    return path[:slash], path[slash:]


def equal_start(a, b):
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def equal_end(a, b):
    return equal_start(a[::-1], b[::-1])
