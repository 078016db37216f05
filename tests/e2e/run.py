#!/usr/bin/env python3
"""Runs the user stories on the cluster that KUBECONFIG names, in the order of their file names, one line a story.

    tests/e2e/run.py [PART-OF-A-NAME…]

Stories share one operator and one CadenceCluster, as users do; each leaves both as it found them.
"""
import importlib
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bed  # noqa: E402


def stories():
    for path in sorted(HERE.glob("story_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in list(vars(module).items()):
            if name.startswith("test_") and callable(function):
                yield f"{path.stem[6:]}.{name[5:]}", function


def main():
    wanted = sys.argv[1:]
    failed = 0
    for name, function in stories():
        if wanted and not any(part in name for part in wanted):
            continue
        started = time.monotonic()
        try:
            function()
            print(f"ok   {name} ({time.monotonic() - started:.0f} s)", flush=True)
        except Exception:  # a story that breaks must not hide the next one
            failed += 1
            traceback.print_exc()
            bed.explain()
            print(f"FAIL {name} ({time.monotonic() - started:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
