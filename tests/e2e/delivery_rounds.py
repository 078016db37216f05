"""The kill matrix of deliveries: signed pushes come in while something that serves them dies or stands still.

Whatever it is: each push that was answered 202 has exactly one result; each that was not is sent again as its sender
would be asked to, and has exactly one as well, also where only the answer had been lost.
"""
import dataclasses
import random
import time

import bed
import load
import postgres_bed as postgres
import postgres_faults as faults
import story_03_availability as availability

REDELIVERY_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Victim:
    name: str
    component: str
    container: str

    def pick(self, which):
        """The pod, in the words of the faults; of those that lead, where only one that leads is worth it."""
        if self.component == "postgres":
            leader = postgres.holder()
            return next(one for one in postgres.instances() if one.name == leader)
        found = availability.redis_masters() if self.component == "redis" else bed.pods(self.component)
        return postgres.instance_of(found[which % len(found)])


VICTIMS = (
    Victim("webhook server", "webhook", "webhook"),
    Victim("load balancer", "lb", "haproxy"),
    Victim("Redis master", "redis", "redis"),
    Victim("PostgreSQL primary", "postgres", "postgres"),
)


def kill(victim, pod):
    bed.cluster("pod", "kill", f"{bed.NAMESPACE}/{pod.name}", victim.container)


def lasting(fault):
    return lambda victim, pod, seconds: faults.for_a_while(fault, pod, seconds)


# What happens to the pod, for how long where it lasts.
WAYS = {
    "killed": lambda victim, pod, _: kill(victim, pod),
    "frozen": lambda victim, pod, seconds: faults.for_a_while(
        lambda one: faults.freeze_pod(one, victim.container), pod, seconds
    ),
    "deleted by force": lambda victim, pod, _: faults.delete_by_force(pod),
    "'s node without power": lasting(faults.stop_node),
    "'s node frozen": lasting(faults.freeze_node),
    "'s node cut off": lasting(faults.cut_node),
}


@dataclasses.dataclass
class Round:
    cell: str
    lasts: float
    sent: int = 0
    refused: int = 0  # not answered 202 at first
    failures: list = dataclasses.field(default_factory=list)
    p99_ms: float = 0.0

    def sentence(self):
        why = f", for instance: {self.failures[0]}" if self.failures else ""
        return (
            f"{self.cell} ({self.lasts} s): {self.sent} pushes, {self.refused} not answered 202 at first{why},"
            f" p99 {self.p99_ms:.0f} ms; each has one result"
        )


def cell_of(victim, way):
    return victim.name + ("" if way.startswith("'") else " ") + way


def is_beside_git(pod):
    """Where its node hosts the git server as well, which is none of the product, analyses fail that cannot clone."""
    return any(
        one["spec"].get("nodeName") == f"node{pod.node}" for one in bed.get("pods", "", "cadence-demo", "app=git")
    )


def jobs_there_are():
    return int(bed.psql("select (select count(*) from job) + (select count(*) from job_history)"))


def send_again(pushes, deliveries):
    """Until each is accepted; gives the ids of their jobs."""
    job_ids, left = [], deliveries
    deadline = time.monotonic() + REDELIVERY_SECONDS
    while left:
        report = pushes.send_again(left)
        job_ids += report["job_ids"]
        left = report["unaccepted"]
        assert not left or time.monotonic() < deadline, f"{len(left)} are refused for good: {report['failures'][:2]}"
    return job_ids


def play(victim, way, which, lasts, rate, seconds, settle=180):
    """One cell of the matrix; raises AssertionError where a push is lost, doubled or refused for good."""
    out = Round(cell_of(victim, way), lasts)
    bed.wait_ready(seconds=330)
    before = jobs_there_are()
    with load.Load(rate, seconds) as pushes:
        time.sleep(seconds / 4)  # the fault belongs into the load: its moment is the round's input
        pod = victim.pick(which)
        forgiven = "git.cadence-demo.svc" if "node" in way and is_beside_git(pod) else None
        try:
            WAYS[way](victim, pod, lasts)
        finally:
            report = pushes.stop()
        out.sent, out.refused = report["sent"], report["failed"]
        out.failures, out.p99_ms = report["failures"], report["p99_ms"]
        job_ids = report["job_ids"] + send_again(pushes, report["unaccepted"])
    assert len(job_ids) == out.sent, f"{out.sent} were sent, {len(job_ids)} jobs were named"
    load.assert_each_has_one_result({"job_ids": job_ids}, settle, forgiven)
    made = jobs_there_are() - before
    assert made == out.sent, f"{out.sent} deliveries made {made} jobs"
    faults.restore_everything()
    bed.wait_ready(seconds=330)
    return out


def cells(seed, count, ways=tuple(WAYS)):
    """`count` cells and how each is played: all of the matrix in an order that the seed gives, and then again."""
    rng = random.Random(seed)
    matrix = [(victim, way) for victim in VICTIMS for way in ways]
    while count > 0:
        rng.shuffle(matrix)
        for victim, way in matrix[:count]:
            yield victim, way, rng.randrange(8), round(rng.uniform(2, 12), 1)
        count -= len(matrix)
