"""String rules of both detections: white space, words, lower case, counting. Everything is bytes,
and broken UTF-8 is kept or replaced byte by byte.

>>> words("a\\u00a0b\\x85c\\u3000d".encode())
[b'a', b'b', b'c', b'd']
>>> words(b"a\\x85b\\x1cc")     # a broken byte and a separator that Unicode does not call white space
[b'a\\x85b\\x1cc']
>>> lower("\\u0130MPLEMENT \\u212a \\u03a3".encode()).decode()
'implement k \\u03c3'
>>> lower(b"A\\xe2\\x82B") == "a\\ufffd\\ufffdb".encode()
True
"""
import codecs
import re

SPACES = "\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SPACE = re.compile(f"[{SPACES}]+")
SPACE_AT_ENDS = re.compile(f"^[{SPACES}]+|[{SPACES}]+\\Z")
codecs.register_error("a replacement for each byte", lambda error: ("\ufffd" * (error.end - error.start), error.end))


def runes(text):
    """The characters, U+FFFD for each broken byte."""
    return text.decode("utf-8", "a replacement for each byte")


def lower(text):
    """Simple lower case: one character becomes one character, whatever stands beside it."""
    return "".join("i" if c == "\u0130" else c.lower() for c in runes(text)).encode("utf-8")


def words(text):
    return [encode(word) for word in SPACE.split(decode(text)) if word]


def trim(text):
    return encode(SPACE_AT_ENDS.sub("", decode(text)))


def decode(text):
    return text.decode("utf-8", "surrogateescape")


def encode(text):
    return text.encode("utf-8", "surrogateescape")


def listed(table):
    """The phrases of a list of the spec: separated by semicolons."""
    return [phrase.strip().encode("utf-8") for phrase in table.split(";") if phrase.strip()]


def found_in(text, phrases):
    """Those that occur, in the order of the list."""
    return [phrase for phrase in phrases if phrase in text]


def occurrences(text, phrases):
    return sum(text.count(phrase) for phrase in phrases)
