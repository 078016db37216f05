"""Who pushes is told at his git host that the analysis waits, and what it found; a token that is missing holds up no
delivery, and is used as soon as it is there."""
import json
import ssl

import bed

HOST = "git.cadence-demo.svc"
SECRET = "forge"
TOKEN = "of-this-demo-only"


def told(commit):
    """The states and links that the double of GitHub's API was told of a commit."""
    log = bed.kubectl("-n", "cadence-demo", "exec", "deployment/git", "--", "sh", "-c", "cat /tmp/statuses || true")
    found = []
    for line in log.splitlines():
        path, _, body = line.partition(" ")
        if path == f"/api/v3/repos/potters/glaze/statuses/{commit}":
            found.append(json.loads(body))
    return found


def write_secret(token):
    address = bed.get("service", "git", "cadence-demo")["spec"]["clusterIP"]
    bed.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET},
            "stringData": {"token": token, "ca.crt": ssl.get_server_certificate((address, 8443), timeout=20)},
        }
    )


def pushed():
    commit = bed.kubectl(
        "-n", "cadence-demo", "exec", "deployment/git", "--", "git", "-C", "/srv/git/glaze.git", "rev-parse", "main"
    ).strip()
    status, answer = bed.deliver(bed.push_body(after=commit))
    assert status == 202, answer
    return commit, answer["job_id"]


def test_a_push_is_answered_at_the_git_host():
    bed.wait_ready()
    entry = {
        "provider": "github",
        "apiURL": f"https://{HOST}:8443",
        "tokenSecretRef": {"name": SECRET, "key": "token"},
        "caSecretRef": {"name": SECRET, "key": "ca.crt"},
        "repositories": ["potters/*"],
    }
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"feedback": [entry]}}})
    try:
        bed.wait_until(
            "the missing Secret is named",
            lambda: f'Secret "{SECRET}" not found' in bed.condition(kind="WebhookReady")["message"],
            60,
        )
        bed.wait_rolled_out("webhook")
        _, job = pushed()
        assert bed.wait_finished(job)["status"] == "completed", "nobody needs the token for an analysis"
        write_secret(TOKEN)
        commit, job = pushed()
        assert bed.wait_finished(job)["status"] == "completed"
        bed.wait_until(
            "the statuses have come", lambda: [one["state"] for one in told(commit)][-1:] == ["success"], 180
        )
        last = told(commit)[-1]
        assert last["context"] == "cadence" and "suspicious commit" in last["description"], last
        logs = "".join(bed.kubectl("-n", bed.NAMESPACE, "logs", p["metadata"]["name"]) for p in bed.pods("webhook"))
        assert TOKEN not in logs, "the token is in a log"
    finally:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"feedback": None}}})
        bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", SECRET, "--ignore-not-found")
        bed.wait_rolled_out("webhook")
