"""What the stories share: kubectl, waiting with a bound, signed deliveries over the load balancer's HTTPS."""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = "cadence"
CLUSTER = "cadence"
OPERATOR_NAMESPACE = "cadence-system"
GIT_URL = "http://git.cadence-demo.svc:8080/glaze.git"


def run(*command, check=True, stdin=None, timeout=300):
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done


def cluster(*arguments, **options):
    return run(ROOT / "hack/cluster", *arguments, **options)


def kubectl(*arguments, **options):
    return run(ROOT / "hack/cluster", "kubectl", *arguments, **options).stdout


def get(kind, name="", namespace=NAMESPACE, selector=""):
    """One object, or the items of a list; None where a named object is missing."""
    arguments = (
        ["-n", namespace, "get", kind]
        + ([name] if name else [])
        + (["-l", selector] if selector else [])
        + ["-o", "json"]
    )
    done = run(ROOT / "hack/cluster", "kubectl", *arguments, check=False)
    if done.returncode != 0:
        if "NotFound" in done.stderr:
            return None
        raise AssertionError(done.stderr.strip())
    found = json.loads(done.stdout)
    return found if name else found["items"]


def small_cluster(name, **spec):
    """A CadenceCluster of as few pods as can be, but for what `spec` says otherwise."""
    return {
        "apiVersion": "cadence.noslop.tech/v1alpha1",
        "kind": "CadenceCluster",
        "metadata": {"name": name},
        "spec": {
            "webhook": {"replicas": 1},
            "loadBalancer": {"type": "None"},
            "redis": {"shards": 1, "replicasPerShard": 0},
            **spec,
        },
    }


def apply(document, namespace=NAMESPACE):
    kubectl("-n", namespace, "apply", "-f", "-", stdin=json.dumps(document))


def patch(kind, name, change, namespace=NAMESPACE):
    done = cluster("kubectl", "-n", namespace, "patch", kind, name, "--type", "merge", "-p", json.dumps(change))
    assert "unknown field" not in done.stderr, done.stderr  # a warning to kubectl, a story that tests nothing to us


def refusal_of(change):
    """What the API server says against this change of the spec; empty where it takes it."""
    done = run(
        *(ROOT / "hack/cluster", "kubectl", "-n", NAMESPACE, "patch", "cdc", CLUSTER, "--type", "merge"),
        *("-p", json.dumps({"spec": change})),
        check=False,
    )
    return done.stderr if done.returncode != 0 else ""


def psql(statement, instance=None, namespace=NAMESPACE, database="cadence", timeout=300):
    """In the instance's own container, of the primary where none is named; a statement that fails fails the story."""
    instance = instance or get("cadencecluster", CLUSTER)["status"]["postgres"]["primary"]
    client = ("psql", "-h", "/run/postgresql", "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-tAc")
    return kubectl(
        "-n", namespace, "exec", instance, "-c", "postgres", "--", *client, statement, timeout=timeout
    ).strip()


def wait_until(what, probe, seconds=60, every=0.5):
    """Polls until probe() is true and returns its value; says what it waited for when the bound is reached."""
    deadline = time.monotonic() + seconds
    while True:
        is_late = time.monotonic() > deadline  # before the look: one that began in time counts
        try:
            last = probe()
            if last:
                return last
        except (AssertionError, OSError, KeyError, subprocess.TimeoutExpired) as problem:
            last = problem
        if is_late:
            raise AssertionError(f"after {seconds} s still not: {what} (last: {last})")
        time.sleep(every)


def is_own_bed():
    """True on a cluster that hack/cluster made: only there may a story remove a namespace it did not make."""
    cache = (
        os.environ.get("CADENCE_CACHE")
        or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "cadence-ha"
    )
    return pathlib.Path(cluster("kubeconfig").stdout.strip()).is_relative_to(pathlib.Path(cache) / "clusters")


