"""Repositories for comparison, made from a seed: the same seed makes the same commits.

Everything that the rules treat in its own way happens in them somewhere: merges of two and three parents, criss-cross,
dates that are equal or run backwards, renames with and without edits, several files of one content, mode changes,
links, submodules, files that become folders, binary files, CRLF, lines that are empty, blank or begin with ++, broken
UTF-8, and the phrases that strategies look for.
"""
import random
import subprocess

MESSAGES = [
    b"fix typo\n",
    b"x\n",
    b"",
    b"wip",
    b"Add importer for the ledger\n\nLonger text below.\n",
    b"Update implementation of parser\n",
    b"Bug fixes, improvements and other changes\n",
    b"Bug fixes and improvements\n",
    b"IMPLEMENT and updates; changes\n",
    b"one two three four five six seven eight nine ten functionality\n",
    b"one two three four five six seven eight nine functionality\n",
    "\u0130mplement the \u212aettle, minor fixes\u3000and code cleanup updates\n".encode(),
    b"r\xe9sum\xe9 \xff\xfe broken\n",
    b"add scaffold\n",
    b"stub and skeleton\n",
    b"todo: later\n",
    b"handle error\n",
    b"refactor code, improve code quality\n",
    "a\u00a0b\u2003c\u0085d\u1680e f g h i j implement\n".encode(),
    b"a\x1cb\x85c d e f g h i j k implement\n",
    b"tidy \"quoted\" \\ \t tabs\n",
]
AUTHORS = [
    b"Ada <ada@example.org>",
    b"Bob Marsh <bob@example.org>",
    b"J\xf6rg <j@example.org>",
    "Zo\u00eb  <zoe@example.org>".encode(),
    b" <nobody@example.org>",
    b"Ada <other@example.org>",
]
SECONDS = [
    0,
    -50,
    -90000,
    1,
    20,
    29,
    30,
    31,
    45,
    59,
    60,
    61,
    120,
    299,
    300,
    301,
    3600,
    7200,
    86399,
    86400,
    86401,
    200000,
    2000000,
]
FEW = [b"}\n", b"\n", b"x\n", b"  y\n", b"{\n", b"return;\n"]
SPECIAL = [
    b"\n",
    b"  \n",
    b"\r\n",
    b"++ vanishes\n",
    b"++\n",
    b"+ stays\n",
    b"crlf\r\n",
    b"\xff\xfe\xe2\x82\n",
    "\u2003\u00a0\n".encode(),
    b"\ttabs\n",
    b"    spaces\n",
    "\u0130MPORT x\n".encode(),
    b"a\rb\n",
    b"\x85\n",
    b"-- minus\n",
    b"long " * 30 + b"\n",
]
PHRASES = [
    b"data value = result\n",
    b"var1 temp item\n",
    b"TODO fixme\n",
    b"# todo: placeholder\n",
    b"try { throw error; } catch (e)\n",
    b"except Exception: handle\n",
    b"if err != nil { return err }\n",
    b"promise.catch(rescue)\n",
    b"import alpha from beta\n",
    b"IMPORT gamma\n",
    b"add code here, your code here\n",
    b"sample template boilerplate example\n",
    b"fooBar bazQux someName otherName\n",
    b"helper utility manager\n",
    b"let first = second plus third\n",
    b"let first = second plus fourth\n",
]
FOLDERS = [
    b"",
    b"src/",
    b"src/one/",
    b"src/two/",
    b"lib/",
    b"lib/one/",
    b"very/deep/folder/",
    "p\u00e9/".encode(),
    b"\xff/",
]
NAMES = [
    b"a",
    b"b.c",
    b"main.c",
    b"main.cpp",
    b"test_main.c",
    b"x.txt",
    b"y.txt",
    b"README",
    b"data.bin",
    "\u00fc".encode(),
    b"with space",
    b"go.mod",
]
REGULAR, EXECUTABLE, LINK, SUBMODULE = b"100644", b"100755", b"120000", b"160000"


