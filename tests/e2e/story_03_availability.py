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
        return found.get("readyReplicas", 0) == count and found.get("replicas", 0) == count and found.get("updatedReplicas", 0) == count
    return probe


def test_a_killed_webhook_server_costs_no_request():
    with load.Load(RATE, SECONDS) as pushes:
        time.sleep(SECONDS / 3)  # the kill belongs into the middle of the load: its moment is the test's input
        victim = bed.pods("webhook")[0]["metadata"]["name"]
        bed.cluster("pod", "kill", f"{bed.NAMESPACE}/{victim}", "webhook")
        report = pushes.stop()
    assert report["failed"] == 0, report["failures"]
    load.assert_each_has_one_result(report)
    bed.wait_ready()


def test_scaling_costs_no_request():
    with load.Load(RATE, 2 * SECONDS) as pushes:
        bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=6")
        bed.wait_until("six webhook servers", webhooks_ready(6), 60)
        bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=2")
        report = pushes.stop()
    assert report["failed"] == 0, report["failures"]
    bed.wait_until("two webhook servers", webhooks_ready(2), 90)
    bed.kubectl("-n", bed.NAMESPACE, "scale", f"cdc/{bed.CLUSTER}", "--replicas=3")
    load.assert_each_has_one_result(report)
    bed.wait_ready()


def test_a_new_configuration_rolls_without_a_failed_request():
    before = {p["metadata"]["uid"] for p in bed.pods("webhook")}
    with load.Load(RATE, 3 * SECONDS) as pushes:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"detection": {"thresholds": {"suspiciousAdditions": 400}}}}})
        report = pushes.stop()
    assert report["failed"] == 0, report["failures"]
    bed.wait_until("every webhook server is a new one", lambda: not before & {p["metadata"]["uid"] for p in bed.pods("webhook")}, 120)
    bed.wait_ready()
    load.assert_each_has_one_result(report)
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"detection": {"thresholds": None}}}})
    bed.wait_ready()
