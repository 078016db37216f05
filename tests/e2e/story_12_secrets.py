"""Secrets that somebody deletes while everything runs: nothing that is in use stops,
and what is made again is followed in steps."""
import time

import bed
import postgres_bed as postgres
import secret_faults as faults
import story_07_postgres_care as care

LEAVES = ("postgres-tls", "lb-tls", "postgres-app")


def trusted(name):
    return bed.secret_value(f"{bed.CLUSTER}-{name}", "ca.crt")


def deliver_and_finish():
    status, answer = bed.wait_until(
        "a push is accepted", lambda: (sent := bed.deliver(bed.push_body()))[0] == 202 and sent, 60
    )
    assert status == 202
    assert bed.wait_finished(answer["job_id"])["status"] == "completed"


def test_a_deleted_authority_ends_nothing():
    before = bed.secret_value(f"{bed.CLUSTER}-ca", "tls.crt")
    bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", f"{bed.CLUSTER}-ca")
    bed.wait_until(
        "there is another authority",
        lambda: bed.get("secret", f"{bed.CLUSTER}-ca") and bed.secret_value(f"{bed.CLUSTER}-ca", "tls.crt") != before,
        60,
    )
    new = bed.secret_value(f"{bed.CLUSTER}-ca", "tls.crt")
    for leaf in LEAVES:
        bed.wait_until(
            f"{leaf} tells to trust both", lambda: before.strip() in trusted(leaf) and new.strip() in trusted(leaf), 60
        )
    # What failed when only the new one was trusted: connections that are made now, above all those of a failover.
    old = postgres.holder()
    bed.kubectl("-n", bed.NAMESPACE, "delete", "pod", old, "--force", "--grace-period=0", "--wait=false")
    started = time.monotonic()
    bed.wait_until("another instance leads", lambda: postgres.holder() not in ("", old), 60)
    print(
        "     figure: after the authority was deleted and the primary killed another led after"
        f" {time.monotonic() - started:.1f} s"
    )
    deliver_and_finish()
    bed.wait_ready(seconds=120)


def mounted_certificates():
    """What each PostgreSQL pod has in its mount, and the Secret that it is of."""
    out = {}
    for pod in bed.pods("postgres"):
        volume = next(v for v in pod["spec"]["volumes"] if v["name"] == "tls")
        name = pod["metadata"]["name"]
        reading = ("exec", name, "-c", "postgres", "--", "cat", "/etc/cadence/tls/tls.crt")
        out[name] = (volume["secret"]["secretName"], bed.kubectl("-n", bed.NAMESPACE, *reading).encode())
    return out


def test_an_immutable_secret_is_followed_all_the_same():
    """A kubelet that has read it reads none of that name again, so what is made in its place would reach no pod."""
    name = f"{bed.CLUSTER}-postgres-tls"
    with care.written_meanwhile("changing over from an immutable Secret", 6):
        bed.patch("secret", name, {"immutable": True})
        faults.tell_pods("postgres")
        bed.wait_until(
            "the pods that have it are named",
            lambda: f"Secret {name} is or was immutable" in bed.condition(kind="Degraded").get("message", ""),
            30,
            0.1,
        )
        bed.wait_until(
            "every pod mounts its copy",
            lambda: all(secret != name for secret, _ in mounted_certificates().values()),
            180,
        )
        postgres.wait_healthy()
    before = bed.secret_value(name, "tls.crt")
    bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", name)
    bed.wait_until(
        "there is another certificate",
        lambda: bed.get("secret", name) and bed.secret_value(name, "tls.crt") != before,
        60,
    )
    assert not bed.get("secret", name).get("immutable"), "it would be stuck again"
    made = bed.secret_value(name, "tls.crt")

    def has_arrived():
        faults.tell_pods("postgres")
        return all(certificate == made for _, certificate in mounted_certificates().values())

    bed.wait_until("every pod has it in its mount", has_arrived, 90, 2)
    bed.wait_ready(seconds=120)
    assert bed.condition(kind="Degraded")["status"] == "False", bed.condition(kind="Degraded")


def test_deleted_passwords_lock_nobody_out():
    """Four at once, under load; every Secret and fault by itself: tests/campaign/secrets.py."""
    bed.wait_ready()
    app, auth, hook = (faults.read(name) for name in ("postgres-app", "redis-auth", "webhook-github"))
    outcome = faults.play("postgres-app+redis-auth+webhook-github+postgres-replication", "deleted")
    print(f"     figure: {outcome.sentence()}")
    assert not outcome.faults(), outcome.faults()
    turned = faults.read("redis-auth")
    assert (
        turned["operator-password"] != auth["operator-password"]
        and turned["previous-operator-password"] == auth["operator-password"]
    )
    assert faults.read("webhook-github") == hook, "nobody told the sender another one"
    now = faults.read("postgres-app")
    assert app["username"] in (now["username"], now.get("previous-username")), "another role than the one in use"
    told = bed.get("cadencecluster", bed.CLUSTER)["status"]["redis"]
    assert told["slotsOwned"] == 16384, told
    bed.wait_ready(seconds=60)
