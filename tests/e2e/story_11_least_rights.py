"""The operator with rights in two namespaces and nowhere else: it looks after both,
and asks for nothing that it may not have."""
import contextlib

import bed

NAME = NAMESPACE = "second"
DOCUMENT = bed.small_cluster(NAME, deletionPolicy="Delete", postgres={"instances": 1, "synchronous": {"mode": "Off"}})


@contextlib.contextmanager
def limited_to(namespaces):
    """And again unlimited at the end."""
    try:
        bed.run(
            bed.ROOT / "hack/install", "--set", f"namespaces={{{','.join(namespaces)}}}", "--set", "rbac.nodes=false"
        )
        yield
    finally:
        bed.run(bed.ROOT / "hack/install")


def may(verb, resource, namespace):
    who = f"system:serviceaccount:{bed.OPERATOR_NAMESPACE}:cadence-operator"
    return bed.kubectl("auth", "can-i", verb, resource, "-n", namespace, "--as", who, check=False).strip() == "yes"


def test_two_namespaces_are_served_with_rights_in_them_alone():
    bed.kubectl("create", "namespace", NAMESPACE)
    try:
        with limited_to([bed.NAMESPACE, NAMESPACE]):
            assert may("list", "secrets", NAMESPACE) and not may(
                "list", "secrets", "default"
            ), "this story is about rights in two namespaces"
            bed.apply(DOCUMENT, NAMESPACE)
            bed.wait_ready(NAME, NAMESPACE, 120)
            budget = f"{bed.CLUSTER}-webhook"
            bed.kubectl("-n", bed.NAMESPACE, "delete", "pdb", budget)
            bed.wait_until("the first namespace is looked after as well", lambda: bed.get("pdb", budget), 60)
            restarts = {
                p["metadata"]["name"]: p["status"]["containerStatuses"][0]["restartCount"] for p in bed.operator_pods()
            }
            assert not any(restarts.values()), restarts
    finally:
        bed.remove_namespace(NAMESPACE)
    bed.wait_ready()
