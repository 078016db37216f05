#!/usr/bin/env python3
"""What the stories say of a bed on which something is missing, with kubectl's own words for it."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e")]

import bed  # noqa: E402

NO_KIND = 'error: the server doesn\'t have a resource type "cadencecluster"'


def explained(answer):
    """`answer` of a kubectl command line: a CompletedProcess's last three, or what it raises."""

    def run(command, **_):
        outcome = answer(" ".join(command))
        if isinstance(outcome, Exception):
            raise outcome
        return subprocess.CompletedProcess(command, *outcome)

    with unittest.mock.patch("subprocess.run", run), contextlib.redirect_stdout(io.StringIO()) as said:
        bed.explain()
    return said.getvalue()


class ExplainTest(unittest.TestCase):
    def test_without_the_kind_it_says_what_else_there_is(self):
        said = explained(
            lambda command: (1, "", NO_KIND)
            if "cadencecluster" in command or "get cdc" in command
            else (0, "operator: could not start", "")
        )
        self.assertIn("operator: could not start", said)
        self.assertIn("no conditions: " + NO_KIND, said)

    def test_without_an_api_server_it_says_so(self):
        for failure in (subprocess.TimeoutExpired("kubectl", 60), (1, "", "connection refused"), OSError("no kubectl")):
            said = explained(lambda _, failure=failure: failure)
            self.assertIn("no conditions: ", said)
            self.assertIn(failure[2] if isinstance(failure, tuple) else str(failure), said)

    def test_conditions_come_last(self):
        condition = {"type": "Ready", "status": "False", "reason": "Broken", "message": "a pot is cracked"}
        found = json.dumps({"status": {"conditions": [condition]}})
        said = explained(lambda command: (0, found if "-o json" in command else "", ""))
        self.assertTrue(said.endswith("     Ready=False Broken: a pot is cracked\n"), said)


if __name__ == "__main__":
    unittest.main()
