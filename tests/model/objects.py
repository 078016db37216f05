"""Commits, trees and files of a repository, read with `git cat-file --batch`."""
import collections
import functools
import subprocess

Commit = collections.namedtuple("Commit", "id tree parents author email time message")
# One name in a tree: mode as text without leading zeros, object id.
Entry = collections.namedtuple("Entry", "mode id")

REGULAR, EXECUTABLE, SYMLINK, FOLDER, SUBMODULE = "100644", "100755", "120000", "40000", "160000"
FILES = (REGULAR, EXECUTABLE, SYMLINK)


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.reader = subprocess.Popen(["git", "-C", folder, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.commit = functools.lru_cache(None)(self.commit)
        self.tree = functools.lru_cache(20000)(self.tree)
        self.blob = functools.lru_cache(2000)(self.blob)

    def close(self):
        self.reader.stdin.close()
        self.reader.stdout.close()
        self.reader.wait()

    def resolve(self, name):
        return subprocess.run(["git", "-C", self.folder, "rev-parse", name + "^{commit}"], check=True, capture_output=True, text=True).stdout.strip()

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
        tree, parents, author = None, [], b""
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if key == b"tree" and tree is None:
                tree = value.decode()
            elif key == b"parent":
                parents.append(value.decode())
            elif key == b"author":
                author = value
        name, _, rest = author.rpartition(b"<")
        email, _, when = rest.partition(b">")
        return Commit(object_id, tree, parents, name.strip(b" "), email, int(when.split()[0]), message)

    def tree(self, object_id):
        """name -> Entry."""
        content, entries, at = self.read(object_id), {}, 0
        while at < len(content):
            space = content.index(b" ", at)
            zero = content.index(b"\0", space)
            mode = content[at:space].decode().lstrip("0")
            # An old way to write a regular file.
            entries[content[space + 1:zero]] = Entry(REGULAR if mode == "100664" else mode, content[zero + 1:zero + 21].hex())
            at = zero + 21
        return entries

    def blob(self, object_id):
        return self.read(object_id)
