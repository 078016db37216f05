"""The list of commits and the pairs that are compared (sections 2.3 and 2.4)."""


def commit_list(start, parents_of):
    """Every commit that the start reaches, depth first, first parents first.

    >>> merge = {"D": ["M"], "M": ["C", "S2"], "C": ["B"], "B": ["A"], "A": [], "S2": ["S1"], "S1": ["B"]}
    >>> " ".join(commit_list("D", merge.get))
    'D M C B A S2 S1'
    """
    emitted, order = {start}, [start]
    stack = [list(parents_of(start))]
    while stack:
        if not stack[-1]:
            stack.pop()
            continue
        commit = stack[-1].pop(0)
        if commit in emitted:
            continue
        emitted.add(commit)
        order.append(commit)
        remaining = [parent for parent in parents_of(commit) if parent not in emitted]
        if remaining:
            stack.append(remaining)
    return order


def pairs(commits, neighbours):
    """(index of current, current, previous): neighbours of the list (Q-03), or a commit and its first parent."""
    if len(commits) < 2:
        return
    by_id = {commit.id: commit for commit in commits}
    for index, current in enumerate(commits):
        if len(current.parents) > 1:
            continue
        if neighbours:
            previous = commits[index + 1] if index + 1 < len(commits) else None
        else:
            previous = by_id[current.parents[0]] if current.parents else None
        if previous is not None and current.time - previous.time > 0:
            yield index, current, previous