def writes_of_ours(since):
    """Every write that the operator and the agents sent to the API server since then, refused and needless ones too:
    the bed's audit log has a line for each. None on a cluster that is not the bed."""
    if not is_own_bed():
        return None
    ours = tuple(f"system:serviceaccount:{namespace}:" for namespace in (NAMESPACE, OPERATOR_NAMESPACE))
    found = []
    for log in (pathlib.Path(cluster("kubeconfig").stdout.strip()).parent / "log").glob(
        "audit*.log"
    ):  # the API server rotates it
        if log.stat().st_mtime < since.timestamp():
            continue
        for entry in map(json.loads, log.read_text().splitlines()):
            received = datetime.datetime.fromisoformat(entry["requestReceivedTimestamp"].replace("Z", "+00:00"))
            # Who was turned away while the API server started has no name.
            if received >= since and entry["user"].get("username", "").startswith(ours):
                found.append((entry["verb"], entry["objectRef"]["resource"], entry["requestURI"].partition("?")[0]))
    return found


def remove_namespace(name, seconds=240):
    """The namespace, all in it and the volumes it claimed; returns when nothing is left."""
    volumes = [
        v["metadata"]["name"]
        for v in get("persistentvolumes")
        if v["spec"].get("claimRef", {}).get("namespace") == name
    ]
    kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=true", timeout=seconds)
    wait_until(
        f"the volumes of {name} are gone",
        lambda: not set(volumes) & {v["metadata"]["name"] for v in get("persistentvolumes")},
        seconds,
    )


def create_cluster():
    """The CadenceCluster that the stories share, which may clone from the demo's git server."""
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    apply(
        {
            "apiVersion": "cadence.noslop.tech/v1alpha1",
            "kind": "CadenceCluster",
            "metadata": {"name": CLUSTER},
            "spec": {"webhook": {"clone": {"allowedHosts": ["git.cadence-demo.svc"]}}},
        }
    )


def condition(name=CLUSTER, kind="Ready", namespace=NAMESPACE):
    found = get("cadencecluster", name, namespace)
    for entry in (found or {}).get("status", {}).get("conditions", []):
        if entry["type"] == kind:
            return entry
    return {}


def is_ready(name=CLUSTER, namespace=NAMESPACE):
    found = get("cadencecluster", name, namespace) or {}
    ready = [c for c in found.get("status", {}).get("conditions", []) if c["type"] == "Ready"]
    return (
        bool(ready)
        and ready[0]["status"] == "True"
        and ready[0].get("observedGeneration") == found["metadata"]["generation"]
    )


def wait_ready(name=CLUSTER, namespace=NAMESPACE, seconds=180):
    wait_until(f"CadenceCluster {name} is Ready", lambda: is_ready(name, namespace), seconds)


def pods(component, name=CLUSTER, namespace=NAMESPACE):
    return get(
        "pods",
        namespace=namespace,
        selector=f"app.kubernetes.io/instance={name},app.kubernetes.io/component={component}",
    )


def wait_rolled_out(component, name=CLUSTER, namespace=NAMESPACE, seconds=180):
    """Ready says that enough servers answer, which old ones do too;
    here each is of the spec as it is now and no other is left."""

    def rolled_out():
        generation = get("cadencecluster", name, namespace)["metadata"]["generation"]
        progressing = condition(name, "Progressing", namespace)
        return (
            is_ready(name, namespace)
            and progressing["status"] == "False"
            and progressing.get("observedGeneration") == generation
            and not any("deletionTimestamp" in pod["metadata"] for pod in pods(component, name, namespace))
        )

    wait_until(f"the {component} pods of {name} are as its spec says", rolled_out, seconds)


def secret_value(name, key, namespace=NAMESPACE):
    return base64.b64decode(get("secret", name, namespace)["data"][key])


def webhook_secret():
    return secret_value(f"{CLUSTER}-webhook-github", "secret")


def service_address(name=f"{CLUSTER}-lb", namespace=NAMESPACE):
    return get("service", name, namespace)["spec"]["clusterIP"]


def api_token():
    return secret_value(f"{CLUSTER}-api", "token").decode().strip()


