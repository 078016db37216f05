"""What keeps a spec from being carried out is said where a user looks, with the field that changes it;
what works goes on meanwhile."""
import datetime
import json
import ssl
import subprocess
import tempfile
import threading

import bed
import load
import postgres_bed as postgres


def wait_degraded(reason, *words, seconds=90):
    def probe():
        found = bed.condition(kind="Degraded")
        return (
            found.get("status") == "True"
            and found.get("reason") == reason
            and all(word in found["message"] for word in words)
        )

    bed.wait_until(f"Degraded says {reason} with {words}", probe, seconds)


def wait_well():
    bed.wait_ready(seconds=240)
    bed.wait_until("nothing is degraded", lambda: bed.condition(kind="Degraded").get("status") == "False", 60)


def test_a_pod_without_a_node_or_an_image_is_named_with_the_field():
    bed.wait_ready()
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"postgres": {"resources": {"requests": {"cpu": "500"}}}}})
    wait_degraded(
        "PodUnschedulable", f"Pod {bed.CLUSTER}-postgres-", "Insufficient cpu", "spec.postgres.resources.requests"
    )
    bed.patch(
        "cadencecluster",
        bed.CLUSTER,
        {"spec": {"postgres": {"resources": None}, "images": {"postgres": "localhost:1/nobody/postgres:gone"}}},
    )
    wait_degraded(
        "ImageNotPulled",
        f"Pod {bed.CLUSTER}-postgres-",
        "localhost:1/nobody/postgres:gone",
        "Correct spec.images.postgres",
    )
    assert "accepts writes" in bed.condition(kind="PostgresReady")["message"], bed.condition(kind="PostgresReady")
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"images": {"postgres": None}}})
    wait_well()


