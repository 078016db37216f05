"""What a push fetches: a private repository with the credentials of a Secret, only news the second time, never a file
too large to be looked at, and over https from a server of an authority of one's own; and what the profile changes."""
import os
import pathlib
import re
import ssl
import subprocess
import tempfile

import bed

ACCOUNT = "potter:of-this-demo-only"
HOST = "git.cadence-demo.svc"
URL = f"http://{HOST}:8080/private/kiln.git"
SECURE_URL = f"https://{HOST}:8443/private/kiln.git"
SECRET = "git-accounts"
LARGE = 66 * 2**20  # bytes, more than a file may have that is looked at
MIB = 2**20


def git_address():
    return bed.get("service", "git", "cadence-demo")["spec"]["clusterIP"]


class Kiln:
    """The private repository, written to from outside the cluster."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.commits = 0
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        environment = dict(
            os.environ,
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_CONFIG_SYSTEM="/dev/null",
            GIT_TERMINAL_PROMPT="0",
            **{
                f"GIT_{who}_{what}": value
                for who in ("AUTHOR", "COMMITTER")
                for what, value in (
                    ("NAME", "mira"),
                    ("EMAIL", "mira@example.org"),
                    ("DATE", f"{1772000000 + 7000 * self.commits} +0000"),
                )
            },
        )
        return subprocess.run(
            ["git", "-C", self.folder, *arguments],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout.strip()

    def commit(self, files):
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        self.commits += 1
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"Firing {self.commits}")

    def push(self):
        self.git(
            "-c",
            f"http.postBuffer={2 * LARGE}",
            "push",
            "-q",
            "--force",
            f"http://{ACCOUNT}@{git_address()}:8080/private/kiln.git",
            "main",
        )
        return self.git("rev-parse", "HEAD")


def lines(first, count):
    return "".join(f"{i}, {i * 7919 % 1300}\n" for i in range(first, first + count)).encode()


def judged(after, url=URL):
    status, answer = bed.deliver(bed.push_body(url=url, after=after, name="kiln"))
    assert status == 202, answer
    return bed.wait_finished(answer["job_id"], 150)


def fetched():
    """How many bytes of packs each address got from the private repository so far, fetch by fetch."""
    log = bed.kubectl("-n", "cadence-demo", "exec", "deployment/git", "--", "cat", "/tmp/requests")
    sizes = {}
    for address, size in re.findall(r"^(\S+) 200 (\d+) POST /private/kiln\.git/git-upload-pack ", log, re.MULTILINE):
        sizes.setdefault(address, []).append(int(size))
    return sizes


def fetched_since(before, replica):
    """What the replica got since then; the server writes its log late."""
    address = next(p["status"]["podIP"] for p in bed.pods("webhook") if p["metadata"]["name"] == replica)
    done = len(before.get(address, []))
    return bed.wait_until(f"{replica} fetched something", lambda: sum(fetched()[address][done:]), 30)


def change_webhook(change):
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": change})
    bed.wait_rolled_out("webhook")


def test_a_private_repository_is_analysed_with_the_credentials_of_a_secret():
    bed.wait_ready()
    bed.wait_rolled_out("webhook")
    with tempfile.TemporaryDirectory() as folder:
        kiln = Kiln(folder)
        kiln.commit({"log.csv": lines(0, 10), "film.mp4": os.urandom(LARGE), "photo.raw": os.urandom(3 * MIB)})
        for firing in range(1, 12):
            kiln.commit({"log.csv": lines(0, 10 + firing), f"run_{firing}.csv": lines(firing, 700)})
        tip = kiln.push()

        refused = judged(tip)
        assert refused["status"] == "failed" and "the server asks for credentials" in refused["error"], refused
        strange = judged(tip, SECURE_URL)
        assert (
            strange["status"] == "failed"
            and "its certificate is not trusted: self-signed certificate" in strange["error"]
        ), strange
        bed.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": SECRET},
                "stringData": {
                    "accounts": f"http://{ACCOUNT}@{HOST}:8080\nhttps://{ACCOUNT}@{HOST}:8443\n",
                    "ca.crt": ssl.get_server_certificate((git_address(), 8443), timeout=20),
                },
            }
        )
        try:
            change_webhook({"webhook": {"clone": {"credentialsSecretRef": SECRET}}})
            found = assert_first_push_fetches_all_but_the_film(tip, kiln.commits)
            assert_next_push_fetches_only_news(kiln)
            secure = judged(kiln.git("rev-parse", "HEAD"), SECURE_URL)
            assert secure["status"] == "completed" and secure["result"]["total_commits"] == kiln.commits, secure
            assert_upstream_lists_none(kiln.git("rev-parse", "HEAD"), found)
        finally:
            change_webhook({"webhook": {"clone": {"credentialsSecretRef": None}, "detection": None}})
            bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", SECRET)
        assert "the server asks for credentials" in judged(tip)["error"]


def assert_first_push_fetches_all_but_the_film(tip, commits):
    before = fetched()
    done = judged(tip)
    assert done["status"] == "completed" and done["result"]["total_commits"] == commits, done
    assert len(done["result"]["suspicions"]) == done["result"]["items_flagged"] > 0, done["result"]
    received = fetched_since(before, done["replica"])
    assert 3 * MIB < received < 6 * MIB, f"{received} bytes: the photo is 3 MiB, the film 66"
    print(f"     figure: a repository with a file of 66 MiB, first push: {received / MIB:.1f} MiB fetched")
    logs = "".join(
        bed.kubectl("-n", bed.NAMESPACE, "logs", p["metadata"]["name"], "--all-containers") for p in bed.pods("webhook")
    )
    assert ACCOUNT.split(":")[1] not in logs, "the password is in a log"
    return done["result"]


def assert_next_push_fetches_only_news(kiln):
    """Each replica has a cache of its own, so pushes go on until one falls to a replica that has the repository."""
    knowing = set()
    for attempt in range(1, 12):
        before = fetched()
        kiln.commit({"log.csv": lines(0, 40 + attempt)})
        done = judged(kiln.push())
        assert done["status"] == "completed" and done["result"]["total_commits"] == kiln.commits, done
        news = fetched_since(before, done["replica"])
        if done["replica"] in knowing:
            assert news < 20_000, f"{news} bytes for one small commit"
            print(f"     figure: one commit more: {news} bytes fetched")
            return
        knowing.add(done["replica"])
    raise AssertionError("no replica got a second push")


def assert_upstream_lists_none(tip, corrected):
    change_webhook({"webhook": {"detection": {"profile": "upstream"}}})
    done = judged(tip)
    assert (
        done["status"] == "completed"
        and done["result"].get("suspicions", []) == []
        and done["result"]["items_flagged"] > 0
    ), done
    assert done["result"]["time_span"] == "< 1 hour" != corrected["time_span"], "Q-08: the span runs backwards there"
