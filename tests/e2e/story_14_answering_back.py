"""Who pushes is told at his git host that the analysis waits, and what it found; a token that is missing holds up no
delivery, and is used as soon as it is there. Each push is one trace at a collector, whichever server did which part.
What did not arrive is asked for again."""
import datetime
import json
import secrets
import ssl
import uuid

import bed
import spans

HOST = "git.cadence-demo.svc"
SECRET = "forge"
TOKEN = "of-this-demo-only"
SPAN = "00f067aa0ba902b7"


def told(commit):
    """The states and links that the double of GitHub's API was told of a commit."""
    log = bed.kubectl("-n", "cadence-demo", "exec", "deployment/git", "--", "sh", "-c", "cat /tmp/statuses || true")
    found = []
    for line in log.splitlines():
        path, _, body = line.partition(" ")
        if path == f"/api/v3/repos/potters/glaze/statuses/{commit}":
            found.append(json.loads(body))
    return found


def traced(trace):
    """The spans of a trace that the double of a collector has, by name; of those that come again the last."""
    script = "for file in /tmp/spans-*; do cat $file; echo; done"
    lines = bed.kubectl("-n", "cadence-demo", "exec", "deployment/git", "--", "sh", "-c", script).splitlines()
    found = [span for line in lines if line.startswith("{") for span in spans.read(line) if span["trace"] == trace]
    return {span["name"]: span for span in sorted(found, key=lambda span: span["end"])}


def at_git(*command):
    return bed.kubectl("-n", "cadence-demo", "exec", "deployment/git", "--", *command).strip()


def write_secret(token):
    address = bed.get("service", "git", "cadence-demo")["spec"]["clusterIP"]
    bed.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET},
            "stringData": {
                "token": token,
                "headers": f"api-key={token}",
                "ca.crt": ssl.get_server_certificate((address, 8443), timeout=20),
            },
        }
    )


def wait_for_mounts():
    """Kubelets bring a Secret that was not there within a minute or so, to each pod in its own time."""
    for pod in bed.pods("webhook"):
        look = ("kubectl", "-n", bed.NAMESPACE, "exec", pod["metadata"]["name"], "--", "test", "-s")
        bed.wait_until(
            f"the Secret is in {pod['metadata']['name']}",
            lambda: bed.cluster(*look, "/etc/cadence/tracing/headers", check=False).returncode == 0,
            120,
        )


def pushed(repository="glaze", trace=None):
    """A push of that repository's tip; its sender's span is in that trace."""
    commit = at_git("git", "-C", f"/srv/git/{repository}.git", "rev-parse", "main")
    context = {"traceparent": f"00-{trace or secrets.token_hex(16)}-{SPAN}-01", "tracestate": "kiln=1"}
    body = bed.push_body(f"http://{HOST}:8080/{repository}.git", after=commit)
    status, answer = bed.deliver(body, more=context)
    assert status == 202, answer
    return commit, answer["job_id"]


def assert_one_trace(trace, job):
    whole = {"accept", "store", "wait", "clone", "analysis", "complete", "feedback"}

    def all_of_it():
        found = traced(trace)
        return whole <= set(found) and not any(span["error"] for span in found.values()) and found

    found = bed.wait_until("the whole trace is there, and all of it went well", all_of_it, 180)
    assert set(found) == whole, found
    for name, span in found.items():
        assert span["parent"] == (SPAN if name == "accept" else found["accept"]["id"]), (name, found)
        assert span["state"] == "kiln=1" and span["attributes"]["cadence.job"] == job, (name, found)
    return found


def check_a_server_killed_in_the_middle():
    """While it clones: whichever server has the job next goes on in the same trace."""
    at_git("cp", "-r", "/srv/git/glaze.git", "/srv/git/held.git")
    at_git("touch", "/tmp/hold")
    trace = secrets.token_hex(16)
    try:
        _, job = pushed("held", trace)
        first = bed.wait_until("a server has the job", lambda: bed.psql(f"select replica from job where id = '{job}'"))
        bed.wait_until("that it was accepted is told", lambda: "accept" in traced(trace))
        bed.cluster("pod", "kill", f"{bed.NAMESPACE}/{first}", "webhook")
        at_git("rm", "/tmp/hold")
        assert bed.wait_finished(job)["status"] == "completed"
        found = assert_one_trace(trace, job)
        assert found["analysis"]["attributes"]["cadence.attempt"] == 2, found
    finally:
        at_git("rm", "-rf", "/tmp/hold", "/srv/git/held.git")


