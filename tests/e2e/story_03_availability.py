"""Webhook servers die, multiply and roll while deliveries come in: nobody notices."""
import os
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
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"detection": {"thresholds": None}}}})
    bed.wait_ready()
