"""A signed push becomes an analysis; everything else gets a clear answer."""
import json
import uuid

import bed


def test_a_signed_push_is_analysed():
    body = bed.push_body()
    status, answer = bed.deliver(body)
    assert status == 202 and answer["status"] == "pending", (status, answer)
    done = bed.wait_finished(answer["job_id"])
    assert done["status"] == "completed", done
    assert done["result"]["total_commits"] > 0 and done["result"]["suspicious_commits"] > 0, done["result"]
    listed = json.loads(bed.request("GET", "/jobs?limit=1000")[2])["jobs"]
    assert any(j["id"] == answer["job_id"] for j in listed)


def asked_for(kind, wanted):
    status, _, answer = bed.request(
        "POST", f"/api/analyze/{kind}", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
    )
    return status, json.loads(answer)


def test_repositories_and_pages_are_analysed_on_request():
    status, answer = asked_for("repository", {"repository_url": bed.GIT_URL, "branch": "main"})
    assert status == 202, answer
    done = bed.wait_finished(answer["job_id"])
    assert done["status"] == "completed" and done["result"]["suspicious_commits"] > 0, done
    status, answer = asked_for("website", {"url": bed.GIT_URL + "/HEAD"})
    assert status == 202, answer
    done = bed.wait_finished(answer["job_id"])
    assert (
        done["status"] == "completed" and done["result"]["assessment"] == "Content too short for reliable analysis"
    ), done
    for kind, wanted, said in (
        ("repository", {}, "repository_url is required"),
        ("website", {}, "url is required"),
        ("repository", {"repository_url": "file:///etc"}, "repository_url: "),
    ):
        status, answer = asked_for(kind, wanted)
        assert status == 400 and said in answer["error"], answer
    status, answer = asked_for("website", {"url": "http://10.255.255.1/"})
    refused = answer["error"] if status == 400 else bed.wait_finished(answer["job_id"])["error"]
    assert "not public" in refused, refused


def test_strangers_read_nothing_and_ask_for_nothing():
    for method, path in (
        ("GET", "/jobs"),
        ("GET", f"/jobs/{uuid.uuid4()}"),
        ("GET", f"/api/results/{uuid.uuid4()}"),
        ("GET", "/ready/deep"),
        ("POST", "/api/analyze/repository"),
        ("POST", "/api/analyze/website"),
    ):
        for authorization in (None, "Bearer wrong"):
            status, headers, answer = bed.request(
                method, path, b"{}" if method == "POST" else b"", {"Authorization": authorization}
            )
            assert status == 401 and "Bearer" in {k.lower(): v for k, v in headers.items()}["www-authenticate"], (
                path,
                status,
                answer,
            )
    assert bed.request("GET", "/ready/deep")[0] == 200


def test_a_repeated_delivery_is_one_job():
    body, delivery = bed.push_body(), str(uuid.uuid4())
    answers = [bed.deliver(body, delivery=delivery) for _ in range(5)]
    assert {s for s, _ in answers} == {202} and len({a["job_id"] for _, a in answers}) == 1, answers


def test_bad_deliveries_are_refused_with_a_reason():
    body = bed.push_body()
    rows = [
        (bed.deliver(body, signature=""), 401, "missing signature"),
        (bed.deliver(body, signature="sha256=zz"), 401, "invalid signature"),
        (bed.deliver(body, signature="abc"), 401, "invalid signature"),
        (bed.deliver(body, signature=bed.sign(body, b"other")), 401, "invalid signature"),
        (bed.deliver(b"{]"), 400, "invalid payload"),
        (bed.deliver(b'{"zen":"x"}', event="ping"), 200, None),
        (bed.deliver(body, event="star"), 200, None),
    ]
    for (status, answer), wanted, error in rows:
        assert status == wanted, (status, wanted, answer)
        if error:
            assert answer["error"].startswith(error), answer
        else:
            assert answer["status"] == "ignored", answer


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    headers = {"Content-Length": str(64 * 2**20), "X-Hub-Signature-256": "sha256=00", "X-GitHub-Event": "push"}
    status, _, _ = bed.request("POST", "/webhooks/github", b"", headers)
    assert status == 413, status


def finished_with(url):
    status, answer = bed.deliver(bed.push_body(url=url, name="other"))
    assert status == 202, answer
    return bed.wait_finished(answer["job_id"])


def test_what_cannot_be_cloned_fails_with_a_sentence_and_the_worker_lives():
    private = finished_with("http://10.255.255.1/x.git")
    assert private["status"] == "failed" and "not public" in private["error"], private
    missing = finished_with(bed.GIT_URL.replace("glaze", "missing"))
    assert missing["status"] == "failed" and missing["error"].startswith("failed to clone repository"), missing
    empty = finished_with(bed.GIT_URL.replace("glaze", "empty"))
    assert empty["status"] == "failed" and len(empty["error"]) > 20, empty
    local = finished_with("file:///etc")
    assert local["status"] == "failed", local
    test_a_signed_push_is_analysed()


def test_http_is_sent_to_https():
    status, headers, _ = bed.request("GET", "/health", secure=False)
    assert status == 301 and headers["location"].startswith("https://"), (status, headers)


def test_the_stats_page_is_inside_only():
    ports = {p["port"] for p in bed.get("service", f"{bed.CLUSTER}-lb")["spec"]["ports"]}
    assert ports == {80, 443}, ports
    assert [len(bed.servers_up(pod)) for pod in bed.pods("lb")] == [3, 3], [
        bed.servers_up(pod) for pod in bed.pods("lb")
    ]


def test_metrics_are_not_served_to_the_world():
    for path in ("/metrics", "/metrics/store"):
        assert bed.request("GET", path)[0] in (403, 404), path
