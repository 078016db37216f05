"""Faults of a PostgreSQL cluster, made for real on the test bed, and the processes they strike."""
import dataclasses
import pathlib
import time
import typing

import api
import bed
import postgres_bed as postgres


@dataclasses.dataclass
class Injected:
    """What was done, to whom, and how it is taken back (None: nothing to take back)."""

    victim: str
    undo: typing.Optional[typing.Callable[[], None]] = None


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int  # on this machine
    inner: int  # in the pod
    parent: int
    name: str
    title: str


def read_process(pid):
    try:
        lines = dict(
            line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (OSError, ValueError):
        return None
    if lines["State"].split()[0] in "ZX":
        return None
    return Process(pid, int(lines["NSpid"].split()[-1]), int(lines["PPid"]), lines["Name"].strip(), title)


def pids(instance, namespace=bed.NAMESPACE):
    return [int(p) for p in bed.cluster("pod", "pids", f"{namespace}/{instance}", "postgres").stdout.split()]


def processes(instance, namespace=bed.NAMESPACE):
    return [p for p in map(read_process, pids(instance, namespace)) if p]


def the_one(instance, what, is_it):
    """The process, or an AssertionError while it does not run: waits go on then."""
    found = [p for p in processes(instance) if is_it(p)]
    assert found, f"{instance} runs no {what}"
    return found[0]


def pid_one(instance):
    return the_one(instance, "PID 1", lambda p: p.inner == 1)


def postmaster(instance):
    found = processes(instance)
    servers = {p.pid for p in found if p.name == "postgres"}
    return the_one(instance, "postmaster", lambda p: p.name == "postgres" and p.parent not in servers)


def receiver(instance):
    return the_one(instance, "WAL receiver", lambda p: "walreceiver" in p.title)


def kill(process, signal):
    bed.run("kill", f"-{signal}", process.pid, check=False)


# What befalls a pod.


def delete_by_force(instance):
    api.delete("pods", instance.name, grace_seconds=0)
    return Injected(instance.name)


def kill_postmaster(instance):
    kill(postmaster(instance.name), "KILL")
    return Injected(instance.name)


def kill_pid_one(instance):
    kill(pid_one(instance.name), "KILL")
    return Injected(instance.name)


def freeze_pod(instance, container="postgres"):
    group = bed.cluster("pod", "group", f"{bed.NAMESPACE}/{instance.name}", container).stdout.strip()
    bed.cluster("group", "freeze", group)
    return Injected(instance.name, lambda: bed.cluster("group", "thaw", group, check=False))


# What befalls a node.


def stop_node(instance):
    bed.cluster("node", "stop", instance.node)
    return Injected(instance.name, lambda: bed.cluster("node", "start", instance.node))


def cut_node(instance):
    bed.cluster("node", "cut", instance.node)
    return Injected(instance.name, lambda: bed.cluster("node", "heal", instance.node))


def freeze_node(instance):
    bed.cluster("node", "freeze", instance.node)
    return Injected(instance.name, lambda: bed.cluster("node", "thaw", instance.node))


def node_network(node):
    """A command prefix: inside that node's network, where its own pods answer also while its cable is out."""
    number = (pathlib.Path(bed.cluster("kubeconfig").stdout.strip()).parent / "number").read_text().strip()
    return ["nsenter", f"--net=/run/netns/cha{number}-n{node}"]


def for_a_while(fault, instance, seconds):
    injected = fault(instance)
    try:
        time.sleep(seconds)  # how long it lasts is the round's input
    finally:
        injected.undo()


# What befalls everybody.


def stop_api():
    bed.cluster("api", "stop")
    return Injected("", lambda: bed.cluster("api", "start"))


def scale_operator(replicas):
    bed.kubectl("-n", bed.OPERATOR_NAMESPACE, "scale", "deployment/cadence-operator", f"--replicas={replicas}")
    bed.wait_until(
        f"{replicas} operators run",
        lambda: len(
            [
                p
                for p in bed.operator_pods()
                if all(s["ready"] for s in p["status"].get("containerStatuses", [{"ready": False}]))
            ]
        )
        == replicas
        and len(bed.operator_pods()) == replicas,
        90,
    )


def ask_for(primary):
    """A planned switchover; "" takes the request back."""
    api.patch("cadenceclusters", bed.CLUSTER, {"spec": {"postgres": {"switchoverTo": primary}}})


def switch_over(view, target=None):
    target = target or view.standbys[0]
    ask_for(target.name)
    return Injected(view.primary.name, lambda: ask_for(""))


def restore_everything():
    """After a round that broke off: no node stays stopped, cut or frozen, the API server is there, the operator too."""
    bed.cluster("api", "start", check=False)
    for line in bed.cluster("status", check=False).stdout.splitlines():
        name, _, rest = line.partition(": ")
        if name.startswith("node") and name.removeprefix("node").isdigit():
            for state, verb in (("frozen", "thaw"), ("cut", "heal"), ("stopped", "start"), ("broken", "start")):
                if rest.startswith(state):
                    bed.cluster("node", verb, name.removeprefix("node"), check=False)
    for state in pathlib.Path("/sys/fs/cgroup/freezer").glob("cha*-n*/**/freezer.self_freezing"):
        group = state.parent
        if belongs_to_bed(group) and state.read_text().strip() == "1":
            (group / "freezer.state").write_text("THAWED")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            ask_for("")
            break
        except (OSError, AssertionError):
            time.sleep(1)
    if bed.get("deployment", "cadence-operator", bed.OPERATOR_NAMESPACE)["spec"]["replicas"] == 0:
        scale_operator(2)


def belongs_to_bed(group):
    number = (pathlib.Path(bed.cluster("kubeconfig").stdout.strip()).parent / "number").read_text().strip()
    return any(part.startswith(f"cha{number}-n") for part in group.parts)
