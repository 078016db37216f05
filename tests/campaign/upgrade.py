"""From an earlier commit to this one and back, under load: chart, CRDs, operator and every image.

    hack/test campaign upgrade COMMIT [--rate 10] [--only-forward]

The commit is built beside this checkout. A CadenceCluster is made with its operator, then this tree's chart is
installed over it while rows are written and signed pushes are sent, and then the earlier one again, as somebody does
who is not satisfied. Each way must end with every pod of the new version and Ready, no delivery failed, no row lost,
and no pause of the writes of 3 s. On hack/cluster's own bed only: the namespace `cadence` is removed first.
"""
import argparse
import dataclasses
import os
import pathlib
import shutil
import subprocess
import time

import bed
import ledger
import load
import postgres_bed as postgres

PARTS = ("operator", "webhook", "postgres", "redis", "haproxy")
PROGRAMS = ("cadence-operator", "cadence-agent", "cadence-webhook")
GAP_SECONDS, ROLL_OUT_SECONDS, BUILD_SECONDS = 3, 420, 3600


@dataclasses.dataclass(frozen=True)
class Version:
    tree: pathlib.Path
    tag: str

    def image(self, part):
        return f"cadence-{part}:{self.tag}"


THIS = Version(bed.ROOT, "dev")


def built(commit):
    """That commit's files and programs, kept for the next time."""
    name = bed.run("git", "-C", bed.ROOT, "rev-parse", "--short=10", f"{commit}^{{commit}}").stdout.strip()
    tree = ledger.folder().parent / "upgrade" / name
    if not tree.is_dir():
        half = tree.with_name(name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        archive = subprocess.Popen(["git", "-C", bed.ROOT, "archive", name], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", half], stdin=archive.stdout, check=True, timeout=300)
        assert archive.wait(10) == 0, f"git archive {name} failed"
        half.rename(tree)
    for arguments in (["--preset", "release"], ["--build", "--preset", "release", "--target", *PROGRAMS]):
        subprocess.run(["cmake", *arguments], cwd=tree, check=True, stdout=subprocess.DEVNULL, timeout=BUILD_SECONDS)
    return Version(tree, name)


def load_images(version):
    bed.run(bed.ROOT / "hack/images", "--tree", version.tree, "--tag", version.tag, "--load", *PARTS, timeout=1200)


def install(version):
    """Its own chart, as its own README says, with its images."""
    images = [argument for part in PARTS for argument in ("--set", f"images.{part}={version.image(part)}")]
    bed.run(version.tree / "hack/install", *images, timeout=300)


def make_cluster(version):
    bed.remove_namespace(bed.NAMESPACE)
    install(version)
    bed.create_cluster()
    bed.wait_ready(seconds=300)
    postgres.wait_healthy()


def why_not_of(version):
    """The pods of the cluster's that run another image, are not Ready or are leaving."""
    out = []
    for pod in bed.get("pods", selector=f"app.kubernetes.io/instance={bed.CLUSTER}"):
        component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        images = {c["image"].rpartition("/")[2] for c in pod["spec"]["containers"]}
        is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
        wanted = version.image({"lb": "haproxy"}.get(component, component))
        if images != {wanted} or not is_ready or "deletionTimestamp" in pod["metadata"]:
            out.append(pod["metadata"]["name"])
    return out


def wait_all_of(version):
    def has_arrived():
        left = why_not_of(version)
        assert not left, f"not yet: {', '.join(left)}"
        return bed.is_ready() and bed.condition(kind="Progressing")["status"] == "False"

    bed.wait_until(f"every pod is of {version.tag} and Ready", has_arrived, ROLL_OUT_SECONDS, 2)


def go(what, version, rate):
    """One way, under load: what missed an aim."""
    ledger.access.cache_clear()
    with ledger.Ledger() as book, load.Load(rate, 20) as pushes:
        book.wait_flowing()
        at = time.monotonic()
        out = []
        try:
            install(version)
            wait_all_of(version)
        except AssertionError as problem:
            out.append(str(problem))
        took = time.monotonic() - at
        pushed, report = pushes.stop(), book.stop()
        ledger.access.cache_clear()
        book.job.update({key: ledger.access()[key] for key in ("user", "password", "ca")})
        lost = book.check()["missing"]
    gap = ledger.longest_gap(report, at)
    missed = f"{pushed['failed']} of {pushed['sent']} deliveries failed"
    print(f"     figure: {what}: done after {took:.0f} s, gap {gap:.2f} s, {missed}, {lost} rows lost", flush=True)
    out += [f"no write for {gap:.1f} s"] if gap >= GAP_SECONDS else []
    out += [missed] if pushed["failed"] else []
    out += [f"{lost} rows lost"] if lost else []
    try:
        load.assert_each_has_one_result(pushed)
    except AssertionError as problem:
        out.append(str(problem))
    return [f"{what}: {sentence}" for sentence in out]


def main(arguments):
    parser = argparse.ArgumentParser(prog="hack/test campaign upgrade", description=__doc__.splitlines()[0])
    parser.add_argument("commit", help="the earlier version")
    parser.add_argument("--rate", type=int, default=10, help="pushes each second (10)")
    parser.add_argument("--only-forward", action="store_true", help="not back again")
    given = parser.parse_args(arguments)
    os.environ.setdefault("KUBECONFIG", bed.cluster("kubeconfig").stdout.strip())
    assert bed.is_own_bed(), "this removes the namespace cadence: it runs on hack/cluster's own bed"
    earlier = built(given.commit)
    load_images(earlier)
    make_cluster(earlier)
    failed = go(f"{earlier.tag} to this tree", THIS, given.rate)
    if not given.only_forward:
        failed += go(f"back to {earlier.tag}", earlier, given.rate)
        install(THIS)
    for sentence in failed:
        print(f"FAIL upgrade: {sentence}")
    return 1 if failed else 0