def test_a_pod_that_failed_does_not_lie_about():
    pod = bed.pods("lb")[0]["metadata"]["name"]
    # As the kubelet leaves one that it evicted.
    bed.kubectl(
        "-n",
        bed.NAMESPACE,
        "patch",
        "pod",
        pod,
        "--subresource=status",
        "--type=merge",
        "-p",
        json.dumps(
            {"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}}
        ),
    )
    bed.wait_until("it is removed", lambda: bed.get("pod", pod) is None, 90)
    wait_well()


class Pairs:
    """Certificates of an authority that the cluster does not know."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def make(self, name):
        key, certificate = (f"{self.folder.name}/{name}.{end}" for end in ("key", "crt"))
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                f"/CN={name}",
                "-days",
                "30",
                "-keyout",
                key,
                "-out",
                certificate,
            ],
            check=True,
            capture_output=True,
        )
        return open(certificate).read(), open(key).read()


def give(certificate, key):
    bed.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "own"},
            "type": "kubernetes.io/tls",
            "stringData": {"tls.crt": certificate, "tls.key": key},
        }
    )


def served_by(pod):
    return ssl.get_server_certificate((pod["status"]["podIP"], 8443), timeout=10)


def wait_served(certificate, seconds=120):
    """By every load balancer that is there."""

    def probe():
        pods = [p for p in bed.pods("lb") if "deletionTimestamp" not in p["metadata"]]
        return len(pods) == 2 and all(served_by(pod).strip() == certificate.strip() for pod in pods)

    bed.wait_until("every load balancer serves it", probe, seconds)


class Deliveries:
    """A push every 200 ms over HTTPS, whatever certificate is shown; counts those that were not accepted."""

    def __enter__(self):
        self.address, self.secret, self.over = bed.service_address(), bed.webhook_secret(), threading.Event()
        self.sent, self.failed = 0, []
        self.thread = threading.Thread(target=self.send_all)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(60)

    def send_all(self):
        while not self.over.wait(0.2):
            try:
                status = self.send_one()
            except OSError as problem:
                status = problem
            self.sent += 1
            if status != 202:
                self.failed.append(status)

    def send_one(self):
        body = bed.push_body()
        connection = bed.http.client.HTTPSConnection(
            self.address, 443, timeout=20, context=ssl._create_unverified_context()
        )
        try:
            connection.request(
                "POST",
                "/webhooks/github",
                body,
                {
                    "Content-Type": "application/json",
                    "X-GitHub-Event": "push",
                    "X-GitHub-Delivery": str(bed.uuid.uuid4()),
                    "X-Hub-Signature-256": bed.sign(body, self.secret),
                },
            )
            return connection.getresponse().status
        finally:
            connection.close()


def warnings_about_balancers(since):
    """That a hook failed, or that a Secret is gone which a pod mounts.
    A kubelet that has not heard of a new pod's Secrets yet is neither."""
    found = set()
    for event in bed.get("events"):
        if (
            not event["involvedObject"]["name"].startswith(f"{bed.CLUSTER}-lb-")
            or (event["lastTimestamp"] or event["eventTime"]) < since
        ):
            continue
        if event["reason"] == "FailedPreStopHook" or (
            event["reason"] == "FailedMount" and "not found" in event["message"]
        ):
            found.add(f"{event['reason']}: {event['message'][:160]}")
    return found


def test_a_certificate_that_does_not_fit_takes_nothing_away():
    since = datetime.datetime.now(datetime.timezone.utc).isoformat()
    pairs = Pairs()
    first, second = pairs.make("first"), pairs.make("second")
    give(*first)
    with Deliveries() as deliveries:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"loadBalancer": {"tls": {"secretName": "own"}}}})
        wait_served(first[0])
        give(second[0], first[1])
        wait_degraded(
            "CertificateUnfit", "spec.loadBalancer.tls.secretName", 'Secret "own"', "tls.key is not the key of tls.crt"
        )
        # Every balancer is a new one: it starts with the last pair that could be used.
        bed.kubectl("-n", bed.NAMESPACE, "rollout", "restart", "deployment", f"{bed.CLUSTER}-lb")
        bed.kubectl("-n", bed.NAMESPACE, "rollout", "status", "deployment", f"{bed.CLUSTER}-lb", "--timeout=120s")
        wait_served(first[0])
        give(*second)
        wait_served(second[0])
        wait_well()
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"loadBalancer": {"tls": {"secretName": ""}}}})
        wait_served(
            bed.wait_until(
                "the operator's own is back",
                lambda: (c := bed.secret_value(f"{bed.CLUSTER}-lb-tls", "tls.crt").decode()) != second[0] and c,
                60,
            )
        )
    assert (
        not deliveries.failed
    ), f"{len(deliveries.failed)} of {deliveries.sent} deliveries failed, for instance {deliveries.failed[0]}"
    print(
        f"     figure: {deliveries.sent} deliveries through four certificates and a restart of every load balancer, 0"
        " failed"
    )
    assert not warnings_about_balancers(since), warnings_about_balancers(since)
    bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", "own")
    wait_well()


def begun(component):
    return {pod["metadata"]["name"]: pod["metadata"]["creationTimestamp"] for pod in bed.pods(component)}


def test_a_deleted_service_account_ends_neither_failover_nor_balancing():
    """The tokens of its pods are of the account that is gone: the API server refuses them until the pods are others."""
    bed.wait_ready()
    accounts = {component: f"{bed.CLUSTER}-{component}" for component in ("postgres", "lb")}
    before = {name: bed.get("serviceaccount", name)["metadata"]["uid"] for name in accounts.values()}
    with load.Load(20, 30) as pushes:
        bed.kubectl("-n", bed.NAMESPACE, "delete", "serviceaccount", *accounts.values())
        for component, name in accounts.items():
            made = bed.wait_until(
                f"ServiceAccount {name} is there again",
                lambda n=name: (found := bed.get("serviceaccount", n))
                and found["metadata"]["uid"] != before[n]
                and found["metadata"]["creationTimestamp"],
                30,
            )
            bed.wait_until(
                f"every {component} pod began with it",
                lambda c=component, m=made: (pods := begun(c)) and all(at >= m for at in pods.values()),
                180,
            )
        bed.wait_ready(seconds=120)
        report = pushes.stop()
    assert report["failed"] == 0, report["failures"]
    load.assert_each_has_one_result(report)
    old = postgres.holder()
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", old, "--force", "--grace-period=0", "--wait=false")
    bed.wait_until("another instance leads", lambda: postgres.holder() not in ("", old), 30)
    bed.wait_ready(seconds=120)
