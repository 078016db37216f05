"""cadence-webhook analyze as a program: exit codes, files, signals,
the second opinion against servers that misbehave."""
import http.server
import json
import os
import pathlib
import pty
import signal
import socket
import subprocess
import threading
import time
import unittest

import bed


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.repository = bed.path_in(cls.folder.name, "kiln.git")
        bed.hostile_repository(cls.repository)

    def test_json_lists_every_flagged_commit_with_its_strategies(self):
        done = bed.run(self.repository, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        result = json.loads(done.stdout)
        self.assertEqual(result["repo_name"], "kiln")
        self.assertEqual(result["total_commits"], 14)
        self.assertEqual(len(result["suspicions"]), 6)
        for one in result["suspicions"]:
            self.assertEqual(len(one["triggered"]), len(one["reasons"]))
        # Each figure once, or the same each time.
        self.assertAlmostEqual(result["overall_score"] * 100, result["overall_suspicion"])
        self.assertAlmostEqual(result["coverage_rate"], result["overall_score"])
        self.assertEqual({*result["report"]} & {*result}, set())
        self.assertEqual(
            sum(result["report"][level] for level in ("high", "medium", "low")), result["suspicious_commits"]
        )
        self.assertIn("size_analysis", result["suspicions"][0]["triggered"])

    def test_the_upstream_profile_lists_them_too(self):
        result = json.loads(bed.run(self.repository, "--format", "json", "--profile", "upstream").stdout)
        self.assertEqual(len(result["suspicions"]), result["items_flagged"])

    def test_same_bytes_for_any_number_of_threads(self):
        one, four = (json.loads(bed.run(self.repository, "-f", "json", "--threads", n).stdout) for n in (1, 4))
        for result in (one, four):
            for member in ("analyzed_at", "started_at", "completed_at", "duration_ms"):
                del result[member]
        self.assertEqual(one, four)

    def test_limits_decide_the_exit_code(self):
        for arguments, code in (
            (["--fail-above", "99"], 0),
            (["--fail-above", "10"], 3),
            (["--fail-on", "low"], 3),
            (["--fail-on", "high"], 0),
        ):
            done = bed.run(self.repository, "-f", "json", *arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertTrue(json.loads(done.stdout))

    def test_wrong_use_and_failures_are_one_line(self):
        for arguments, code in (
            ([], 2),
            (["--format", "pdf", "."], 2),
            (["--nonsense", "."], 2),
            (["/nonexistent/x"], 1),
            ([self.folder.name], 1),
            (["http://127.0.0.1:1/kiln.git"], 1),
            (["http://127.0.0.1:1/page"], 1),
            (["--config", "/nonexistent.yml", "."], 1),
        ):
            done = bed.run(*arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_a_branch_or_commit_that_is_not_there_is_no_pass(self):
        for place in (self.repository, "file://" + self.repository):
            for arguments, named in (
                (["--branch", "nosuch"], b"no branch nosuch"),
                (["--commit", "deadbeef"], b"no commit deadbeef"),
                (["--commit", "0" * 40], b"no commit 0000"),
                (["--commit", "HEAD~1"], b"HEAD~1 is not the hash"),
            ):
                for profile in ("corrected", "upstream"):
                    done = bed.run(place, *arguments, "--profile", profile, "--fail-above", "99")
                    self.assertEqual(done.returncode, 1, (arguments, done.stdout))
                    self.assertIn(named, done.stderr)
                    self.assertEqual(done.stdout, b"")
        tip = json.loads(bed.run(self.repository, "-f", "json", "--branch", "trunk").stdout)["commit"]
        self.assertEqual(json.loads(bed.run(self.repository, "-f", "json", "--commit", tip[:10]).stdout)["commit"], tip)

    def test_a_target_that_is_something_else_is_named(self):
        readme = pathlib.Path(bed.path_in(self.folder.name, "README.md"))
        readme.write_text("x")
        for arguments, said in (
            ([readme], b"README.md is a file. "),
            (["/nonexistent/x"], b"There is no folder /nonexistent/x. "),
            ([".", "--type", "website"], b"host is missing or malformed"),
            (["https://example.org/kiln", "--branch", "trunk"], b"is taken for a web page, which has no --branch. "),
            (
                ["https://example.org/kiln", "--commit", "deadbeef"],
                b"which has no --commit. Leave it out, or say --type repository",
            ),
        ):
            begun = time.monotonic()
            done = bed.run(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)
            self.assertLess(time.monotonic() - begun, 2)  # refused, not tried

    def test_a_folder_named_by_dots_has_its_own_name(self):
        for place in (".", "./", "objects/.."):
            self.assertEqual(
                json.loads(bed.run(place, "-f", "json", cwd=self.repository).stdout)["repo_name"], "kiln", place
            )
        page = bed.run(".", "-f", "html", cwd=self.repository).stdout.decode()
        self.assertIn("<title>kiln – Cadence</title>", page)

    def test_an_opinion_of_nobody_has_no_gap_in_its_title(self):
        text = bed.run(self.repository, "--opinion").stdout.decode()
        self.assertIn("Second opinion\n", text)
        self.assertIn("ai.model is not set", text)
        page = bed.run(self.repository, "--opinion", "-f", "html").stdout.decode()
        self.assertNotIn("Of the model", page)

    def test_text_holds_nothing_that_moves_a_cursor(self):
        done = bed.run(self.repository, "--rows", "50")
        text = done.stdout.decode()
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertIn("[U+202E]", text)
        self.assertLessEqual(max(map(len, text.split("\n"))), 80)

    def test_the_file_appears_whole_or_not_at_all(self):
        output = pathlib.Path(bed.path_in(self.folder.name, "report.html"))
        output.write_text("before")
        output.chmod(0o640)
        self.assertEqual(bed.run("/nonexistent/x", "-o", output).returncode, 1)
        self.assertEqual(output.read_text(), "before")
        self.assertEqual(bed.run(self.repository, "-f", "html", "-o", output).returncode, 0)
        self.assertTrue(output.read_text().startswith("<!doctype html>"))
        self.assertEqual(output.stat().st_mode & 0o777, 0o640)
        self.assertEqual([p.name for p in output.parent.glob("report.html.*")], [])
        done = bed.run(self.repository, "-o", "/nonexistent/folder/report")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/nonexistent/folder/report", done.stderr)
        self.assertEqual(bed.run(self.repository, "-o", "/dev/null").returncode, 0)

    def test_a_file_url_is_read_where_it_is(self):
        temporary = bed.path_in(self.folder.name, "tmp")
        os.mkdir(temporary)
        done = bed.run("file://" + self.repository, "-f", "json", environment={"TMPDIR": temporary})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(os.listdir(temporary), [])

    def test_sigint_stops_a_clone_and_removes_its_folder(self):
        temporary = bed.path_in(self.folder.name, "tmp-sigint")
        os.mkdir(temporary)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = "git://127.0.0.1:%d/kiln.git" % silent.getsockname()[1]
            process = subprocess.Popen(
                [bed.PROGRAM, "analyze", url, "--allow-private-networks"],
                stderr=subprocess.PIPE,
                env={**bed.ENVIRONMENT, "TMPDIR": temporary},
            )
            silent.settimeout(30)
            peer, _ = silent.accept()  # the clone is under way and waits for this server
            with peer:
                self.assertTrue(list(pathlib.Path(temporary).glob("*/cadence-clone-*")))
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual(list(pathlib.Path(temporary).glob("*/*")), [])

    def test_progress_and_colour_only_on_a_terminal(self):
        def on_terminal(**extra):
            pid, terminal = pty.fork()
            if pid == 0:
                os.execve(
                    bed.PROGRAM,
                    [bed.PROGRAM, "analyze", self.repository],
                    {**bed.ENVIRONMENT, "TERM": "xterm", **extra},
                )
            seen = b""
            while True:
                try:
                    piece = os.read(terminal, 65536)
                except OSError:
                    break
                if not piece:
                    break
                seen += piece
            os.waitpid(pid, 0)
            os.close(terminal)
            return seen

        seen = on_terminal()
        self.assertIn(b"Judging commits [", seen)
        self.assertIn(b"\x1b[1m", seen)
        self.assertNotIn(b"\x1b[1m", on_terminal(NO_COLOR="1"))
        self.assertNotIn(b"Judging", on_terminal(TERM="dumb"))


class PrivateRepository(unittest.TestCase):
    """git's own HTTP backend behind a password, and the credentials that the configuration names."""

    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        served = bed.path_in(cls.folder.name, "served")
        os.mkdir(served)
        bed.hostile_repository(bed.path_in(served, "kiln.git"))
        program = pathlib.Path(__file__).parents[2] / "unit/analysis/http_backend.py"
        backend = subprocess.Popen(
            ["python3", program, served, "ada", "s3cret/@"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        cls.addClassCleanup(backend.wait, 30)
        cls.addClassCleanup(backend.stdin.close)
        cls.addClassCleanup(backend.stdout.close)
        cls.place = "127.0.0.1:%d" % int(backend.stdout.readline())
        cls.url = "http://%s/kiln.git" % cls.place
        cls.credentials = pathlib.Path(bed.path_in(cls.folder.name, "credentials"))
        cls.credentials.mkdir()
        cls.config = bed.path_in(cls.folder.name, "cadence.yml")
        pathlib.Path(cls.config).write_text(
            "clone: {credentials_folder: %s, allowed_hosts: ['127.0.0.1']}\n" % cls.credentials
        )

    def analyse(self, credentials, *arguments):
        (self.credentials / "git-credentials").write_text(credentials)
        done = bed.run(self.url, "--config", self.config, "-f", "json", *arguments)
        for secret in (b"s3cret", b"wr0ng"):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def test_configured_credentials_open_it(self):
        done = self.analyse("http://ada:s3cret%%2F%%40@%s\n" % self.place)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual((result["total_commits"], result["url"]), (14, self.url))

    def test_without_or_with_wrong_ones_it_says_so(self):
        for credentials, said in (
            ("", b"clone.credentials_folder"),
            ("http://ada:s3cret@other.example\n", b"clone.credentials_folder"),
            ("http://ada:wr0ng@%s\n" % self.place, b"refused the credentials for 127.0.0.1"),
        ):
            done = self.analyse(credentials)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)

    def test_what_is_named_must_be_there_behind_a_url_too(self):
        good = "http://ada:s3cret%%2F%%40@%s\n" % self.place
        tip = json.loads(self.analyse(good, "--branch", "trunk").stdout)["commit"]
        self.assertEqual(json.loads(self.analyse(good, "--commit", tip[:10]).stdout)["commit"], tip)
        for arguments, named in (
            (["--branch", "nosuch"], b"no branch nosuch"),
            (["--commit", "deadbeef"], b"no commit deadbeef"),
            (["--branch", "nosuch", "--commit", tip], b"no branch nosuch"),
        ):
            done = self.analyse(good, *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(named, done.stderr)


class Model(http.server.BaseHTTPRequestHandler):
    answer = b""
    status = 200
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Model.seen.append((self.path, dict(self.headers), body))
        self.send_response(Model.status)
        self.end_headers()
        try:
            if Model.answer == "slow":
                for _ in range(100):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            elif Model.answer == "huge":
                for _ in range(1000):
                    self.wfile.write(b" " * 65536)
            else:
                self.wfile.write(Model.answer)
        except OSError:
            pass

    def log_message(self, *_):
        pass


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.repository = bed.path_in(cls.folder.name, "kiln.git")
        bed.hostile_repository(cls.repository)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
        cls.server.daemon_threads = True
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        cls.config = bed.path_in(cls.folder.name, "cadence.yml")
        pathlib.Path(cls.config).write_text(
            "ai: {enabled: true, base_url: 'http://127.0.0.1:%d/v1', model: small-model, timeout_seconds: 2,"
            " max_commits: 3}\nclone: {allowed_hosts: ['127.0.0.1']}\n" % cls.server.server_address[1]
        )

    def ask(self, answer, status=200, *arguments):
        Model.answer, Model.status, Model.seen = answer, status, []
        done = bed.run(
            self.repository,
            "--config",
            self.config,
            "-f",
            "json",
            *arguments,
            environment={"CADENCE_AI_API_KEY": "key-of-nobody"},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"key-of-nobody", done.stdout + done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(len(result["suspicions"]), 6)
        return result["opinion"]

    @staticmethod
    def chat(content):
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()

    def test_answer_is_shown_beside_the_result(self):
        opinion = self.ask(
            self.chat(
                json.dumps(
                    {"view": "likely_generated", "confidence": 0.75, "summary": "<b>Large</b> and fast", "commits": []}
                )
            )
        )
        self.assertEqual(opinion["view"], "likely_generated")
        self.assertEqual(opinion["asked_about"], 3)
        path, headers, body = Model.seen[0]
        self.assertEqual(path, "/v1/chat/completions")
        self.assertEqual(headers["Authorization"], "Bearer key-of-nobody")
        data = json.loads(json.loads(body)["messages"][1]["content"])
        self.assertEqual(len(data["findings"]), 3)
        for secret in (b"value 1 of commit", b"Ada", b"example.org", b"file9.txt"):  # code, names, addresses, paths
            self.assertNotIn(secret, body)

    def test_code_is_sent_when_asked_for(self):
        config = pathlib.Path(bed.path_in(self.folder.name, "code.yml"))
        config.write_text(
            pathlib.Path(self.config).read_text().replace("max_commits: 3", "max_commits: 3, include_code: true")
        )
        Model.answer, Model.status, Model.seen = (
            self.chat(json.dumps({"view": "unclear", "confidence": 0.5, "summary": "", "commits": []})),
            200,
            [],
        )
        done = bed.run(self.repository, "--config", str(config), "-f", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        findings = json.loads(json.loads(Model.seen[0][2])["messages"][1]["content"])["findings"]
        self.assertEqual(len(findings), 3)
        for finding in findings:
            self.assertIn("value 1 of commit", finding["added"])

    def test_hostile_answers_are_a_problem_and_nothing_more(self):
        for answer, status in (
            (b"", 200),
            (b"not json", 200),
            (self.chat("Sure! It is human."), 200),
            (b"key-of-nobody", 401),
            (b"", 500),
            ("huge", 200),
            ("slow", 200),
            (self.chat(json.dumps({"view": "unclear", "confidence": 7, "summary": ""})), 200),
        ):
            begun = time.monotonic()
            opinion = self.ask(answer, status)
            self.assertIn("problem", opinion, answer)
            self.assertNotIn("view", opinion)
            self.assertLess(time.monotonic() - begun, 20)

    def test_nobody_is_asked_unless_enabled(self):
        Model.seen = []
        result = json.loads(bed.run(self.repository, "-f", "json").stdout)
        self.assertNotIn("opinion", result)
        self.assertEqual(Model.seen, [])


class WebPage(unittest.TestCase):
    def test_a_page_is_fetched_and_judged(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(
                    b"<h1>Mill <script>1</script></h1><main>"
                    + b"<p>In conclusion, moving forward we will utilize various robust tools here.</p>" * 20
                )

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = "http://127.0.0.1:%d/mill?token=secret" % server.server_address[1]
            done = bed.run(url, "-f", "json", "--allow-private-networks")
            self.assertEqual(done.returncode, 0, done.stderr)
            result = json.loads(done.stdout)
            self.assertGreater(result["pattern_count"], 0)
            self.assertNotIn("token", result["url"])
            self.assertEqual(bed.run(url, "-f", "json", "--allow-private-networks", "--fail-above", "5").returncode, 3)
            self.assertEqual(bed.run(url).returncode, 1)  # not a public address
            page = bed.run(url, "-f", "html", "--allow-private-networks").stdout.decode()
            self.assertIn("overused_phrases", page)
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
