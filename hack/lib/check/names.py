"""Names as the project writes them, and switches over enums that must name every case."""
import re

import cpp

PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*$")
SNAKE = re.compile(r"[a-z][a-z0-9_]*$")
CONSTANT = re.compile(r"k[A-Z][A-Za-z0-9]*$")
MEMBER = re.compile(r"[a-z][a-z0-9_]*_$")
TRUTH = re.compile(r"(?:is|has|can)_[a-z0-9_]+$")  # a bool within a function
# Functions that other people's code calls by these names.
FOREIGN = ("CLI",)  # namespaces of libraries, of which something is declared ahead
GIVEN = re.compile(r"operator|~|LLVMFuzzer|__|[A-Z][A-Z0-9_]+$|(?:SetUp|TearDown)(?:TestSuite)?$|PrintTo$")
MATCHER = re.compile(r"\s*MATCHER(?:_P\d?)?\s*\(|\s*ACTION(?:_P\d?)?\s*\(")


def statements(text, block):
    """(offset, text) of what stands directly in a block, each statement with the blocks in it taken out."""
    depth, start, out = 0, block.open + 1, []
    for i in range(block.open + 1, block.close):
        c = text[i]
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                out.append("{}")
        elif depth == 0:
            if c == ";":
                yield start, "".join(out)
                out, start = [], i + 1
            else:
                out.append(c)


def of_types(text, found):
    for block in found:
        if block.kind not in ("namespace", "function", "other", "initialiser") and block.name:
            name = block.name.split("::")[-1]
            if not PASCAL.match(name):
                yield block.start, f"type {name} is not written in PascalCase"
        elif block.kind == "namespace" and block.name:
            for name in block.name.split("::"):
                if not SNAKE.match(name) and name not in FOREIGN:
                    yield block.start, f"namespace {name} is not written in snake_case"


def of_enumerators(text, found):
    for block in found:
        if not block.kind.startswith("enum"):
            continue
        for each in cpp.without_brackets(text[block.open + 1 : block.close]).split(","):
            name = re.match(r"\s*(\w*)", each)[1]
            # An enum without class is a set of constants.
            if name and not PASCAL.match(name) and not (block.kind == "enum" and CONSTANT.match(name)):
                yield block.open, f"enumerator {name} is not written in PascalCase"


def of_functions(text, found):
    for block in found:
        if block.kind != "function" or MATCHER.match(block.head):
            continue
        name = block.name
        # A constructor bears the name of its class, and so does an operator that converts.
        owner = block.parent.name.split("::")[-1] if block.parent and block.parent.kind in ("class", "struct") else ""
        qualified = re.search(r"(\w+)(?:<[^<>]*>)?::~?" + re.escape(name) + r"\s*\(", block.head) if name else None
        if not name or GIVEN.match(name) or name == owner or qualified and qualified[1] == name:
            continue
        if re.search(r"\boperator\b", block.head):
            continue
        if not SNAKE.match(name):
            yield block.start, f"function {name} is not written in snake_case"


def of_constants(text, found):
    for match in re.finditer(r"\bconstexpr\b(?!\s*\()([^;{}()=]*?)\b(\w+)(?:\[[^\]]*\])?\s*(?==[^=]|\{|\()", text):
        is_function = text[match.end()] == "(" or re.search(r"\bif$", match[0].rstrip())
        if not is_function and not CONSTANT.match(match[2]) and not TRUTH.match(match[2]):
            yield match.start(), f"constant {match[2]} is not written kLikeThis"


def of_members(text, found):
    """Those that are private, of classes."""
    for block in found:
        if block.kind != "class":
            continue
        is_private = True
        for start, each in statements(text, block):
            for label in re.finditer(r"\b(public|private|protected)\s*:(?!:)", each):
                is_private = label[1] == "private"
            each = re.sub(r".*\b(?:public|private|protected)\s*:(?!:)", "", each, flags=re.S).strip()
            each = re.sub(r"^(?:[^;]*\{\}\s*(?=\S))+(?=[\w:]+[\s<*&])", "", each) if "(" in each else each
            plain = re.match(r"(?:mutable\s+)?(?:const\s+)?[\w:]+(?:<.*>)?[\s*&]+(\w+)\s*(?:=.*|\{\})?$", each, re.S)
            skipped = re.match(
                r"(?:using|friend|static|typedef|enum|struct|class|template|return|explicit|virtual)\b", each
            )
            if is_private and plain and not skipped and not MEMBER.match(plain[1]) and not CONSTANT.match(plain[1]):
                yield start + 1, f"private member {plain[1]} does not end in _"


def of_tests(text, found):
    """GoogleTest makes names of its own of these, which an underscore would part."""
    for match in re.finditer(r"^\s*(?:TYPED_)?(?:TEST|RC_GTEST)\w*\(\s*(\w+),\s*(\w+)", text, re.M):
        for name in match.groups():
            if not PASCAL.match(name):
                yield match.start(), f"test {name} is not written in PascalCase"


def of_switches(text, found):
    for match in re.finditer(r"\bswitch\s*\(", text):
        at = text.find("{", match.end())
        depth, direct = 0, []
        for i in range(at, len(text)):
            depth -= text[i] == "}"
            if depth == 0 and text[i] == "}":
                break
            if depth == 1:
                direct.append(text[i])
            depth += text[i] == "{"
        body = "".join(direct)
        is_over_enum = re.search(r"\bcase\s+(?:\w+::)*[A-Z]\w*::[A-Z]\w*[a-z]\w*\s*:", body)
        if is_over_enum and re.search(r"\bdefault\s*:", body):
            yield match.start(), "a switch over an enum has a default: name every case, so that a new one is an error"


RULES = (of_types, of_enumerators, of_functions, of_constants, of_members, of_tests, of_switches)


def problems(text, found):
    """(line, sentence) of a blanked text and its blocks."""
    for rule in RULES:
        for offset, problem in rule(text, found):
            yield cpp.line_of(text, offset), problem
