"""`cadence-webhook analyze` against the model, as a user runs it:
usage analyze_test.py PATH-OF-CADENCE-WEBHOOK [unittest arguments]"""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import comparison
import page_comparison
import pages
import repositories
import web_model

REPOSITORIES = range(100, 106)
PAGES = range(100, 112)


def run(*arguments, **environment):
    return subprocess.run(
        [PROGRAM, "analyze", "--quiet", "--format", "json", *arguments],
        check=False,
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def git(*arguments):
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a"}
    subprocess.run(
        ["git", *arguments],
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **identity},
    )


def analyze(*arguments):
    done = run(*arguments)
    if done.returncode != 0:
        raise AssertionError(f"analyze {' '.join(arguments)}: {done.stderr.decode()}")
    return json.loads(done.stdout)


class AnalyzeTest(unittest.TestCase):
    maxDiff = 4000

    def test_repositories(self):
        for seed in REPOSITORIES:
            with tempfile.TemporaryDirectory() as folder:
                repositories.make(folder, seed)
                models = comparison.git_model.analyse_all(
                    folder, [comparison.git_model.Options(*one) for one in comparison.SETTINGS]
                )
                for (profile, quartiles), model in zip(comparison.SETTINGS, models):
                    with self.subTest(seed=seed, profile=profile, quartiles=quartiles):
                        ours = as_dumped(analyze("--profile", profile, "--quartiles", quartiles, folder))
                        self.assertEqual(comparison.differences(ours, as_shown(model)), [])

    def test_pages(self):
        markups = [pages.make(seed) for seed in PAGES]
        with Server(markups) as server:
            for i, markup in enumerate(markups):
                for profile in page_comparison.PROFILES:
                    with self.subTest(seed=PAGES[i], profile=profile):
                        url = f"http://127.0.0.1:{server.port}/{i}"
                        ours = analyze("--allow-private-networks", "--profile", profile, url)
                        self.assertEqual(page_comparison.differences(ours, web_model.analyse(markup, profile)), [])

    def test_what_cannot_be_read_is_no_pass(self):
        with tempfile.TemporaryDirectory() as folder:
            repositories.make(folder, 1)
            whole = run("--fail-above", "100", folder)
            self.assertEqual((whole.returncode, whole.stderr), (0, b""))
            partial = folder + "/partial"
            git("-C", folder, "config", "uploadpack.allowFilter", "true")
            git("clone", "-q", "--bare", "--filter=blob:none", f"file://{folder}", partial)
            done = run("--fail-above", "100", partial)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"The report is incomplete", done.stderr)
            self.assertIn("total_commits", json.loads(done.stdout))

    def test_the_folder_for_clones_is_the_users_own(self):
        with tempfile.TemporaryDirectory() as folder:
            repositories.make(folder, 1)
            remote = "http://127.0.0.1:1/kiln.git"  # it is not even asked
            missing = run(remote, TMPDIR=folder + "/missing")
            self.assertEqual(missing.returncode, 1, missing.stderr)
            self.assertIn(b"Set TMPDIR", missing.stderr)
            self.assertEqual(run(folder, TMPDIR=folder + "/missing").returncode, 0)
            temporary = pathlib.Path(folder, "temporary")
            own = temporary / f"cadence-webhook-{os.getuid()}"
            own.mkdir(parents=True)
            own.chmod(0o777)
            self.assertIn(b"no connection", run(remote, "--allow-private-networks", TMPDIR=str(temporary)).stderr)
            self.assertEqual(own.stat().st_mode & 0o777, 0o700)
            own.rename(temporary / "elsewhere")
            own.symlink_to(temporary / "elsewhere")
            refused = run(remote, TMPDIR=str(temporary))
            self.assertEqual(refused.returncode, 1)
            self.assertIn(b"is not a folder of yours", refused.stderr)

    def test_bytes_of_strangers_move_no_cursor(self):
        with tempfile.TemporaryDirectory() as folder:
            repositories.make(folder, 1)
            done = run(folder + "/\u009b2J\u202e\x1b[2J")
            self.assertEqual(done.returncode, 1)
            for bad in ("\u009b", "\u202e", "\x1b"):
                self.assertNotIn(bad, done.stderr.decode())


def as_dumped(result):
    """The command's JSON with the names of dump_analysis; members that are zero or empty were left out."""
    flagged = [
        {
            "commit": one["commit_hash"],
            "index": one["commit_index"],
            "severity": one["severity"],
            "score": one["score"],
            "confidence": one["confidence"],
            "category": None,
            "reasons": list(zip(one["triggered"], one["reasons"], strict=True)),
        }
        for one in result.get("suspicions", [])
    ]
    zeros = {
        key: 0
        for key in comparison.FIGURES
        if key not in ("unique_authors", "average_commit_size", "time_span", "velocity")
    }
    return {**zeros, **result, "flagged": flagged, "pairs": []}


def as_shown(model):
    """The command shows the flagged commits in both profiles; of pairs and categories it says nothing."""
    flagged = [{**one, "category": None} for one in model["flagged"]]
    shown = {
        **model,
        "flagged": flagged,
        "pairs": [],
        "suspicious_commits": len(flagged),
        "overall_suspicion": len(flagged) / model["total_commits"] * 100,
    }
    if model.get("average_commit_size") == 0:
        del shown["average_commit_size"]
    return shown


class Server:
    """The pages at /0, /1, … of a port on loopback."""

    def __init__(self, markups):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = markups[int(self.path[1:])]
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
