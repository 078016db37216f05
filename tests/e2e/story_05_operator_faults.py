"""The operator dies, loses the API server, or is killed again and again: the cluster ends where the spec says."""
import collections
import datetime
import os
import time

import bed
import postgres_rounds as rounds

OUTAGE_SECONDS = int(os.environ.get("CADENCE_OUTAGE_SECONDS", "60"))


def leader():
    lease = bed.get("lease", "cadence-operator", bed.OPERATOR_NAMESPACE)
    return lease["spec"].get("holderIdentity", "")


def pod_of(holder):
    return next(p["metadata"]["name"] for p in bed.operator_pods() if holder.startswith(p["metadata"]["name"]))


def test_killing_the_leader_hands_over():
    old = leader()
    pod = pod_of(old)
    started = time.monotonic()
    bed.cluster("pod", "kill", f"{bed.OPERATOR_NAMESPACE}/{pod}")
    bed.wait_until("another leads", lambda: leader() and leader() != old, 60, 0.2)
    print(
        f"     figure: another operator led {time.monotonic() - started:.1f} s after the leader was killed (aim 17 s)"
    )
    name = f"{bed.CLUSTER}-webhook"
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pdb", name)
    bed.wait_until("the new leader works", lambda: bed.get("pdb", name), 60)
    bed.wait_ready()


def test_an_api_server_outage_needs_no_restart_and_costs_no_write():
    restarts = {
        p["metadata"]["name"]: sum(s["restartCount"] for s in p["status"]["containerStatuses"])
        for p in bed.operator_pods()
    }
    before = datetime.datetime.now(datetime.timezone.utc)
    outage = rounds.api_away(OUTAGE_SECONDS)
    print(f"     figure: {outage.row}: {outage.sentence()}")
    assert not outage.problems and outage.missing == 0, outage.problems
    assert outage.gap <= 3, f"no write for {outage.gap:.1f} s"
    name = f"{bed.CLUSTER}-webhook"
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pdb", name)
    bed.wait_until("the operator works again", lambda: bed.get("pdb", name), 90)
    bed.wait_ready()
    writes = [w for w in bed.writes_of_ours(before) or [] if w[1] != "leases"]
    print(f"     figure: {len(writes)} writes but Lease renewals after {OUTAGE_SECONDS} s without the API server")
    assert len(writes) < 60, f"a storm: {collections.Counter(writes).most_common(5)}"
    now = {
        p["metadata"]["name"]: sum(s["restartCount"] for s in p["status"]["containerStatuses"])
        for p in bed.operator_pods()
    }
    assert now == restarts, (restarts, now)


def test_a_bring_up_survives_any_operator_death():
    bed.kubectl("create", "namespace", "second", check=False)
    small = bed.small_cluster(
        "second",
        loadBalancer={"replicas": 1},
        redis={"shards": 3, "replicasPerShard": 0},
        postgres={"instances": 2},
        deletionPolicy="Delete",
    )
    bed.apply(small, "second")
    killed = ""
    for moment in (0.3, 1.5, 4, 8):
        # A lease outlives its holder by up to 17 s; only a process that leads is in the middle of anything.
        bed.wait_until("one that was not killed leads", lambda: leader() and leader() != killed, 60, 0.1)
        time.sleep(moment)  # where in its work the operator dies is the test's input
        killed = leader()
        bed.cluster("pod", "kill", f"{bed.OPERATOR_NAMESPACE}/{pod_of(killed)}")
    bed.wait_ready("second", "second", 300)
    pods = bed.get("pods", namespace="second")
    assert len(pods) == 1 + 1 + 3 + 2, [p["metadata"]["name"] for p in pods]


def test_deletion_removes_everything_when_asked_to():
    assert bed.get("pvc", namespace="second"), "there was no volume to begin with"
    bed.kubectl("-n", "second", "delete", "cdc", "second", "--wait=true")
    bed.wait_until("pods are gone", lambda: not bed.get("pods", namespace="second"), 120)
    bed.wait_until("volumes are gone", lambda: not bed.get("pvc", namespace="second"), 60)
    left = [
        f"{i['kind']}/{i['metadata']['name']}"
        for kind in ("secrets", "services", "configmaps", "statefulsets", "deployments", "leases", "roles")
        for i in bed.get(kind, namespace="second")
        if "app.kubernetes.io/instance" in i["metadata"].get("labels", {})
    ]
    assert not left, left
    bed.kubectl("delete", "namespace", "second", "--wait=false")


def test_deletion_keeps_volumes_by_default_and_they_are_taken_up_again():
    bed.kubectl("create", "namespace", "kept", check=False)
    document = bed.small_cluster(
        "kept", loadBalancer={"replicas": 1}, postgres={"instances": 1, "synchronous": {"mode": "Off"}}
    )
    bed.apply(document, "kept")
    bed.wait_ready("kept", "kept", 240)
    volumes = {p["metadata"]["uid"] for p in bed.get("pvc", namespace="kept")}
    bed.kubectl("-n", "kept", "delete", "cdc", "kept", "--wait=true")
    bed.wait_until("pods are gone", lambda: not bed.get("pods", namespace="kept"), 120)
    assert {p["metadata"]["uid"] for p in bed.get("pvc", namespace="kept")} == volumes and volumes
    bed.kubectl("delete", "namespace", "kept", "--wait=false")
