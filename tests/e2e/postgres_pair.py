"""Two instances and Preferred durability: safe while both live, available while one does,
and never silent about which it is."""
import contextlib
import time

import api
import bed
import ledger
import postgres_bed as postgres
import postgres_faults as faults
from postgres_rounds import Round, bounded

NAME = NAMESPACE = "pair"
DOCUMENT = bed.small_cluster(
    NAME, deletionPolicy="Delete", postgres={"instances": 2, "synchronous": {"mode": "Preferred", "number": 1}}
)


def wait_healthy(seconds=240):
    return postgres.wait_healthy(seconds, NAME, NAMESPACE)


def synchronous_number():
    """Of the published set: `Preferred 0` forbids an election."""
    return (postgres.annotation("synchronous", NAME, NAMESPACE).split() + ["", ""])[1]


def story_of_status():
    document = api.get("cadenceclusters", NAME, NAMESPACE)["status"]
    return [document.get("postgres", {}).get("synchronous", "")] + [
        f"{c['type']}={c['status']} {c['message']}" for c in document.get("conditions", [])
    ]


@contextlib.contextmanager
def running():
    """The cluster, from its namespace to its removal."""
    bed.kubectl("create", "namespace", NAMESPACE, check=False)
    bed.apply(DOCUMENT, NAMESPACE)
    try:
        yield
    finally:
        bed.kubectl("-n", NAMESPACE, "delete", "cdc", NAME, "--wait=false", check=False)
        bed.kubectl("delete", "namespace", NAMESPACE, "--wait=false", check=False)


def preferred_with_two():
    out = Round("preferred durability with two instances")
    with running():
        view = wait_healthy()
        with ledger.Ledger(cluster=NAME, namespace=NAMESPACE) as book:
            book.wait_flowing()
            at = time.monotonic()
            group = bed.cluster("pod", "group", f"{NAMESPACE}/{view.standbys[0].name}", "postgres").stdout.strip()
            bed.cluster("group", "freeze", group)
            try:
                bounded(
                    out,
                    "the published set says that nobody is waited for",
                    lambda: bed.wait_until("Preferred 0", lambda: synchronous_number() == "0", 40),
                )
                bounded(out, "writes go on alone", lambda: book.wait_flowing(40))
                out.figures["said"] = bounded(
                    out,
                    "status says so",
                    lambda: bed.wait_until(
                        "a sentence about it", lambda: [s for s in story_of_status() if "degraded to 0" in s], 30
                    ),
                )
                # The one copy of these rows dies. The other must not take over: it never had them.
                api.delete("pods", view.primary.name, NAMESPACE, 0)
            finally:
                bed.cluster("group", "thaw", group, check=False)
            bounded(out, "all is well again", wait_healthy)
            bounded(out, "writes flow", lambda: book.wait_flowing(60))
            out.gap = ledger.longest_gap(out.balance(book)[-1], at)
    return out