class Writer:
    """One state of all files, and what can happen to it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.mood = self.random.choice([FEW, None, None, PHRASES])

    def chance(self, probability):
        return self.random.random() < probability

    def line(self):
        roll = self.random.random()
        if self.mood and roll < 0.5:
            return self.random.choice(self.mood)
        if roll < 0.6:
            return b"%d alpha %d\n" % (self.random.randrange(30), self.random.randrange(5))
        if roll < 0.8:
            return b"%sunique %d of %d\n" % (
                b" " * self.random.randrange(4),
                self.random.randrange(10**9),
                self.random.randrange(9),
            )
        return self.random.choice(FEW + SPECIAL + PHRASES)

    def lines(self, most=40):
        count = self.random.choice([0, 1, 2, 5, self.random.randrange(1, most), self.random.randrange(1, most)])
        if self.chance(0.15):  # many lines of one kind
            return [self.line()] * (count * 2)
        return [self.line() for _ in range(count)]

    def content(self, most=40):
        text = b"".join(self.lines(most))
        if self.chance(0.1):
            text = text.rstrip(b"\n")
        if self.chance(0.06):
            at = self.random.choice([0, len(text), self.random.randrange(len(text) + 1)])
            text = text[:at] + b"\0" + text[at:]
        if self.chance(0.02):
            text = b"z" * 7990 + b"\n" * self.random.choice([0, 9, 10]) + b"\0\n" + text
        return text

    def path(self, files):
        path = self.random.choice(FOLDERS) + self.random.choice(NAMES)
        return path if not collides(path, files) else b"%s.%d" % (path.replace(b"/", b"_"), self.random.randrange(1000))

    def edited(self, text):
        lines = text.splitlines(keepends=True) if b"\r" not in text else text.split(b"\n")
        joint = b"" if b"\r" not in text else b"\n"
        for _ in range(self.random.choice([1, 1, 2, 4, 12])):
            at, length = self.random.randrange(len(lines) + 1), self.random.choice([0, 1, 1, 3, 10])
            action = self.random.randrange(5)
            if action == 0:
                lines[at:at] = self.lines(12)
            elif action == 1:
                del lines[at : at + length]
            elif action == 2:
                lines[at : at + length] = self.lines(8)
            elif action == 3:  # a block moves
                block, lines[at : at + length] = lines[at : at + length], []
                to = self.random.randrange(len(lines) + 1)
                lines[to:to] = block
            else:  # a block is repeated
                lines[at:at] = lines[at : at + length]
        text = joint.join(lines)
        if self.chance(0.05):
            text = text.replace(b"\n", b"\r\n") if b"\r\n" not in text else text.replace(b"\r\n", b"\n")
        if self.chance(0.08):
            text = text[:-1] if text.endswith(b"\n") else text + b"\n"
        return text

    def change(self, files):
        actions = [
            self.add,
            self.add,
            self.edit,
            self.edit,
            self.edit,
            self.edit,
            self.delete,
            self.rename,
            self.rename,
            self.rename_edited,
            self.rename_edited,
            self.copy_and_delete,
            self.empties,
            self.mode,
            self.link,
            self.submodule,
            self.kind,
            self.move_folder,
        ]
        for _ in range(self.random.choice([1, 1, 2, 3, 6])):
            self.random.choice(actions)(files)
        if self.chance(0.25):
            self.random.choice([self.large, self.rewrite, self.many, self.many_even, self.remove_much])(files)

    def some(self, files, *modes):
        names = sorted(path for path, (mode, _) in files.items() if not modes or mode in modes)
        return self.random.choice(names) if names else None

    def add(self, files):
        files[self.path(files)] = (REGULAR if self.chance(0.85) else EXECUTABLE, self.content())

    def edit(self, files):
        if path := self.some(files, REGULAR, EXECUTABLE, LINK):
            files[path] = (files[path][0], self.edited(files[path][1]))

    def delete(self, files):
        for _ in range(self.random.choice([1, 1, 3])):
            files.pop(self.some(files), None)

    def rename(self, files):
        if path := self.some(files):
            files[self.path({p: f for p, f in files.items() if p != path})] = files.pop(path)

    def rename_edited(self, files):
        for _ in range(self.random.choice([1, 1, 2])):
            if path := self.some(files, REGULAR, EXECUTABLE):
                mode, text = files.pop(path)
                if self.chance(0.15):
                    mode = self.random.choice([REGULAR, EXECUTABLE])
                files[self.path(files)] = (mode, self.edited(text))

    def copy_and_delete(self, files):
        """Several files of one content come while others of it go."""
        if path := self.some(files, REGULAR, EXECUTABLE, LINK):
            entry = files[path]
            for _ in range(self.random.randrange(1, 4)):
                files[self.path(files)] = (entry[0], entry[1]) if self.chance(0.8) else (EXECUTABLE, entry[1])
            for same in sorted(p for p, f in files.items() if f[1] == entry[1]):
                if self.chance(0.4):
                    del files[same]

    def empties(self, files):
        for path in [p for p in sorted(files) if files[p][1] == b"" and self.chance(0.5)]:
            del files[path]
        for _ in range(self.random.randrange(3)):
            files[self.path(files)] = (self.random.choice([REGULAR, REGULAR, EXECUTABLE]), b"")

    def mode(self, files):
        if path := self.some(files, REGULAR, EXECUTABLE):
            files[path] = (EXECUTABLE if files[path][0] == REGULAR else REGULAR, files[path][1])

    def link(self, files):
        files[self.path(files)] = (LINK, self.random.choice([b"a", b"src/b.c", b"../x\n", b"two\nlines"]))

    def submodule(self, files):
        path = self.some(files, SUBMODULE) if self.chance(0.5) else self.path(files)
        if path:
            files[path] = (SUBMODULE, b"%040x" % self.random.randrange(1, 9))

    def kind(self, files):
        """A name becomes another kind of thing."""
        if path := self.some(files):
            mode, text = files.pop(path)
            target = self.random.choice([REGULAR, LINK, SUBMODULE, None])
            if target is None and mode != SUBMODULE:
                files[path + b"/" + self.random.choice(NAMES)] = (mode, text)
            elif target == SUBMODULE:
                files[path] = (SUBMODULE, b"%040x" % self.random.randrange(1, 9))
            else:
                files[path] = (target or REGULAR, text if mode != SUBMODULE else self.content(10))

    def move_folder(self, files):
        folder = self.random.choice(FOLDERS[1:])
        for path in sorted(p for p in files if p.startswith(folder)):
            to = self.random.choice(FOLDERS) if self.chance(0.1) else b"moved/"
            if not collides(to + path[len(folder) :], files):
                files[to + path[len(folder) :]] = files.pop(path)

    def large(self, files):
        count = self.random.choice([51, 60, 100, 101, 120, 149, 150, 300, 501, 700, 1001])
        same = self.line() if self.chance(0.3) else None
        files[self.path(files)] = (REGULAR, b"".join(same or self.line() for _ in range(count)))

    def rewrite(self, files):
        """Nearly as many lines come as go."""
        if path := self.some(files, REGULAR):
            count = self.random.choice([55, 60, 101, 110, 120, 200])
            old = files[path][1].count(b"\n")
            count = old + self.random.randrange(-4, 5) if old > 50 else count
            files[path] = (REGULAR, b"".join(b"rewritten %d\n" % self.random.randrange(10**9) for _ in range(count)))

    def many(self, files):
        for i in range(self.random.choice([11, 21, 51, 60])):
            files[b"many/%d.%d" % (i, self.random.randrange(1000))] = (REGULAR, b"".join(self.lines(4)))

    def many_even(self, files):
        """So many lines in each of so many files."""
        each, count = self.random.choice([(92, 11), (100, 12), (101, 11), (120, 10), (125, 4), (60, 20)])
        for i in range(count):
            files[b"even/%d.%d" % (i, self.random.randrange(1000))] = (
                REGULAR,
                b"".join(b"%d line %d\n" % (i, k) for k in range(each)),
            )

    def remove_much(self, files):
        for path in sorted(files):
            if self.chance(0.6):
                del files[path]


def collides(path, files):
    return any(other == path or other.startswith(path + b"/") or path.startswith(other + b"/") for other in files)


class Stream:
    """A repository on its way into `git fast-import`."""

    def __init__(self):
        self.parts, self.marks, self.next = [], {}, 1

    def mark(self):
        self.next += 1
        return self.next

    def blob(self, content):
        if content not in self.marks:
            self.marks[content] = self.mark()
            self.parts.append(b"blob\nmark :%d\ndata %d\n%s\n" % (self.marks[content], len(content), content))
        return b":%d" % self.marks[content]

    def commit(self, author, author_time, message, parents, files):
        entries = [
            b"M %s %s %s\n" % (mode, content if mode == SUBMODULE else self.blob(content), quoted(path))
            for path, (mode, content) in sorted(files.items())
        ]
        mark = self.mark()
        lines = [
            b"commit refs/heads/main\nmark :%d\nauthor %s %d +0200\ncommitter C <c@example.org> %d +0000\ndata %d\n%s\n"
            % (mark, author, author_time, 1_000_000_000 + mark, len(message), message)
        ]
        lines += [b"%s :%d\n" % (b"merge" if i else b"from", parent) for i, parent in enumerate(parents)]
        self.parts += lines + [b"deleteall\n"] + entries + [b"\n"]
        return mark


def quoted(path):
    return b'"' + b"".join(b"\\%03o" % c for c in path) + b'"'


def make(folder, seed, commits=40):
    """A bare repository in `folder`; HEAD is its last commit."""
    writer, stream = Writer(seed), Stream()
    chosen = writer.random
    heads, states = [], {}  # marks of open branches; mark -> (files, author time)

    def commit(parents, files, time):
        # A branch of fast-import starts again with `from`; a root takes none.
        if not parents and heads:
            stream.parts.append(b"reset refs/heads/main\n\n")
        mark = stream.commit(chosen.choice(AUTHORS), time, chosen.choice(MESSAGES), parents, files)
        states[mark] = (files, time)
        return mark

    heads.append(commit([], {}, 1_600_000_000))
    for number in range(commits):
        is_last = number == commits - 1
        if (is_last or writer.chance(0.15)) and len(heads) > 1:
            parents = heads if is_last else chosen.sample(heads, min(len(heads), chosen.choice([2, 2, 3])))
            files = union(states[parent][0] for parent in parents)
            if writer.chance(0.3):
                writer.change(files)
            mark = commit(list(parents), files, max(states[p][1] for p in parents) + abs(chosen.choice(SECONDS)))
            # A merged branch may live on, which makes criss-cross histories.
            heads = [head for head in heads if head not in parents or writer.chance(0.4)] + [mark]
            continue
        if writer.chance(0.03):  # another root
            files = {}
            writer.change(files)
            heads.append(commit([], files, 1_600_000_000 + chosen.choice(SECONDS)))
            continue
        parent = chosen.choice(heads)
        files = dict(states[parent][0])
        writer.change(files)
        mark = commit([parent], files, max(1, states[parent][1] + chosen.choice(SECONDS)))
        if not writer.chance(0.12):  # else the branch forks here
            heads.remove(parent)
        heads.append(mark)
    load(folder, b"".join(stream.parts))


def make_lines(folder, seed, commits=300):
    """One file of few kinds of lines, so that every step of the line difference is taken; commit after commit."""
    chosen, stream, parents = random.Random(seed), Stream(), []
    alphabet = [b"l%d\n" % i for i in range(chosen.choice([1, 2, 3, 4, 8, 200]))] + chosen.choice(
        [[], [b"\n"], [b"++\n", b"\n"]]
    )
    lines = []
    for number in range(commits):
        for _ in range(chosen.choice([1, 1, 2, 3, 5])):
            at, size = chosen.randrange(len(lines) + 1), chosen.choice([0, 0, 1, 2, 5, len(lines) // 2])
            lines[at : at + size] = [chosen.choice(alphabet) for _ in range(chosen.choice([0, 1, 1, 2, 3, 6]))]
        if len(lines) < 3 or len(lines) > 80 or chosen.random() < 0.1:
            lines = [chosen.choice(alphabet) for _ in range(chosen.choice([4, 8, 12, 30]))]
        if chosen.random() < 0.2:  # halves change places
            half = chosen.randrange(len(lines) + 1)
            lines = lines[half:] + lines[:half]
        text = b"".join(lines)[: -1 if chosen.random() < 0.1 else None]
        parents = [stream.commit(AUTHORS[0], 1_600_000_000 + 1000 * number, b"x", parents, {b"f": (REGULAR, text)})]
    load(folder, b"".join(stream.parts))


def make_renames(folder, seed, commits=120):
    """Files that are nearly, just or not quite alike come and go under names that are alike."""
    chosen, stream, parents = random.Random(seed), Stream(), []
    names = [
        folder + name
        for folder in (b"", b"a/", b"ab/", b"a/b/", b"b/a/")
        for name in (b"x", b"xy", b"yx", b"x.c", b"y.c")
    ]

    def line(i, text):
        """Some end near the 64 bytes of a block."""
        start = b"%d of %d" % (i, text)
        return start.ljust(chosen.choice([0, 0, 0, 62, 63, 64, 65, 130]), b" ") + chosen.choice([b"\n", b"\n", b"\r\n"])

    texts = [[line(i, text) for i in range(chosen.choice([0, 1, 3, 10]))] for text in range(3)]

    def variant():
        lines = list(chosen.choice(texts))
        for _ in range(chosen.choice([0, 0, 1, 2, 4])):
            if lines:
                at = chosen.randrange(len(lines))
                lines[at] = chosen.choice(
                    [b"%d\n" % chosen.randrange(5) * chosen.choice([1, 1, 5]), lines[at][:-1] + b"tail\n"]
                )
        return b"".join(lines)[: -1 if chosen.random() < 0.2 else None] + (b"\0" if chosen.random() < 0.05 else b"")

    for number in range(commits):
        files = {}
        for path in chosen.sample(names, chosen.choice([1, 2, 4, 8])):
            if not collides(path, files):
                files[path] = (chosen.choice([REGULAR] * 6 + [EXECUTABLE, LINK]), variant())
        parents = [stream.commit(AUTHORS[0], 1_600_000_000 + 1000 * number, b"x", parents, files)]
    load(folder, b"".join(stream.parts))


def make_old_modes(folder, seed, commits=30):
    """Trees with 100664, an old way to write a regular file, written object by object,
    since fast-import writes no such mode."""
    chosen, parent = random.Random(seed), []
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)

    def write(kind, content):
        command = ["git", "-C", folder, "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
        return subprocess.run(command, input=content, check=True, capture_output=True).stdout.strip()

    for number in range(commits):
        entries = [
            b"%s f%d\0" % (chosen.choice([b"100664", REGULAR, EXECUTABLE]), i)
            + bytes.fromhex(
                write("blob", b"".join(b"%d\n" % chosen.randrange(4) for _ in range(chosen.choice([0, 2, 9])))).decode()
            )
            for i in range(8)
            if chosen.random() < 0.6
        ]
        head = b"tree %s\n" % write("tree", b"".join(entries)) + b"".join(b"parent %s\n" % one for one in parent)
        person = b"%s %d +0000\n" % (AUTHORS[0], 1_600_000_000 + 1000 * number)
        parent = [write("commit", head + b"author " + person + b"committer " + person + b"\nx\n")]
    subprocess.run(["git", "-C", folder, "update-ref", "HEAD", parent[0].decode()], check=True)


def union(states):
    files = {}
    for state in states:
        for path, entry in state.items():
            if path in files or not collides(path, files):
                files[path] = entry
    return files


def load(folder, stream):
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)
    subprocess.run(["git", "-C", folder, "fast-import", "--quiet", "--force"], input=stream, check=True)
