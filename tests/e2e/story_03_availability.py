"""Webhook servers die, multiply and roll, and the cache that they share dies and hangs, while deliveries come in:
nobody notices."""
import http.client
import os
import re
import time

import bed
import load

RATE = int(os.environ.get("CADENCE_LOAD_RATE", "50"))
SECONDS = int(os.environ.get("CADENCE_LOAD_SECONDS", "15"))


def webhooks_ready(count):
    def probe():
        found = bed.get("deployment", f"{bed.CLUSTER}-webhook")["status"]
        return (
            found.get("readyReplicas", 0) == count
            and found.get("replicas", 0) == count
            and found.get("updatedReplicas", 0) == count
        )

    return probe


def wait_each_has_one_slot():
    """No load balancer keeps a server that is gone, or one twice: both would cost requests the next time."""
    wanted = bed.get("cadencecluster", bed.CLUSTER)["spec"]["webhook"]["replicas"]
    bed.wait_until(
        "each webhook server has one slot",
        lambda: all(len(bed.servers_up(pod)) == wanted for pod in bed.pods("lb")),
        90,
    )


def kill_under_load(rate, seconds, settle=180):
    """One of the webhook servers is SIGKILLed in the middle of the load:
    every delivery is answered 202 and has one result."""
    with load.Load(rate, seconds) as pushes:
        time.sleep(seconds / 3)  # the kill belongs into the middle of the load: its moment is the test's input
        victim = bed.pods("webhook")[0]["metadata"]["name"]
        bed.cluster("pod", "kill", f"{bed.NAMESPACE}/{victim}", "webhook")
        report = pushes.stop()
    assert report["failed"] == 0, report["failures"]
    load.assert_each_has_one_result(report, settle)
    bed.wait_ready()


def scale_under_load(rate, seconds, settle=180):
    """3, 6, 2 webhook servers while deliveries come in, without a failed one; all of it within the load."""
    try:
        with load.Load(rate, seconds) as pushes:
            bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=6")
            bed.wait_until("six webhook servers", webhooks_ready(6), 90)
            bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=2")
            # Those that end are pods until they have drained, which the load has to see.
            bed.wait_until(
                "two webhook servers and no other pod",
                lambda: webhooks_ready(2)() and len(bed.pods("webhook")) == 2,
                180,
            )
            report = pushes.stop()
    finally:
        bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=3")
    assert report["failed"] == 0, report["failures"]
    load.assert_each_has_one_result(report, settle)
    bed.wait_ready()
    wait_each_has_one_slot()


def test_a_killed_webhook_server_costs_no_request():
    kill_under_load(RATE, SECONDS)


def test_scaling_costs_no_request():
    scale_under_load(RATE, SECONDS)


def test_a_new_configuration_rolls_without_a_failed_request():
    before = {p["metadata"]["uid"] for p in bed.pods("webhook")}
    try:
        with load.Load(RATE, SECONDS) as pushes:
            bed.patch(
                "cadencecluster",
                bed.CLUSTER,
                {"spec": {"webhook": {"detection": {"thresholds": {"suspiciousAdditions": 400}}}}},
            )
            bed.wait_until(
                "every webhook server is a new one",
                lambda: not before & {p["metadata"]["uid"] for p in bed.pods("webhook")},
                180,
            )
            report = pushes.stop()
        assert report["failed"] == 0, report["failures"]
        bed.wait_ready()
        load.assert_each_has_one_result(report)
        wait_each_has_one_slot()
    finally:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"detection": {"thresholds": None}}}})
        bed.wait_rolled_out("webhook")


def metrics_of(pod):
    """The shared cache's counters of one server, under their names."""
    connection = http.client.HTTPConnection(pod["status"]["podIP"], 8000, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return {name: float(value) for name, value in re.findall(r"^(cadence_\w*cache_\w+) (\S+)$", text, re.MULTILINE)}


def shared(metric):
    return sum(metrics_of(pod)[metric] for pod in bed.pods("webhook"))


def wait_shared():
    """Every server has found the shared cache, and the next to look at it finds it well."""
    bed.wait_until(
        "every webhook server reaches every node of the shared cache",
        lambda: all(metrics_of(pod)["cadence_shared_cache_up"] == 1 for pod in bed.pods("webhook")),
        120,
    )


def judged():
    status, answer = bed.deliver(bed.push_body())
    assert status == 202, answer
    done = bed.wait_finished(answer["job_id"])
    assert done["status"] == "completed", done
    return done


def result_of(done):
    """What does not depend on when and as which job it was judged."""
    timed = ("job_id", "started_at", "completed_at", "analyzed_at", "duration_ms")
    return {k: v for k, v in done["result"].items() if k not in timed}


def test_a_replica_that_never_saw_a_repository_finds_the_verdicts_of_others():
    wait_shared()
    stored = shared("cadence_shared_cache_stored_total")
    first = judged()
    bed.wait_until(
        "its verdicts are shared",
        lambda: shared("cadence_shared_cache_stored_total") > stored or shared("cadence_cache_hits_total") > 0,
        30,
    )
    # Every server is a new one: none has judged anything, and none has a clone.
    before = {p["metadata"]["uid"] for p in bed.pods("webhook")}
    names = [p["metadata"]["name"] for p in bed.pods("webhook")]
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", "--wait=false", *names)
    bed.wait_until(
        "every webhook server is a new one",
        lambda: not before & {p["metadata"]["uid"] for p in bed.pods("webhook")},
        180,
    )
    bed.wait_ready()
    wait_shared()
    assert result_of(judged()) == result_of(first)
    assert shared("cadence_cache_hits_total") > 0
    print(f"     figure: {shared('cadence_cache_hits_total'):.0f} blocks found by servers that judged nothing yet")


def redis_masters():
    def is_master(pod):
        said = bed.kubectl("-n", bed.NAMESPACE, "exec", pod["metadata"]["name"], "--", "sh", "-c", ROLE, check=False)
        return said.startswith("role:master")

    return [pod for pod in bed.pods("redis") if is_master(pod)]


ROLE = (
    'REDISCLI_AUTH="$(cat /run/redis/login)" redis-cli --user agent -s /run/redis/redis.sock info replication'
    " | grep -o 'role:[a-z]*'"
)


def test_a_shared_cache_that_dies_or_hangs_costs_no_delivery_and_changes_no_answer():
    wait_shared()
    wanted = result_of(judged())
    frozen = []
    try:
        with load.Load(RATE, SECONDS) as pushes:
            victim = redis_masters()[0]["metadata"]["name"]
            bed.cluster("pod", "kill", f"{bed.NAMESPACE}/{victim}", "redis")
            bed.wait_until("a master leads again", lambda: len(redis_masters()) == 3, 120)
            for pod in bed.pods("redis"):
                name = f"{bed.NAMESPACE}/{pod['metadata']['name']}"
                group = bed.cluster("pod", "group", name, "redis").stdout.strip()
                frozen.append(group)
                bed.cluster("group", "freeze", group)
            report = pushes.stop()
        assert report["failed"] == 0, report["failures"]
        load.assert_each_has_one_result(report)
        assert result_of(judged()) == wanted
        assert all(pod_is_ready(pod) for pod in bed.pods("webhook")), "no server needs the cache"
    finally:
        for group in frozen:
            bed.cluster("group", "thaw", group, check=False)
    bed.wait_ready()
    wait_shared()
    assert result_of(judged()) == wanted


def pod_is_ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])
