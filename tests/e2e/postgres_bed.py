"""PostgreSQL as the faults and the stories see it: who is primary, who streams, and when all is well again."""
import dataclasses
import http.client
import json
import time

import api
import bed

PREFIX = "cadence.noslop.tech/"
HEALTHY_SECONDS = 180


@dataclasses.dataclass(frozen=True)
class Instance:
    name: str
    uid: str
    ip: str
    node: str  # its number
    is_ready: bool
    restarts: int


@dataclasses.dataclass(frozen=True)
class View:
    """One healthy moment; addresses in it stay useful while the API server is away."""

    primary: Instance
    standbys: tuple
    term: int
    timeline: int

    def all(self):
        return (self.primary, *self.standbys)


def instance_of(pod):
    statuses = pod.get("status", {}).get("containerStatuses", [])
    return Instance(
        pod["metadata"]["name"],
        pod["metadata"]["uid"],
        pod["status"].get("podIP", ""),
        pod["spec"].get("nodeName", "").removeprefix("node"),
        bool(statuses) and all(s["ready"] for s in statuses) and "deletionTimestamp" not in pod["metadata"],
        sum(s["restartCount"] for s in statuses),
    )


def instances(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    selector = f"app.kubernetes.io/instance={cluster},app.kubernetes.io/component=postgres"
    return sorted((instance_of(p) for p in api.items("pods", selector, namespace)), key=lambda i: i.name)


def lease(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    return api.get("leases", f"{cluster}-postgres", namespace)


def holder(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    return (lease(cluster, namespace) or {}).get("spec", {}).get("holderIdentity", "")


def term(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    return lease(cluster, namespace)["spec"].get("leaseTransitions", 0)


def annotation(name, cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    return (lease(cluster, namespace) or {}).get("metadata", {}).get("annotations", {}).get(PREFIX + name, "")


def last_failover():
    """What the newest primary told of how it came about; {} when nothing was told."""
    text = annotation("failover")
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}


def agent(ip, path="/status", timeout=2):
    """(code, body) of an agent's open endpoint; (0, "") when it does not answer."""
    connection = http.client.HTTPConnection(ip, 8008, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def status(ip, timeout=2):
    code, body = agent(ip, timeout=timeout)
    return json.loads(body) if code == 200 else {}


def why_not_healthy(wanted, cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    """(View, "") or (None, what is missing)."""
    name, found = holder(cluster, namespace), instances(cluster, namespace)
    if len(found) != wanted or not all(i.ip for i in found):
        return None, f"pods: {[i.name for i in found]}"
    if name not in [i.name for i in found]:
        return None, f"the Lease is held by {name or 'nobody'}"
    told = {i.name: status(i.ip) for i in found}
    primary = told[name]
    if not primary.get("is_writable"):
        return None, f"{name} holds the Lease and is {primary.get('role', 'silent')}: {primary.get('message', '')}"
    streaming = {r["name"] for r in primary.get("replication", []) if r["state"] == "streaming"}
    for instance in found:
        if not instance.is_ready:
            return None, f"{instance.name} is not ready: {told[instance.name].get('message', 'silent')}"
        if instance.name != name and not (
            instance.name in streaming
            and told[instance.name].get("is_streaming")
            and told[instance.name].get("role") == "standby"
        ):
            return None, f"{instance.name} does not stream: {told[instance.name].get('message', 'silent')}"
    listed = primary.get("synchronous_standby_names", "")
    if wanted > 1 and listed and not any(i.name in listed for i in found if i.name != name):
        return None, f"nobody is synchronous: {listed}"
    view = View(
        next(i for i in found if i.name == name),
        tuple(i for i in found if i.name != name),
        term(cluster, namespace),
        primary.get("timeline", 0),
    )
    return view, ""


def wanted_instances(cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    return api.get("cadenceclusters", cluster, namespace)["spec"].get("postgres", {}).get("instances", 3)


def wait_healthy(seconds=HEALTHY_SECONDS, cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    """A primary that writes, every other instance ready and streaming from it."""
    wanted = wanted_instances(cluster, namespace)
    deadline, last = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            view, last = why_not_healthy(wanted, cluster, namespace)
            if view:
                return view
        except (OSError, AssertionError) as problem:
            last = str(problem)
        time.sleep(0.25)
    raise AssertionError(f"after {seconds} s PostgreSQL is still not healthy: {last}")


def wait_serving(name, seconds=HEALTHY_SECONDS, only_as_standby=False):
    """The instance streams again, or writes as primary; gives what states its agent went through."""
    seen = []

    def probe():
        found = next((i for i in instances() if i.name == name), None)
        told = status(found.ip) if found and found.ip else {}
        state = told.get("state") or told.get("role") or "silent"
        if not seen or seen[-1] != state:
            seen.append(state)
        if holder() == name:
            return told.get("is_writable") and not only_as_standby
        return told.get("role") == "standby" and told.get("is_streaming")

    bed.wait_until(f"{name} streams" + ("" if only_as_standby else " or writes"), probe, seconds, 0.25)
    return seen


def wait_streaming(name, seconds=HEALTHY_SECONDS):
    """The instance follows another primary."""
    return wait_serving(name, seconds, only_as_standby=True)


def fresh_standbys():
    """Replaces the pods of standbys that were restarted before: kubelet's back-off (10 s to 5 min) is not what we
    measure."""
    for standby in wait_healthy().standbys:
        if standby.restarts > 0:
            api.delete("pods", standby.name, grace_seconds=2)
            bed.wait_until(
                f"{standby.name} is a new pod",
                lambda: (p := api.get("pods", standby.name)) and p["metadata"]["uid"] != standby.uid,
                90,
                0.3,
            )
            wait_healthy()


def sql(text, instance=None, database="cadence", timeout=60):
    """As the superuser, through the socket in the pod."""
    return bed.psql(text, instance or holder(), database=database, timeout=timeout)
