"""What somebody deletes or edits comes back; what is not ours stays; with nothing to do nothing is written."""
import collections
import datetime
import os
import time

import bed
import postgres_bed as postgres

STEADY_SECONDS = int(os.environ.get("CADENCE_STEADY_SECONDS", "60"))


def test_a_deleted_child_is_made_again():
    for kind, name in (
        ("service", f"{bed.CLUSTER}-webhook"),
        ("configmap", f"{bed.CLUSTER}-lb"),
        ("poddisruptionbudget", f"{bed.CLUSTER}-webhook"),
        ("deployment", f"{bed.CLUSTER}-webhook"),
    ):
        old = bed.get(kind, name)["metadata"]["uid"]
        bed.kubectl("-n", bed.NAMESPACE, "delete", kind, name, "--wait=false")
        bed.wait_until(
            f"{kind} {name} is back", lambda: (now := bed.get(kind, name)) and now["metadata"]["uid"] != old, 30
        )
        told = lambda: any(
            kind in event["note"].lower() and name in event["note"] and "Restored" in event["note"]
            for event in bed.get("events.events.k8s.io")
        )
        bed.wait_until(f"an event tells of {kind} {name}", told, 30)
    bed.wait_ready()


def test_an_edited_child_is_restored_and_foreign_labels_stay():
    name = f"{bed.CLUSTER}-webhook"
    bed.patch(
        "service",
        name,
        {"metadata": {"labels": {"team": "kiln"}}, "spec": {"selector": {"app.kubernetes.io/component": "nothing"}}},
    )
    bed.wait_until(
        "the selector is restored",
        lambda: bed.get("service", name)["spec"]["selector"]["app.kubernetes.io/component"] == "webhook",
        30,
    )
    assert bed.get("service", name)["metadata"]["labels"]["team"] == "kiln"
    bed.patch("service", name, {"metadata": {"labels": {"team": None}}})


def test_a_deleted_redis_pod_rejoins():
    pod = f"{bed.CLUSTER}-redis-1-0"
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", pod, "--wait=true")
    wanted = sorted(f"{bed.CLUSTER}-redis-{s}-{i}" for s in range(3) for i in range(2))

    def all_are_members():
        shards = bed.get("cadencecluster", bed.CLUSTER)["status"]["redis"]["shards"]
        return sorted([s["master"] for s in shards] + [r for s in shards for r in s.get("replicas", [])]) == wanted

    bed.wait_until("the pod is a member again", all_are_members, 60)
    bed.wait_ready()


def test_a_deleted_standby_is_made_again_and_streams():
    primary = bed.get("cadencecluster", bed.CLUSTER)["status"]["postgres"]["primary"]
    standby = next(p["metadata"]["name"] for p in bed.pods("postgres") if p["metadata"]["name"] != primary)
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", standby, "--wait=true")
    bed.wait_ready()
    assert bed.get("cadencecluster", bed.CLUSTER)["status"]["postgres"]["primary"] == primary


def versions():
    found = {}
    for kind in (
        "cadenceclusters",
        "deployments",
        "statefulsets",
        "services",
        "secrets",
        "configmaps",
        "pods",
        "pvc",
        "pdb",
        "networkpolicies",
        "roles",
        "rolebindings",
        "serviceaccounts",
        "endpointslices",
    ):
        for item in bed.get(kind):
            found[f"{kind}/{item['metadata']['name']}"] = item["metadata"]["resourceVersion"]
    return found


def tells_of_before(write, since):
    """The last word on a series of events comes when it has been silent for six minutes."""
    verb, resource, uri = write
    if (verb, resource) != ("patch", "events"):
        return False
    namespace, _, name = uri.rsplit("/", 3)[1:]
    event = bed.get("events.events.k8s.io", name, namespace)
    # One that is gone went with its namespace.
    return (
        event is None
        or datetime.datetime.fromisoformat(event["series"]["lastObservedTime"].replace("Z", "+00:00")) < since
    )


def probe_was_missed(since):
    """A machine that stood still for some seconds: a pod's readiness changed, and all that follows from it."""
    moments = [
        c["lastTransitionTime"] for p in bed.get("pods") for c in p["status"]["conditions"] if c["type"] == "Ready"
    ]
    return any(
        datetime.datetime.fromisoformat(m.replace("Z", "+00:00")) >= since - datetime.timedelta(seconds=1)
        for m in moments
    )


