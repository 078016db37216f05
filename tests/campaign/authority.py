"""A new certificate authority takes over without a restart and without a pause: both are trusted for the five minutes
that mounted Secrets need to spread, so this is too long for a story.

    hack/test campaign authority
"""
import os

import bed
import ledger
import postgres_bed as postgres
import story_07_postgres_care as care


def main(arguments):
    os.environ.setdefault("KUBECONFIG", bed.cluster("kubeconfig").stdout.strip())
    old = bed.secret_value(f"{bed.CLUSTER}-postgres-tls", "tls.crt")
    restarts = {p["metadata"]["uid"] for p in bed.pods("postgres")}
    with care.written_meanwhile("rotation of the certificate authority", 3):
        care.rotate(f"{bed.CLUSTER}-ca")
        bed.wait_until(
            "the servers have new certificates",
            lambda: bed.secret_value(f"{bed.CLUSTER}-postgres-tls", "tls.crt") != old,
            400,
            3,
        )
    ledger.access.cache_clear()
    postgres.wait_healthy()
    assert restarts == {p["metadata"]["uid"] for p in bed.pods("postgres")}, "a pod was replaced"
    with care.written_meanwhile("the new authority", 3):
        pass
    return 0
