"""Commits, trees and files of a repository, read with `git cat-file --batch`."""
import collections
import functools
import subprocess

Commit = collections.namedtuple("Commit", "id tree parents author email time message")
# One name in a tree: mode as text without leading zeros, object id.
Entry = collections.namedtuple("Entry", "mode id")

REGULAR, EXECUTABLE, SYMLINK, FOLDER, SUBMODULE = "100644", "100755", "120000", "40000", "160000"
FILES = (REGULAR, EXECUTABLE, SYMLINK)


def in_utf8(text, encoding):
    """A commit's text: in the encoding it names, read as browsers do; else in UTF-8 or, where it is not, windows-1252.

    >>> [in_utf8(b"\\xe9\\x96", name).decode() for name in (b"ISO-8859-1", b"cp437", b"", b"no-such")]
    ['\xe9\u2013', '\u0398\xfb', '\xe9\u2013', '\xe9\u2013']
    """
    wider = {
        "iso-8859-1": "cp1252",
        "latin1": "cp1252",
        "latin-1": "cp1252",
        "us-ascii": "cp1252",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "euc-kr": "cp949",
    }
    try:
        if encoding:
            codec = encoding.decode("ascii").lower()
            return text.decode(wider.get(codec, codec), "replace").encode("utf-8")
    except LookupError:
        pass
    try:
        text.decode("utf-8")
        return text
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace").encode("utf-8")


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.reader = subprocess.Popen(
            ["git", "-C", folder, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.commit = functools.lru_cache(None)(self.commit)
        self.tree = functools.lru_cache(20000)(self.tree)
        self.blob = functools.lru_cache(2000)(self.blob)

    def close(self):
        self.reader.stdin.close()
        self.reader.stdout.close()
        self.reader.wait()

    def resolve(self, name):
        return subprocess.run(
            ["git", "-C", self.folder, "rev-parse", name + "^{commit}"], check=True, capture_output=True, text=True
        ).stdout.strip()

    def read(self, object_id):
        self.reader.stdin.write(object_id.encode() + b"\n")
        self.reader.stdin.flush()
        header = self.reader.stdout.readline().split()
        if len(header) != 3:
            raise KeyError(f"{object_id} is not in {self.folder}")
        content = self.reader.stdout.read(int(header[2]))
        self.reader.stdout.read(1)
        return content

    def commit(self, object_id):
        head, _, message = self.read(object_id).partition(b"\n\n")
        tree, parents, author, encoding = None, [], b"", b""
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if key == b"tree" and tree is None:
                tree = value.decode()
            elif key == b"parent":
                parents.append(value.decode())
            elif key == b"author":
                author = value
            elif key == b"encoding":
                encoding = encoding or value.strip(b" ")
        name, _, rest = author.rpartition(b"<")
        email, _, when = rest.partition(b">")
        name, email, message = (in_utf8(text, encoding) for text in (name.strip(b" "), email, message))
        return Commit(object_id, tree, parents, name, email, int(when.split()[0]), message)

    def tree(self, object_id):
        """name -> Entry."""
        content, entries, at = self.read(object_id), {}, 0
        while at < len(content):
            space = content.index(b" ", at)
            zero = content.index(b"\0", space)
            mode = content[at:space].decode().lstrip("0")
            # An old way to write a regular file.
            entries[content[space + 1 : zero]] = Entry(
                REGULAR if mode == "100664" else mode, content[zero + 1 : zero + 21].hex()
            )
            at = zero + 21
        return entries

    def blob(self, object_id):
        return self.read(object_id)
