"""Reads C++ as far as rules of form need it: comments and literals blanked out, and which braces belong to what.

It parses no types and expands no macros. A construct that it does not know is passed over, never guessed at.
"""
import dataclasses
import re

LITERALS = re.compile(
    r'''
    //[^\n]* | /\*.*?\*/                                      # comments
  | R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"              # raw strings
  | "(?:\\.|[^"\\\n])*"                                       # strings
  | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'                      # characters, and no digit separators
    ''',
    re.S | re.X,
)
NOT_A_FUNCTION = re.compile(r"\s*(?:if|for|while|switch|catch|else|do|try|return)\b")
KIND = re.compile(
    r"""
    (?:template\s*<.*>\s*)?(?:inline\s+|typedef\s+)*
    (namespace|class|struct|union|enum(?:\s+(?:class|struct))?)\b
    (?:\s+(?:alignas\([^)]*\)|\[\[[^\]]*\]\]))*\s*([\w:]*)
    """,
    re.S | re.X,
)


@dataclasses.dataclass
class Block:
    """What lies between a brace and its counterpart.

    `kind`: namespace, class, struct, union, enum, enum class, function, initialiser (of a member, before the body of a
    constructor) or other. `head`: the text before the brace, from the end of the statement before it.
    """

    kind: str
    name: str
    head: str
    start: int  # offsets in the blanked text: of the head, of the brace, of its counterpart
    open: int
    close: int = -1
    parent: "Block" = None


def blank(text):
    """The same text, line by line, with comments and the insides of literals as spaces."""

    def keep_lines(match):
        found = match[0]
        quote = found[0] if found[0] in "\"'" else '"' if found[0] == "R" else ""
        inside = re.sub(r"[^\n]", " ", found)
        return quote + inside[1:-1] + quote if quote else inside

    text = LITERALS.sub(keep_lines, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.M)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def without_brackets(text, pair="()"):
    """Of `f(a, b) const`: `f() const`."""
    out, depth = [], 0
    for c in text:
        depth -= c == pair[1]
        if depth <= 0 or c == pair[0] and depth == 0:
            out.append(c)
        depth += c == pair[0]
    return "".join(out)


def kind_of(head, parent):
    """(kind, name) of the block that this head begins."""
    found = KIND.match(head.strip())
    if found and re.match(r"\s*(?:final\s*)?(?::(?!:).*)?$", head.strip()[found.end() :], re.S):
        return found[1], found[2]
    if re.match(r"\s*extern\s+\"", head) and "(" not in head:
        return "namespace", ""
    if parent is not None and parent.kind not in ("namespace", "class", "struct", "union"):
        return "other", ""
    flat = without_brackets(head)
    if NOT_A_FUNCTION.match(flat) or "(" not in flat:
        return "other", ""
    if re.search(r"\)[^()=]*[^:]:[^:]", flat) and re.search(r"[\w>]\s*$", flat) and not flat.rstrip().endswith(")"):
        return "initialiser", ""
    name = re.search(
        r"(operator\s*\S+?|~?[\w]+)\s*\(", re.sub(r"^\s*(?:template\s*<.*?>\s*)?(?:\[\[.*?\]\])?", "", flat)
    )
    is_lambda = re.search(r"=\s*\[", flat)
    return "function", "" if is_lambda or not name else name[1]


def blocks(text):
    """Every block of a blanked text, outer ones first."""
    found, stack, start = [], [], 0
    for match in re.finditer(r"[{};]|(?<![:\w])(?:public|private|protected)\s*:(?!:)", text):
        sign = match[0]
        if sign == "{":
            parent = stack[-1] if stack else None
            kind, name = kind_of(text[start : match.start()], parent)
            skipped = len(text[start:]) - len(text[start:].lstrip())
            block = Block(kind, name, text[start : match.start()], start + skipped, match.start(), parent=parent)
            if kind == "initialiser":  # the head goes on behind it
                block.start = start
            found.append(block)
            stack.append(block)
            start = match.end()
        elif sign == "}":
            if not stack:
                continue
            block = stack.pop()
            block.close = match.start()
            start = block.start if block.kind == "initialiser" else match.end()
        elif not (sign == ";" and text.count("(", start, match.start()) > text.count(")", start, match.start())):
            start = match.end()
    return [block for block in found if block.close >= 0]
