"""Faults planted in the rules, one at a time: does a test see them? hack/test campaign mutants [--seed 1] [--count 60]

Each mutant changes one place of a source file of operator/cadence/plan, redis/plan, postgres/rules or cadence/apply: a
condition negated, a bound off by one, && for ||, two arguments swapped, a statement left out, a number changed. The
file is compiled without optimisation and linked before the library that holds the original, into the test program that
covers it; a mutant is killed when that program fails, or does not end in time. What does not compile is no mutant and
another is drawn. Survivors are named with their line. Needs a build of those programs, no cluster.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import shlex
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COVERED_BY = {
    "operator/cadence/plan": ["cadence_plan_test", "cadence_exploration_test"],
    "operator/redis/plan": ["redis_plan_test"],
    "operator/postgres/rules": ["postgres_rules_test", "cadence_plan_test"],
    "operator/cadence/apply": ["cadence_apply_test", "cadence_exploration_test"],
}
TEST_SECONDS, BUILD_SECONDS = 300, 600
NAMES = r"[A-Za-z_][\w.:]*"

Mutant = collections.namedtuple("Mutant", "file line kind before after")


def replaced(kind, pattern, by):
    """One mutant for each place of the line where the pattern stands."""
    expression = re.compile(pattern)

    def all_of(line):
        for match in expression.finditer(line):
            yield kind, line[: match.start()] + match.expand(by) + line[match.end() :]

    return all_of


def negated(line):
    match = re.match(r"\s*(?:\} )?(?:else )?(?:if|while) \(", line)
    if not match:
        return
    depth, at = 1, match.end()
    while depth and at < len(line):
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        at += 1
    if depth == 0 and ";" not in line[match.end() : at]:
        yield "negated condition", f"{match[0]}!({line[match.end() : at - 1]}){line[at - 1 :]}"


def left_out(line):
    match = re.match(r"(\s+)([a-z][\w.:>\[\]*()-]*(?:\(.*\)| [|+-]?= .*|\+\+|--);)$", line)
    if match and not match[2].startswith(("return", "const ", "auto ", "using ")):
        yield "statement left out", match[1] + ";"


def one_more(line):
    for match in re.finditer(r"(?<![\w.\"'])\d{1,6}(?=[,;)}\] ])", line):
        yield "other constant", line[: match.start()] + str(int(match[0]) + 1) + line[match.end() :]


CHANGES = [
    negated,
    left_out,
    replaced("off by one", r" < (?=[\w(])", " <= "),
    replaced("off by one", r" <= ", " < "),
    replaced("off by one", r" > (?=[\w(])", " >= "),
    replaced("off by one", r" >= ", " > "),
    replaced("off by one", r" \+ 1\b", " + 2"),
    replaced("off by one", r" - 1\b", " - 0"),
    replaced("equality", r" == ", " != "),
    replaced("equality", r" != ", " == "),
    replaced("and for or", r" && ", " || "),
    replaced("or for and", r" \|\| ", " && "),
    one_more,
    replaced("other constant", r"\breturn true;", "return false;"),
    replaced("other constant", r"\breturn false;", "return true;"),
    replaced("swapped arguments", rf"\(({NAMES}), ({NAMES})\)", r"(\2, \1)"),
]


def without_texts(line):
    """What stands in quotes is no code of ours: a marker in its place."""
    texts = []
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: texts.append(m[0]) or f'"{len(texts) - 1}"', line), texts


def mutants_of(file):
    is_code = False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        is_code = is_code or line.startswith("namespace cadence")
        code, texts = without_texts(line.split("  //")[0])
        if not is_code or re.match(r"\s*(//|#|namespace|using|template|case .*:$)", code) or "operator" in code:
            continue
        for change in CHANGES:
            for kind, after in change(code):
                after = re.sub(r'"(\d+)"', lambda m: texts[int(m[1])] if int(m[1]) < len(texts) else m[0], after)
                yield Mutant(file, number, kind, line, after)


def commands(build):
    return {c["file"]: shlex.split(c["command"]) for c in json.loads((build / "compile_commands.json").read_text())}


def compiled(mutant, command, build, folder):
    """The object file, or None where it is no program."""
    source, target = folder / mutant.file.name, folder / "mutant.o"
    lines = mutant.file.read_text().splitlines()
    lines[mutant.line - 1] = mutant.after
    source.write_text("\n".join(lines) + "\n")
    at = next(i for i, word in enumerate(command) if word.endswith(("/c++", "/g++")))
    words = [word for word in command[at:] if not word.startswith(("-O", "-MD", "-W"))]
    words[words.index("-o") + 1], words[-1] = str(target), str(source)
    done = subprocess.run(words + ["-O0", "-w"], cwd=build, capture_output=True, timeout=BUILD_SECONDS)
    return target if done.returncode == 0 else None


def linked(program, objects, build, folder):
    ninja = ["ninja", "-C", str(build), "-t", "commands", "-s", f"tests/{program}"]
    text = subprocess.run(ninja, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    words = [word for word in shlex.split(text.split("&&")[1]) if word != ":"]
    words[words.index("-o") + 1] = str(folder / program)
    words.insert(words.index("-o"), str(objects))
    subprocess.run(words, cwd=build, check=True, capture_output=True, timeout=BUILD_SECONDS)
    return folder / program


def killed_by(mutant, objects, programs, build, folder):
    for program in programs:
        test = linked(program, objects, build, folder)
        try:
            done = subprocess.run(
                [test, "--gtest_fail_fast", "--gtest_brief=1"], cwd=build, capture_output=True, timeout=TEST_SECONDS
            )
        except subprocess.TimeoutExpired:
            return f"{program}, which did not end"
        if done.returncode != 0:
            return program
    return None


def drawn(seed):
    found = []
    for room in COVERED_BY:
        for file in sorted((ROOT / room).rglob("*.cpp")):
            found += [(room, mutant) for mutant in mutants_of(file)]
    random.Random(seed).shuffle(found)
    return found


def main(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    options = parser.parse_args(arguments)
    known, survivors, tried = commands(options.build), [], 0
    for room, mutant in drawn(options.seed):
        if tried == options.count:
            break
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            objects = compiled(mutant, known[str(mutant.file)], options.build, folder)
            if objects is None:
                continue
            tried += 1
            killer = killed_by(mutant, objects, COVERED_BY[room], options.build, folder)
        where = f"{mutant.file.relative_to(ROOT)}:{mutant.line}: {mutant.kind}"
        print(f"{tried} {where}: {'killed by ' + killer if killer else 'SURVIVED'}", flush=True)
        if killer is None:
            survivors.append(f"{where}\n  -{mutant.before}\n  +{mutant.after}")
    print(f"{tried - len(survivors)} of {tried} mutants killed, seed {options.seed}", *survivors, sep="\n")
    return 1 if len(survivors) * 10 > tried else 0