def lists(*tries):
    """Deliveries as GitHub lists them: pairs of an id of the delivery and what it was answered, the newest first."""
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    listed = [
        {"id": number, "guid": guid, "delivered_at": moment, "status_code": code, "event": "push", "repository_id": 7}
        for number, (guid, code) in enumerate(tries, 1)
    ]
    at_git(
        "sh", "-c", f"echo '{json.dumps(listed[::-1])}' >/tmp/deliveries.new; mv /tmp/deliveries.new /tmp/deliveries"
    )


def check_what_did_not_arrive():
    """While no server ran: those that start look what the git host has sent, and ask for it."""
    lost = str(uuid.uuid4())
    lists((lost, 502))
    bed.kubectl("-n", bed.NAMESPACE, "delete", *[f"pod/{p['metadata']['name']}" for p in bed.pods("webhook")])
    asked = lambda: at_git("sh", "-c", "cat /tmp/attempts || true").splitlines()
    attempt = "/api/v3/repos/potters/glaze/hooks/77/deliveries/1/attempts"
    bed.wait_until("it is asked for again", lambda: asked() == [attempt], 120)
    commit = at_git("git", "-C", "/srv/git/glaze.git", "rev-parse", "main")
    status, answer = bed.deliver(bed.push_body(after=commit), delivery=lost)
    assert status == 202, answer
    lists((lost, 502), (lost, 202))
    assert bed.wait_finished(answer["job_id"])["status"] == "completed"
    came_back = "select count(*) from watched_hook where notes like '%\"came_back\":1%'"
    bed.wait_until("it is known to have come", lambda: bed.psql(came_back) == "1", 120)
    assert asked() == [attempt], "it is asked for once"


def test_a_push_is_answered_at_the_git_host():
    bed.wait_ready()
    entry = {
        "provider": "github",
        "apiURL": f"https://{HOST}:8443",
        "tokenSecretRef": {"name": SECRET, "key": "token"},
        "caSecretRef": {"name": SECRET, "key": "ca.crt"},
        "repositories": ["potters/*"],
    }
    tracing = {
        "endpoint": f"https://{HOST}:8443",
        "headersSecretRef": {"name": SECRET, "key": "headers"},
        "caSecretRef": {"name": SECRET, "key": "ca.crt"},
    }
    watched = {
        "provider": "github",
        "apiURL": entry["apiURL"],
        "of": ["potters/glaze"],
        "caSecretRef": entry["caSecretRef"],
    }
    wanted = {"feedback": [entry], "tracing": tracing, "reconcileDeliveries": [watched]}
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": wanted}})
    try:
        bed.wait_until(
            "the missing Secret is named",
            lambda: all(
                f'{field}: Secret "{SECRET}" not found' in bed.condition(kind="WebhookReady")["message"]
                for field in ("feedback[0].tokenSecretRef", "tracing.headersSecretRef")
            ),
            60,
        )
        bed.wait_rolled_out("webhook")
        _, job = pushed()
        assert bed.wait_finished(job)["status"] == "completed", "nobody needs the token for an analysis"
        write_secret(TOKEN)
        wait_for_mounts()
        trace = secrets.token_hex(16)
        commit, job = pushed(trace=trace)
        assert bed.wait_finished(job)["status"] == "completed"
        bed.wait_until(
            "the statuses have come", lambda: [one["state"] for one in told(commit)][-1:] == ["success"], 180
        )
        last = told(commit)[-1]
        assert last["context"] == "cadence" and "suspicious commit" in last["description"], last
        assert_one_trace(trace, job)
        check_a_server_killed_in_the_middle()
        check_what_did_not_arrive()
        logs = "".join(bed.kubectl("-n", bed.NAMESPACE, "logs", p["metadata"]["name"]) for p in bed.pods("webhook"))
        assert TOKEN not in logs, "the token is in a log"
    finally:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": dict.fromkeys(wanted)}})
        bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", SECRET, "--ignore-not-found")
        bed.wait_rolled_out("webhook")