def resident_over(seconds):
    """MiB of the operator that stands by and of the one that leads, each look of that time: neither the lowest moment
    nor a luckily late one is the figure. A minute holds every look at the cluster and a giving back of memory."""
    leader = bed.get("lease", "cadence-operator", bed.OPERATOR_NAMESPACE)["spec"]["holderIdentity"]
    pods = sorted(bed.operator_pods(), key=lambda pod: leader.startswith(pod["metadata"]["name"]))
    assert pods and leader.startswith(pods[-1]["metadata"]["name"])
    seen = {pod["metadata"]["name"]: [] for pod in pods}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for pod in pods:
            seen[pod["metadata"]["name"]].append(bed.resident_bytes(pod) / 2**20)
        time.sleep(2)
    return list(seen.values())[0], list(seen.values())[-1], pods[-1]["spec"]["containers"][0]["resources"]["requests"]


def judge_memory(standby, leading, requests):
    print(
        f"     figure: operator resident memory in {STEADY_SECONDS} s {min(leading):.1f} to {max(leading):.1f} MiB"
        f" leading, {min(standby):.1f} to {max(standby):.1f} MiB standing by (aim 15 at rest)"
    )
    requested = requests["memory"]
    assert requested.endswith("Mi") and max(leading + standby) <= int(
        requested[:-2]
    ), f"more than the chart requests, {requested}: {leading} {standby}"
    for component, container in (("postgres", "postgres"), ("redis", "redis"), ("lb", "agent")):
        sizes = [bed.resident_bytes(p, container) / 2**20 for p in bed.pods(component)]
        print(f"     figure: agent in {component} pods, resident at most {max(sizes):.1f} MiB (aim 10)")
        assert max(sizes) <= 10


def test_the_steady_state_is_small_and_writes_nothing_but_leases():
    for is_last in (False, False, True):
        bed.wait_ready()
        before = bed.wait_until("two looks in a row agree", lambda: (a := versions()) == versions() and a, 60)
        since = datetime.datetime.now(datetime.timezone.utc)
        memory = resident_over(STEADY_SECONDS)  # the length of the observation is the measure
        after = versions()
        if is_last or not probe_was_missed(since):
            break
    assert before == after, {k: (before.get(k), v) for k, v in after.items() if before.get(k) != v}
    writes = bed.writes_of_ours(since)
    # A write that changes nothing leaves no trace in the objects, but it is a write.
    others = [w for w in writes or [] if w[1] != "leases" and not tells_of_before(w, since)]
    assert not others, collections.Counter(others).most_common(5)
    renewals = [w for w in writes or [] if w[1] == "leases"]
    print(
        f"     figure: no write but {'Lease renewals' if writes is None else f'{len(renewals)} Lease renewals'} in"
        f" {STEADY_SECONDS} s"
    )
    judge_memory(*memory)


def slices_of(service):
    return {s["metadata"]["name"] for s in bed.get("endpointslices", selector=f"kubernetes.io/service-name={service}")}


def test_what_others_add_to_what_an_object_selects_is_taken_away():
    lb, writable = f"{bed.CLUSTER}-lb", f"{bed.CLUSTER}-postgres-rw"
    before = bed.get("service", lb)["spec"]["selector"]
    bed.patch("service", lb, {"spec": {"selector": {"team": "kiln"}}})
    bed.patch("deployment", lb, {"spec": {"paused": True}})
    bed.patch("service", writable, {"spec": {"selector": {"app.kubernetes.io/component": "postgres"}}})
    bed.wait_until(
        "the load balancer's Service selects its pods again",
        lambda: bed.get("service", lb)["spec"]["selector"] == before,
        30,
    )
    bed.wait_until("its Deployment goes on", lambda: not bed.get("deployment", lb)["spec"].get("paused"), 30)
    bed.wait_until(
        "the writable Service has no selector", lambda: not bed.get("service", writable)["spec"].get("selector"), 30
    )
    # Kubernetes made slices with every instance, and lets them lie.
    bed.wait_until(
        "it leads to the primary alone",
        lambda: slices_of(writable) == {writable}
        and "cadence.noslop.tech/had-selector" not in bed.get("service", writable)["metadata"].get("annotations", {}),
        60,
    )
    bed.wait_ready()


