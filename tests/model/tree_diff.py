"""What changed between two trees, with renames (sections 4.1, 4.2)."""
import collections

import similarity
from objects import FOLDER, REGULAR

# One side of a change; a change has an old and a new side, one of which may be None.
Side = collections.namedtuple("Side", "path mode id")
Change = collections.namedtuple("Change", "old new")


def changes(repository, old_tree, new_tree):
    """Every change, renames found, in the final order."""
    adds, deletes, modifies = [], [], []
    for change in compare(repository, old_tree, new_tree, b""):
        (deletes if not change.new else adds if not change.old else modifies).append(change)
    adds.sort(key=lambda change: change.new.path)
    deletes.sort(key=lambda change: change.old.path)
    if adds and deletes:
        renames, adds, deletes = identical_content(adds, deletes)
        more, adds, deletes = similar_content(repository, adds, deletes)
        modifies += renames + more
    return sorted(adds + deletes + modifies, key=lambda change: (change.old or change.new).path)


def compare(repository, old_tree, new_tree, folder):
    old = repository.tree(old_tree) if old_tree else {}
    new = repository.tree(new_tree) if new_tree else {}
    for name in sorted(old.keys() | new.keys()):
        a, b, path = old.get(name), new.get(name), folder + name
        if a == b:
            continue
        a_folder, b_folder = a and a.mode == FOLDER, b and b.mode == FOLDER
        if a and b and not a_folder and not b_folder:
            yield Change(Side(path, *a), Side(path, *b))
            continue
        if a_folder or b_folder:
            yield from compare(repository, a.id if a_folder else None, b.id if b_folder else None, path + b"/")
        if a and not a_folder:
            yield Change(Side(path, *a), None)
        if b and not b_folder:
            yield Change(None, Side(path, *b))


def identical_content(adds, deletes):
    """Stage A: (renames, adds left, deletes left)."""
    renames, gone = [], set()
    for object_id in dict.fromkeys(add.new.id for add in adds):
        some_adds = [add for add in adds if add.new.id == object_id]
        some_deletes = [delete for delete in deletes if delete.old.id == object_id]
        pairs, lost = match_identical(some_adds, some_deletes)
        renames += [Change(delete.old, add.new) for add, delete in pairs]
        gone.update(lost, *pairs)
    return renames, [add for add in adds if add not in gone], [delete for delete in deletes if delete not in gone]


def match_identical(adds, deletes):
    """(pairs, adds that are lost)."""
    scored = [(similarity.name_score(delete.old.path, add.new.path), add, delete) for add in adds for delete in deletes]
    if not scored:
        return [], []
    if len(adds) > 1 and len(deletes) > 1:
        pairs, taken = [], set()
        for _, add, delete in sorted(scored, key=lambda one: -one[0]):
            if add not in taken and delete not in taken:
                pairs.append((add, delete))
                taken.update((add, delete))
        return pairs, []
    # max() keeps the first of equals, and both lists are in path order.
    score, add, delete = max(scored, key=lambda one: one[0])
    if add.new.mode == delete.old.mode and (score > 0 or len(scored) == 1):
        return [(add, delete)], []
    return [], adds if len(adds) == 1 and len(deletes) > 1 else []


def similar_content(repository, adds, deletes):
    """Stage B: the same for regular files whose content is alike."""
    scored = []
    for s, delete in enumerate(deletes):
        for t, add in enumerate(adds):
            if delete.old.mode == add.new.mode == REGULAR:
                score = similarity.score(repository, delete.old, add.new)
                if score is not None:
                    scored.append((score, t, s))
    renames, taken_adds, taken_deletes = [], set(), set()
    for _, t, s in sorted(scored, reverse=True):
        if t not in taken_adds and s not in taken_deletes:
            taken_adds.add(t)
            taken_deletes.add(s)
            renames.append(Change(deletes[s].old, adds[t].new))
    return (
        renames,
        [add for t, add in enumerate(adds) if t not in taken_adds],
        [delete for s, delete in enumerate(deletes) if s not in taken_deletes],
    )
