"""NetworkPolicies held to for once: what must reach whom does, nothing else does, whatever labels it puts on."""
import bed

OUTSIDE, MONITORING = "policy-strangers", "monitoring"
OPERATOR, PROMETHEUS = {"app.kubernetes.io/name": "cadence-operator"}, {"app.kubernetes.io/name": "prometheus"}


def webhook_labels():
    labels = bed.pods("webhook")[0]["metadata"]["labels"]
    return {key: value for key, value in labels.items() if key != "pod-template-hash"}


def start(pod, namespace, labels):
    bed.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": pod, "labels": labels},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "automountServiceAccountToken": False,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": 1000,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "caller",
                        "image": "cadence-git:dev",
                        "imagePullPolicy": "IfNotPresent",
                        "command": ["sleep", "600"],
                        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    }
                ],
            },
        },
        namespace,
    )


def targets():
    """What is worth reaching: a pod of each component, and its ports."""
    ports = {"postgres": (5432, 8008, 8009), "redis": (6379, 16379), "webhook": (8000,), "lb": (8404, 8443)}
    return {
        f"{component}:{port}": (bed.pods(component)[0]["status"]["podIP"], port)
        for component, each in ports.items()
        for port in each
    }


def reached(pod, namespace, places):
    """Which of the places take a connection from there; all are tried at once, a refused packet gets no answer."""
    script = "".join(
        f"(timeout 3 bash -c ': </dev/tcp/{address}/{port}' 2>/dev/null && echo {name}) & "
        for name, (address, port) in places.items()
    )
    return set(bed.kubectl("-n", namespace, "exec", pod, "--", "bash", "-c", script + "wait").split())


def test_policies_let_in_what_is_needed_and_nothing_else():
    callers = [
        ("stranger", OUTSIDE, {}, {"lb:8443"}),
        ("liar", OUTSIDE, OPERATOR, {"lb:8443"}),
        ("false-scraper", OUTSIDE, PROMETHEUS, {"lb:8443"}),
        ("twin", OUTSIDE, webhook_labels(), {"lb:8443"}),
        ("prometheus", MONITORING, PROMETHEUS, {"lb:8443", "lb:8404", "webhook:8000", "postgres:8008"}),
        ("neighbour", MONITORING, {}, {"lb:8443"}),
        ("inside", bed.NAMESPACE, {}, {"lb:8443", "lb:8404"}),
    ]
    try:
        for namespace in (OUTSIDE, MONITORING):
            bed.kubectl("create", "namespace", namespace)
        for pod, namespace, labels, _ in callers:
            start(pod, namespace, labels)
        for pod, namespace, _, _ in callers:
            bed.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod", pod, "--timeout=60s", timeout=70)
        places = targets()
        assert reached("stranger", OUTSIDE, places) == set(
            places
        ), "without a policy engine everything is open; else this story shows nothing"
        bed.cluster("policies", "enforce")
        bed.wait_until("a stranger is kept out", lambda: reached("stranger", OUTSIDE, places) == {"lb:8443"}, 60)
        for pod, namespace, _, wanted in callers:
            bed.wait_until(
                f"{pod} in {namespace} reaches {sorted(wanted)} and no more",
                lambda: reached(pod, namespace, places) == wanted,
                20,
            )
        # And what is ours works: replication, probes, the operator's looks, clients of the database.
        for pod in (bed.pods("postgres")[0], bed.pods("redis")[0]):
            bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", pod["metadata"]["name"], "--wait=true")
        status, answer = bed.wait_until(
            "a push is accepted", lambda: (sent := bed.deliver(bed.push_body()))[0] == 202 and sent, 60
        )
        assert bed.wait_finished(answer["job_id"])["status"] == "completed"
        bed.wait_ready()
    finally:
        bed.cluster("policies", "ignore")
        bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", "inside", "--ignore-not-found")
        for namespace in (OUTSIDE, MONITORING):
            bed.kubectl("delete", "namespace", namespace, "--ignore-not-found", timeout=120)
