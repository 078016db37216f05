"""The form of every file: formatted, no line, function or file too long, names in one manner."""
import os
import re
import shutil
import subprocess

import cpp
import names

MOST_COLUMNS = 120
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_TEST = 550  # a file of tests holds tables, and is read from one of them to the next
PASSED_OVER = {"build", "__pycache__", "node_modules", "corpus"}
# Each with what names a file in its output.
FORMATTERS = {
    "C++": (
        ["clang-format", "--dry-run", "-Werror", "--style=file"],
        re.compile(r"^(\S+?):\d+:\d+: error: code should be clang-formatted", re.M),
    ),
    "Python": (["black", "--check"], re.compile(r"^would reformat (\S+)", re.M)),
}
INCLUDES_UPWARD = re.compile(r'\s*#\s*include\s*"\.\./')


def language_of(path):
    if path.suffix in (".cpp", ".hpp"):
        return "C++"
    if path.suffix == ".py":
        return "Python"
    if path.suffix == ".sh":
        return "shell"
    with path.open("rb") as file:
        first = file.readline(80) if not path.suffix else b""
    if not first.startswith(b"#!"):
        return None
    return "Python" if b"python" in first else "shell" if re.search(rb"\b(?:ba|da)?sh\b", first) else None


def sources(root):
    """(path, language) of all that people write by hand, in a fixed order."""
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name not in PASSED_OVER and (name[0] != "." or name == ".ci"))
        for name in sorted(files):
            path = root.__class__(folder, name)
            if not path.is_symlink() and (language := language_of(path)):
                yield path, language


def of_lines(text):
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MOST_COLUMNS:
            yield number, f"{len(line)} columns, and {MOST_COLUMNS} are the limit"


def of_cpp(text):
    blanked = cpp.blank(text)
    found = cpp.blocks(blanked)
    yield from names.problems(blanked, found)
    for block in found:
        if block.kind == "function":
            first = cpp.line_of(blanked, block.start)
            length = cpp.line_of(blanked, block.close) - first + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield first, f"function {block.name} has {length} lines, and {MOST_LINES_OF_A_FUNCTION} are the limit"
    for number, line in enumerate(text.splitlines(), 1):
        if INCLUDES_UPWARD.match(line):
            yield number, "an include that leads upwards: write the path from the house, or from tests/"


def of_file(path, language, is_test):
    text = path.read_text()
    yield from of_lines(text)
    if language == "C++":
        yield from of_cpp(text)
    lines, most = text.count("\n"), MOST_LINES_OF_A_TEST if is_test else MOST_LINES_OF_A_FILE
    if lines > most:
        yield 1, f"{lines} lines, and {most} are the limit of a file"


def unformatted(root, command, files, named):
    """The files that a formatter would write in another way. `named` finds them in what it says."""
    if not files:
        return
    if shutil.which(command[0]) is None:
        yield f"{command[0]} is missing: hack/deps installs it"
        return
    run = subprocess.run([*command, *map(str, files)], cwd=root, capture_output=True, text=True)
    found = sorted(set(named.findall(run.stderr)))
    for name in found:
        yield f"{os.path.relpath(name, root)}: not as {command[0]} writes it"
    if found:
        flags = ["-i"] if command[0] == "clang-format" else []
        yield " ".join(["this mends it:", command[0], *flags, *(os.path.relpath(name, root) for name in found)])
    elif run.returncode:
        yield f"{command[0]} failed: {run.stderr.strip()[-300:]}"


def problems(root):
    """(sentences, number of files)"""
    files = list(sources(root))
    found = [
        f"{path.relative_to(root)}:{line}: {sentence}"
        for path, language in files
        for line, sentence in of_file(path, language, path.relative_to(root).parts[0] == "tests")
    ]
    for wanted, (command, named) in FORMATTERS.items():
        found += unformatted(root, command, [path for path, language in files if language == wanted], named)
    return found, len(files)
