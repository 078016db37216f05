"""With nothing to do: how much memory the agents hold, and what they write to the API server."""
import collections
import datetime
import json
import pathlib
import time

import bed
import postgres_bed as postgres
import postgres_faults as faults
import postgres_rounds as rounds

SECONDS = 120
AGENT_MEMORY = 10 * 2**20


def audit_log():
    return pathlib.Path(bed.cluster("kubeconfig").stdout.strip()).parent / "log/audit.log"


def resident(instance):
    """Of the agent, PID 1; the postmaster and its children are PostgreSQL's."""
    text = pathlib.Path(f"/proc/{faults.pid_one(instance).pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def writes(begin, end, cluster=bed.CLUSTER, namespace=bed.NAMESPACE):
    """(who, verb, what) of every write to the database's namespace by agents and operator in that time."""
    found = collections.Counter()
    for line in audit_log().read_text().splitlines():
        entry = json.loads(line)
        at = datetime.datetime.fromisoformat(entry["requestReceivedTimestamp"].replace("Z", "+00:00")).timestamp()
        target = entry.get("objectRef", {})
        if (
            begin <= at <= end
            and target.get("namespace") == namespace
            and entry["user"]["username"].startswith("system:serviceaccount:")
        ):
            found[
                (
                    entry["user"]["username"].split(":")[-1],
                    entry["verb"],
                    f"{target.get('resource')}/{target.get('name', '')}",
                )
            ] += 1
    return found


def steady(seconds=SECONDS):
    out = rounds.Round("steady state")
    view = postgres.wait_healthy()
    time.sleep(5)  # what the last round set in motion has settled
    begin = time.time()
    time.sleep(seconds)  # the length of the observation is the measure
    found = writes(begin, time.time())
    memory = {i.name: resident(i.name) for i in view.all()}
    by_agents = {k: n for k, n in found.items() if k[0] == f"{bed.CLUSTER}-postgres"}
    out.figures.update(
        agent_resident_mib={n: round(m / 2**20, 1) for n, m in memory.items()},
        writes_per_minute={" ".join(k): round(60 * n / seconds, 1) for k, n in found.items()},
    )
    others = {" ".join(k): n for k, n in by_agents.items() if not k[2].startswith("leases/")}
    out.expect(not others, f"agents wrote more than their Lease: {others}")
    out.expect(by_agents, "no renewal was seen")
    out.expect(
        max(memory.values()) <= AGENT_MEMORY, f"an agent holds more than 10 MiB: {out.figures['agent_resident_mib']}"
    )
    print(
        f"     figure: agents hold {out.figures['agent_resident_mib']} MiB; writes per minute:"
        f" {out.figures['writes_per_minute']}"
    )
    return out