def request(method, path, body=b"", headers=None, secure=True, timeout=20):
    """One request through the load balancer, its certificate checked against the cluster's own CA; with the API's token
    where one is asked for, unless the headers have an Authorization of their own (None: without)."""
    headers = dict(headers or {})
    if path.startswith(("/jobs", "/api/", "/ready/")) and "Authorization" not in headers:
        headers["Authorization"] = "Bearer " + api_token()
    headers = {name: value for name, value in headers.items() if value is not None}
    address = service_address()
    if secure:
        context = ssl.create_default_context(cadata=secret_value(f"{CLUSTER}-lb-tls", "ca.crt").decode())
        connection = http.client.HTTPSConnection(address, 443, timeout=timeout, context=context)
        connection._tunnel_host = None
        context.check_hostname = (
            False  # the test goes to the Service's address; the name is checked in story_load_balancer
        )
    else:
        connection = http.client.HTTPConnection(address, 80, timeout=timeout)
    try:
        connection.request(method, path, body, {"Host": f"{CLUSTER}-lb.{NAMESPACE}.svc", **headers})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def push_body(url=GIT_URL, after="", ref="refs/heads/main", name="glaze"):
    return json.dumps(
        {
            "ref": ref,
            "before": "0" * 40,
            "after": after,
            "sent": str(uuid.uuid4()),  # no two pushes have the same body
            "repository": {"id": 7, "name": name, "full_name": f"potters/{name}", "clone_url": url},
            "pusher": {"name": "mira"},
            "commits": [],
        }
    ).encode()


def sign(body, secret=None):
    return "sha256=" + hmac.new(secret or webhook_secret(), body, hashlib.sha256).hexdigest()


def deliver(body, event="push", delivery=None, signature=None, path="/webhooks/github", more=None):
    headers = {
        **(more or {}),
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
    }
    if signature != "":
        headers["X-Hub-Signature-256"] = signature or sign(body)
    status, _, answer = request("POST", path, body, headers)
    return status, json.loads(answer) if answer else {}


def job(job_id):
    status, _, answer = request("GET", f"/jobs/{job_id}")
    return json.loads(answer) if status == 200 else None


def wait_finished(job_id, seconds=90):
    return wait_until(
        f"job {job_id} is finished",
        lambda: (found := job(job_id)) and found["status"] in ("completed", "failed") and found,
        seconds,
    )


def servers_up(lb_pod):
    """The slots in which a load balancer has a webhook server that answers."""
    connection = http.client.HTTPConnection(lb_pod["status"]["podIP"], 8404, timeout=10)
    connection.request("GET", "/stats;csv")
    lines = connection.getresponse().read().decode().splitlines()
    return [line.split(",")[1] for line in lines if line.startswith("webhooks,s") and ",UP," in line]


def operator_pods():
    return get("pods", namespace=OPERATOR_NAMESPACE, selector="app.kubernetes.io/name=cadence-operator")


def kill_operators():
    """All that there are; whoever leads next remembers nothing. One may have ended by itself before."""
    for pod in operator_pods():
        cluster("pod", "kill", f"{OPERATOR_NAMESPACE}/{pod['metadata']['name']}", check=False)


def resident_bytes(pod, container=None):
    """Resident memory of the process with the lowest number in a container, from inside it."""
    arguments = ["-n", pod["metadata"]["namespace"], "exec", pod["metadata"]["name"]]
    arguments += ["-c", container] if container else []
    text = kubectl(*arguments, "--", "cat", "/proc/1/status")
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def explain():
    """What a person would look at first after a failure."""
    for arguments in (
        ["get", "cdc", "-A"],
        ["get", "pods", "-A", "--field-selector", "metadata.namespace!=kube-system"],
        ["-n", OPERATOR_NAMESPACE, "logs", "-l", "app.kubernetes.io/name=cadence-operator", "--tail", "12"],
    ):
        print(last_words(*arguments))
    try:
        found = get("cadencecluster", CLUSTER) or {}
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:  # the very kind may be missing
        print(f"     no conditions: {problem}")
        return
    for entry in found.get("status", {}).get("conditions", []):
        print(f"     {entry['type']}={entry['status']} {entry['reason']}: {entry['message']}")


def last_words(*arguments):
    """What kubectl says to this, refusals too."""
    try:
        done = run(ROOT / "hack/cluster", "kubectl", *arguments, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return (done.stdout + done.stderr)[-3500:]
