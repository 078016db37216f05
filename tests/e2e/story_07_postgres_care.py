"""What people ask of a running database: parameters, more and fewer instances, a drained node, a fenced instance, a new
password, a new volume for a broken instance (a new certificate authority takes its time: tests/campaign/authority.py).
Rows are written all the while: none that was acknowledged is lost, and writes go on."""
import contextlib
import json
import time

import api
import bed
import ledger
import postgres_bed as postgres
import postgres_pair as pair


@contextlib.contextmanager
def written_meanwhile(what, gap_limit, cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    """The ledger writes from entry to exit; its longest gap is printed and bounded, its books are balanced."""
    postgres.wait_healthy(cluster=cluster, namespace=namespace)
    with ledger.Ledger(cluster=cluster, namespace=namespace) as book:
        book.wait_flowing()
        at = time.monotonic()
        yield
        took = time.monotonic() - at
        book.wait_flowing()
        report = book.stop()
        checked = book.check()
    gap = ledger.longest_gap(report, at)
    print(
        f"     figure: {what}: longest gap {gap:.2f} s, done after {took:.0f} s, {checked['acknowledged']} rows,"
        f" {checked['missing']} lost"
    )
    assert checked["missing"] == 0, checked
    assert not ledger.two_at_once(report), ledger.two_at_once(report)
    assert gap <= gap_limit, f"no write for {gap:.1f} s"


def ask(change):
    api.patch("cadenceclusters", bed.CLUSTER, {"spec": {"postgres": change}})


def everywhere(name, value, seconds=180):
    def probe():
        return [postgres.sql(f"SHOW {name}", i.name) for i in postgres.instances()]

    bed.wait_until(
        f"{name} is {value} everywhere", lambda: (seen := probe()) and all(v == value for v in seen), seconds, 1
    )


def test_a_parameter_is_reloaded_without_a_restart():
    with written_meanwhile("reload of work_mem", 6):
        before = {i.name: postgres.status(i.ip).get("timeline") for i in postgres.instances()}
        ask({"parameters": {"work_mem": "5MB"}})
        everywhere("work_mem", "5MB")
        assert before == {i.name: postgres.status(i.ip).get("timeline") for i in postgres.instances()}
    ask({"parameters": {"work_mem": None}})
    everywhere("work_mem", "4MB")


def test_a_parameter_that_needs_a_restart_reaches_standbys_first():
    with written_meanwhile("restart for more max_connections", 6):
        ask({"parameters": {"max_connections": "120"}})
        everywhere("max_connections", "120")
    with written_meanwhile("restart for fewer max_connections", 10):
        ask({"parameters": {"max_connections": None}})
        everywhere("max_connections", "100")
    bed.wait_ready()


def test_an_instance_more_and_one_less():
    with written_meanwhile("instances 3 to 4 and back", 6):
        ask({"instances": 4})
        bed.wait_until(
            "the fourth instance is counted on",
            lambda: f"{bed.CLUSTER}-postgres-4" in postgres.annotation("synchronous"),
            180,
            1,
        )
        ask({"instances": 3})
        bed.wait_until("the fourth pod is gone", lambda: api.get("pods", f"{bed.CLUSTER}-postgres-4") is None, 180, 1)
        assert f"{bed.CLUSTER}-postgres-4" not in postgres.annotation("synchronous")
    bed.wait_ready()


def test_a_fenced_instance_stays_stopped_until_it_is_unfenced():
    view = postgres.wait_healthy()
    victim = view.primary
    with written_meanwhile("the primary is fenced", 6):
        ask({"fenced": [victim.name]})
        bed.wait_until("it is fenced", lambda: postgres.status(victim.ip).get("state") == "Fenced", 60)
        bed.wait_until("another one is primary", lambda: postgres.holder() not in ("", victim.name), 30)
        bed.wait_until(
            "the status says so",
            lambda: "enced" in str(api.get("cadenceclusters", bed.CLUSTER)["status"]["postgres"]),
            30,
        )
        ask({"fenced": []})
        postgres.wait_streaming(victim.name, 120)
    bed.wait_ready()


def test_a_drained_node_loses_its_primary_first():
    view = postgres.wait_healthy()
    node = f"node{view.primary.node}"
    try:
        with written_meanwhile("drain of the primary's node", 6):
            bed.kubectl(
                "drain",
                node,
                "--ignore-daemonsets",
                "--delete-emptydir-data",
                "--force",
                "--timeout=150s",
                "--pod-selector",
                f"app.kubernetes.io/instance={bed.CLUSTER},app.kubernetes.io/component=postgres",
                timeout=200,
            )
            assert postgres.holder() != view.primary.name
            bed.kubectl("uncordon", node)
            postgres.wait_streaming(view.primary.name, 120)
    finally:
        bed.kubectl("uncordon", node, check=False)
    bed.wait_ready()


def rotate(secret):
    bed.kubectl(
        "-n",
        bed.NAMESPACE,
        "annotate",
        "--overwrite",
        "secret",
        secret,
        f"cadence.noslop.tech/rotate={int(time.time())}",
    )


def test_a_new_password_costs_nobody_a_connection():
    name = f"{bed.CLUSTER}-postgres-app"
    old = bed.secret_value(name, "username")
    with written_meanwhile("rotation of the application's password", 6):
        rotate(name)
        bed.wait_until("the Secret has another login", lambda: bed.secret_value(name, "username") != old, 240, 2)
    ledger.access.cache_clear()
    with written_meanwhile("the new password", 6):
        pass
    bed.wait_ready()


def test_a_broken_instance_gets_another_volume_and_its_old_one_stays():
    view = postgres.wait_healthy()
    victim = view.standbys[0].name

    def claim_of():
        return next(
            (
                v["persistentVolumeClaim"]["claimName"]
                for v in (api.get("pods", victim) or {"spec": {"volumes": []}})["spec"]["volumes"]
                if "persistentVolumeClaim" in v
            ),
            "",
        )

    claim = claim_of()
    with written_meanwhile("a standby gets another volume", 6):
        bed.kubectl("-n", bed.NAMESPACE, "label", "pvc", claim, "cadence.noslop.tech/set-aside=true")
        bed.wait_until("its pod is a new one", lambda: claim_of() not in ("", claim), 120, 1)
        postgres.wait_streaming(victim, 120)
    assert bed.get("pvc", claim), "the old volume is gone"
    bed.wait_ready()


def test_the_log_moves_to_a_volume_of_its_own():
    def log_is_at(pod):
        return bed.kubectl(
            "-n",
            pair.NAMESPACE,
            "exec",
            pod["metadata"]["name"],
            "-c",
            "postgres",
            "--",
            "readlink",
            "/var/lib/postgresql/data/pg_wal",
            check=False,
        ).strip()

    def refusal(wal_size):
        change = json.dumps({"spec": {"postgres": {"storage": {"walSize": wal_size}}}})
        return bed.run(
            bed.ROOT / "hack/cluster",
            "kubectl",
            "-n",
            pair.NAMESPACE,
            "patch",
            "cdc",
            pair.NAME,
            "--type",
            "merge",
            "-p",
            change,
            check=False,
        ).stderr

    with pair.running():
        with written_meanwhile("the log moves to its own volume", 10, pair.NAME, pair.NAMESPACE):
            api.patch(
                "cadenceclusters", pair.NAME, {"spec": {"postgres": {"storage": {"walSize": "2Gi"}}}}, pair.NAMESPACE
            )
            bed.wait_until(
                "both logs are on their volumes",
                lambda: all(
                    log_is_at(p) == "/var/lib/postgresql-wal/pg_wal"
                    for p in bed.pods("postgres", pair.NAME, pair.NAMESPACE)
                ),
                180,
                1,
            )
            postgres.wait_healthy(cluster=pair.NAME, namespace=pair.NAMESPACE)
        assert {f"{pair.NAME}-postgres-{n}-wal" for n in (1, 2)} <= {
            c["metadata"]["name"] for c in bed.get("pvc", namespace=pair.NAMESPACE)
        }
        for wal_size in ("", "1Gi"):
            assert "the WAL volume cannot shrink and cannot be taken away" in refusal(wal_size), refusal(wal_size)
