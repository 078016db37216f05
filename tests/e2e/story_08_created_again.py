"""A CadenceCluster that is deleted and created again finds its data on the volumes that were kept, whoever was primary;
and takes them along when it is asked to. A small cluster of its own: the other stories' one lives on."""
import bed
import postgres_bed as postgres

NAME = NAMESPACE = "again"
DOCUMENT = bed.small_cluster(NAME)


def wait_healthy(seconds=240):
    return postgres.wait_healthy(seconds, NAME, NAMESPACE)


def sql(text, instance):
    return bed.psql(text, instance, NAMESPACE)


def volumes():
    return {
        v["metadata"]["name"]: v["metadata"]["uid"]
        for v in bed.get("pvc", namespace=NAMESPACE)
        if "deletionTimestamp" not in v["metadata"]
    }


def of_postgres(names):
    return {n for n in names if n.startswith(f"{NAME}-postgres-")}


def delete_cluster():
    bed.kubectl("-n", NAMESPACE, "delete", "cdc", NAME, "--wait=true")
    bed.wait_until(
        "its pods and its Lease are gone",
        lambda: not bed.pods("postgres", NAME, NAMESPACE) and bed.get("lease", f"{NAME}-postgres", NAMESPACE) is None,
        180,
    )


def create_cluster():
    """Gives what was said of PostgreSQL until it was ready."""
    said = []

    def probe():
        condition = bed.condition(NAME, "PostgresReady", NAMESPACE)
        if condition and (not said or said[-1] != condition["message"]):
            said.append(condition["message"])
        return bed.is_ready(NAME, NAMESPACE)

    bed.apply(DOCUMENT, NAMESPACE)
    bed.wait_until(f"CadenceCluster {NAME} is Ready", probe, 240)
    return said


def move_primary_to(number):
    target = f"{NAME}-postgres-{number}"
    bed.patch("cadencecluster", NAME, {"spec": {"postgres": {"switchoverTo": target}}}, NAMESPACE)
    bed.wait_until(f"{target} is primary", lambda: postgres.holder(NAME, NAMESPACE) == target, 120)
    return wait_healthy()


def assert_all_have(rows, view):
    primary = view.primary.name
    assert sql("SELECT count(*) FROM kept", primary) == str(rows), f"{primary} lost rows"
    end = sql("SELECT pg_current_wal_lsn()", primary)
    for standby in view.standbys:
        bed.wait_until(
            f"{standby.name} is in step",
            lambda: sql(f"SELECT pg_last_wal_replay_lsn() >= '{end}'", standby.name) == "t",
            60,
        )
        assert sql("SELECT count(*) FROM kept", standby.name) == str(rows), f"{standby.name} lost rows"


def again(what, rows, expected=None):
    said = create_cluster()
    view = wait_healthy()
    print(f"     {what}: {view.primary.name} is primary; said on the way: {' | '.join(s[:160] for s in said)}")
    assert expected is None or view.primary.name in expected, view.primary.name
    assert_all_have(rows, view)
    # Passwords were made again: the application's is the database's again.
    assert sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'cadence'", view.primary.name) == "t"
    return view


def test_it_comes_back_on_its_volumes_whoever_was_primary():
    bed.kubectl("create", "namespace", NAMESPACE, check=False)
    try:
        bed.apply(DOCUMENT, NAMESPACE)
        view = wait_healthy()
        sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n", view.primary.name)
        if view.primary.name != f"{NAME}-postgres-2":
            view = move_primary_to(2)
        sql("INSERT INTO kept SELECT generate_series(1001, 2000)", view.primary.name)
        before = volumes()

        delete_cluster()
        assert volumes() == before, "a kept volume is gone"
        again("the second was primary", 2000)
        assert volumes() == before, "volumes were made again"

        # One volume is given up while the cluster is away; the rest is enough, and the third is copied again.
        delete_cluster()
        bed.kubectl("-n", NAMESPACE, "delete", "pvc", f"{NAME}-postgres-1", "--wait=true")
        view = again("without the first one's volume", 2000, {f"{NAME}-postgres-2", f"{NAME}-postgres-3"})
        sql("INSERT INTO kept SELECT generate_series(2001, 3000)", view.primary.name)

        # All of them go with the cluster when that is asked for, an instance's that is no more as well.
        bed.patch(
            "cadencecluster", NAME, {"spec": {"deletionPolicy": "Delete", "postgres": {"instances": 2}}}, NAMESPACE
        )
        bed.wait_until("the third pod is gone", lambda: len(bed.pods("postgres", NAME, NAMESPACE)) == 2, 120)
        bed.wait_ready(NAME, NAMESPACE)
        assert f"{NAME}-postgres-3" in of_postgres(volumes())
        delete_cluster()
        bed.wait_until("every volume is gone", lambda: not volumes(), 120)
    finally:
        bed.remove_namespace(NAMESPACE)


def test_a_former_primary_that_slept_is_not_believed():
    """Its node was dead while another wrote, and is still dead when the cluster is created again: its volume is waited
    for, by name, and when it is back its older data is not taken for the newest,
    although it still calls itself a primary's."""
    bed.kubectl("create", "namespace", NAMESPACE, check=False)
    node = ""
    try:
        bed.apply(DOCUMENT, NAMESPACE)
        view = wait_healthy()
        sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n", view.primary.name)
        old, node = view.primary.name, view.primary.node
        bed.cluster("node", "stop", node)
        bed.wait_until("another one is primary", lambda: postgres.holder(NAME, NAMESPACE) not in ("", old), 60)
        bed.wait_until(
            "it writes",
            lambda: sql("INSERT INTO kept SELECT generate_series(1001, 2000)", postgres.holder(NAME, NAMESPACE)),
            60,
        )
        bed.kubectl("-n", NAMESPACE, "delete", "cdc", NAME, "--wait=true")
        # A dead kubelet confirms nothing.
        bed.wait_until(
            "only what was on the dead node is left",
            lambda: all(p["spec"].get("nodeName") == f"node{node}" for p in bed.get("pods", namespace=NAMESPACE)),
            120,
        )
        for pod in bed.get("pods", namespace=NAMESPACE):
            bed.kubectl(
                "-n", NAMESPACE, "delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0", check=False
            )
        bed.wait_until("no pod is left", lambda: not bed.get("pods", namespace=NAMESPACE), 60)
        bed.apply(DOCUMENT, NAMESPACE)
        others = [i.name for i in view.standbys]
        bed.wait_until(
            "it waits for that volume alone",
            lambda: f"Waits for {old} (" in (said := bed.condition(NAME, "PostgresReady", NAMESPACE).get("message", ""))
            and not any(o in said for o in others),
            90,
        )
        print(f"     said: {bed.condition(NAME, 'PostgresReady', NAMESPACE)['message']}")
        bed.cluster("node", "start", node)
        view = wait_healthy()
        print(f"     {view.primary.name} is primary after {old}, timeline {view.timeline}")
        assert_all_have(2000, view)
        bed.wait_ready(NAME, NAMESPACE)
    finally:
        if node:
            bed.cluster("node", "start", node, check=False)
        bed.remove_namespace(NAMESPACE)