def test_a_spec_that_breaks_a_rule_is_refused_and_named():
    for change, field in (
        ({"redis": {"shards": 2}}, "spec.redis.shards"),
        ({"postgres": {"instances": 1}}, "spec.postgres"),
        ({"webhook": {"replicas": 101}}, "spec.webhook.replicas"),
        ({"postgres": {"parameters": {"port": "1"}}}, "spec.postgres.parameters"),
        ({"redis": {"storage": {"size": "1Mi"}}}, "spec.redis.storage.size"),
        ({"webhook": {"ingest": {"ackDeadline": "61s"}}}, "spec.webhook.ingest.ackDeadline"),
        ({"webhook": {"ingest": {"inFlightBytes": "1Mi"}}}, "spec.webhook.ingest.inFlightBytes"),
        ({"webhook": {"retention": {"results": "5m"}}}, "spec.webhook.retention.results"),
        ({"webhook": {"clone": {"timeout": "1h"}}}, "spec.webhook.clone.timeout"),
    ):
        said = bed.refusal_of(change)
        assert field in said, (change, said)


def wait_said(kind, reason, *words):
    """The condition names the reason and says all of the words."""

    def probe():
        found = bed.condition(kind=kind)
        return found.get("reason") == reason and all(word in found["message"] for word in words)

    bed.wait_until(f"{kind} says {reason}", probe, 30)


def test_parts_that_are_not_built_yet_say_so_and_take_nothing_away():
    lb, webhook = (f"{bed.CLUSTER}-{name}" for name in ("lb", "webhook"))
    before = {name: bed.get("deployment", name)["metadata"]["uid"] for name in (lb, webhook)}
    template = bed.get("deployment", webhook)["spec"]["template"]
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"loadBalancer": {"type": "Nginx"}, "redis": {"shards": 5}}})
    wait_said("LoadBalancerReady", "NotImplemented", "stays HAProxy", "2/2")
    wait_said("RedisReady", "NotImplemented", "All 16384 slots are served by 3 shards", "back to 3")
    wait_said("Degraded", "NotImplemented", "spec.loadBalancer.type", "spec.redis.shards")
    assert bed.condition()["status"] == "False"
    assert before == {name: bed.get("deployment", name)["metadata"]["uid"] for name in before}
    assert bed.get("deployment", webhook)["spec"]["template"] == template
    assert bed.get("statefulset", f"{bed.CLUSTER}-redis-3") is None
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"loadBalancer": {"type": "HAProxy"}, "redis": {"shards": 3}}})
    bed.wait_ready()


def test_a_missing_secret_is_named_and_waited_for():
    webhook = f"{bed.CLUSTER}-webhook"
    template = bed.get("deployment", webhook)["spec"]["template"]
    secret = bed.webhook_secret().decode()
    bed.patch(
        "cadencecluster",
        bed.CLUSTER,
        {"spec": {"webhook": {"secrets": {"github": [{"secretRef": {"name": "hook", "key": "github"}}]}}}},
    )
    wait_said("Degraded", "SecretMissing", "spec.webhook.secrets.github[0].secretRef", 'Secret "hook" not found')
    wait_said("WebhookReady", "SecretMissing", "3/3")
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook"}, "stringData": {"other": secret}}
    bed.apply(document)
    wait_said("Degraded", "SecretMissing", 'Secret "hook" has no key "github"')
    assert bed.get("deployment", webhook)["spec"]["template"] == template
    bed.apply({**document, "stringData": {"github": secret}})
    bed.wait_ready()
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"secrets": {"github": None}}}})
    bed.wait_ready()
    bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", "hook")


def test_without_a_webhook_server_the_cluster_is_not_ready():
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"replicas": 0}}})
    wait_said("Ready", "ScaledToZero", "spec.webhook.replicas")
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"replicas": 3}}})
    bed.wait_ready()


def test_servers_that_cannot_store_are_not_called_ready():
    postgres.sql("revoke all on delivery from public, cadence")  # which workers do not write, so only looking shows it
    wait_said(
        "WebhookReady",
        "StoreUnavailable",
        "No webhook server can write",
        "503",
        "OWNER TO cadence",
        "PostgreSQL says: permission denied for table delivery (42501)",
    )
    assert bed.condition(kind="PostgresReady")["status"] == "True" and bed.condition()["status"] == "False"
    postgres.sql("grant all on delivery to cadence")
    bed.wait_ready()


def test_paused_changes_nothing():
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"paused": True}})
    bed.wait_until("the pause is reported", lambda: bed.condition(kind="Progressing").get("reason") == "Paused", 30)
    name = f"{bed.CLUSTER}-webhook"
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pdb", name)
    time.sleep(15)  # an operator that looked would have made it again within a second; it looks every ten
    assert bed.get("pdb", name) is None, "it was made again in spite of the pause"
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"paused": False}})
    bed.wait_until("the budget is back", lambda: bed.get("pdb", name), 30)
    bed.wait_ready()
