"""`cadence-webhook analyze` against the model, as a user runs it: usage analyze_test.py PATH-OF-CADENCE-WEBHOOK [unittest arguments]"""
import http.server
import json
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


def analyze(*arguments):
    done = subprocess.run([PROGRAM, "analyze", "--quiet", "--format", "json", *arguments], check=False, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"analyze {' '.join(arguments)}: {done.stderr.decode()}")
    return json.loads(done.stdout)


class AnalyzeTest(unittest.TestCase):
    maxDiff = 4000

    def test_repositories(self):
        for seed in REPOSITORIES:
            with tempfile.TemporaryDirectory() as folder:
                repositories.make(folder, seed)
                models = comparison.git_model.analyse_all(folder, [comparison.git_model.Options(*one) for one in comparison.SETTINGS])
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


def as_dumped(result):
    """The command's JSON with the names of dump_analysis; members that are zero or empty were left out."""
    flagged = [{"commit": one["commit_hash"], "index": one["commit_index"], "severity": one["severity"], "score": one["score"],
                "confidence": one["confidence"], "category": None, "reasons": list(zip(one["triggered"], one["reasons"], strict=True))}
               for one in result.get("suspicions", [])]
    zeros = {key: 0 for key in comparison.FIGURES if key not in ("unique_authors", "average_commit_size", "time_span", "velocity")}
    return {**zeros, **result, "flagged": flagged, "pairs": []}


def as_shown(model):
    """The command shows the flagged commits in both profiles; of pairs and categories it says nothing."""
    flagged = [{**one, "category": None} for one in model["flagged"]]
    shown = {**model, "flagged": flagged, "pairs": [], "suspicious_commits": len(flagged),
             "overall_suspicion": len(flagged) / model["total_commits"] * 100}
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
