"""Who has no token reads one job by a signed link; who asks too often is told to wait, in whose browser is said by the
spec, and an analysis is told of while it goes on, all of it through the load balancer."""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import ssl
import subprocess
import time
import urllib.parse

import bed
import story_14_answering_back as answering

PUBLIC = "https://cadence.example"
LINKS = f"{bed.CLUSTER}-links"
NOBODY = {"Authorization": None}


def undoing(change, before):
    """The merge patch that brings back what was there before this change."""
    return {
        name: undoing(value, before[name]) if isinstance(value, dict) and name in before else before.get(name)
        for name, value in change.items()
    }


@contextlib.contextmanager
def spec(component="webhook", **change):
    """These fields of the component's spec, and as they were when it is over."""
    bed.wait_ready()
    field = {"webhook": "webhook", "lb": "loadBalancer"}[component]
    before = bed.get("cadencecluster", bed.CLUSTER)["spec"].get(field, {})
    bed.patch("cadencecluster", bed.CLUSTER, {"spec": {field: change}})
    try:
        bed.wait_rolled_out(component)
        yield
    finally:
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {field: undoing(change, before)}})
        bed.wait_rolled_out(component)


def opened(link):
    """The status of what a browser without a token gets."""
    place = urllib.parse.urlsplit(link)
    return bed.request("GET", f"{place.path}?{place.query}", headers=NOBODY)[0]


def keys():
    return bed.secret_value(LINKS, "keys").decode().split()


def signed(key, job, until):
    text = f"cadence: link to a job, version 1\n{job}\n{until}"
    signature = base64.urlsafe_b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest())
    return f"{PUBLIC}/pages/jobs/{job}?until={until}&signature={signature.decode().rstrip('=')}"


def test_a_status_carries_a_link_that_opens_its_job_and_no_other():
    entry = {
        "provider": "github",
        "apiURL": f"https://{answering.HOST}:8443",
        "tokenSecretRef": {"name": answering.SECRET, "key": "token"},
        "caSecretRef": {"name": answering.SECRET, "key": "ca.crt"},
    }
    bed.wait_ready()
    answering.write_secret(answering.TOKEN)
    with spec(links={"publicURL": PUBLIC, "validDays": 2}, feedback=[entry]):
        commit, job = answering.pushed()
        assert bed.wait_finished(job)["status"] == "completed"
        links = lambda: [url for one in answering.told(commit) if job in (url := one.get("target_url", ""))]
        link = bed.wait_until("a status with its link has come", links, 180)[-1]
        assert link.startswith(f"{PUBLIC}/pages/jobs/{job}?until="), link
        assert opened(link) == 200
        other = bed.deliver(bed.push_body())[1]["job_id"]
        assert opened(link.replace(job, other)) == 403, "another job's page"
        assert opened(signed(keys()[0], job, int(time.time()) + 60)) == 200, "signed as the server does"
        assert opened(signed(keys()[0], job, int(time.time()) - 60)) == 410, "its time is over"
        assert bed.request("GET", f"/jobs/{job}", headers=NOBODY)[0] == 401, "a link opens a page"

        first = keys()
        bed.kubectl("-n", bed.NAMESPACE, "annotate", "secret", LINKS, "cadence.noslop.tech/rotate=1", "--overwrite")
        bed.wait_until("there is a key above the first", lambda: keys()[1:] == first, 60)
        assert opened(link) == 200, "links of before still open"
    bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", answering.SECRET, "--ignore-not-found")
    bed.wait_until("the keys go with the links", lambda: bed.get("secret", LINKS) is None, 60)


class Reader:
    """One with a token, who asks faster than bed.request(), which looks for it at the API server each time."""

    def __init__(self):
        context = ssl.create_default_context(cadata=bed.secret_value(f"{bed.CLUSTER}-lb-tls", "ca.crt").decode())
        context.check_hostname = False
        self.connection = http.client.HTTPSConnection(bed.service_address(), 443, timeout=60, context=context)
        self.token = "Bearer " + bed.api_token()

    def begin(self, method, path, headers):
        self.connection.request(method, path, headers={"Authorization": self.token, **headers})
        return self.connection.getresponse()

    def ask(self, method, path, **headers):
        """Status and headers, their names in lower case."""
        answer = self.begin(method, path, {name.replace("_", "-"): headers[name] for name in headers})
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def test_each_token_has_its_minute_and_pages_of_others_are_named():
    origin = "https://dash.example"
    allowed = "access-control-allow-origin"
    with spec(api={"access": "Token", "requestsPerMinute": 10, "corsOrigins": [origin]}):
        asked = Reader().ask
        answers = [asked("GET", "/jobs?limit=1", Origin=origin) for _ in range(60)]
        taken = [headers for status, headers in answers if status == 200]
        refused = [headers for status, headers in answers if status == 429]
        assert taken and refused and len(taken) + len(refused) == len(answers), [status for status, _ in answers]
        last = refused[-1]
        assert int(last["retry-after"]) >= 1 and last["x-ratelimit-limit"] == "10", last
        assert last["x-ratelimit-remaining"] == "0" and int(last["x-ratelimit-reset"]) >= 1, last
        assert all("x-ratelimit-remaining" in headers for headers in taken)
        assert all(headers.get(allowed) == origin for headers in taken + refused)
        assert allowed not in asked("GET", "/health", Origin="https://other.example")[1]
        assert bed.deliver(bed.push_body())[0] == 202, "deliveries are not counted"
        status, headers = asked("OPTIONS", "/jobs", Origin=origin, Access_Control_Request_Method="GET")
        assert status == 204 and headers[allowed] == origin, headers


class Stream:
    """An EventSource at the load balancer."""

    def __init__(self, url):
        self.reader = Reader()
        path = "/api/stream/repository?url=" + urllib.parse.quote(url, safe="")
        self.answer = self.reader.begin("GET", path, {"Accept": "text/event-stream"})
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.getheader("Content-Type") == "text/event-stream"
        self.job = self.answer.getheader("X-Job-ID")

    def line(self):
        return self.answer.readline().decode()

    def close(self):
        self.answer.close()
        self.reader.connection.close()


def sessions():
    """With the webhook servers, of all load balancers, as they count them."""
    count = 0
    for pod in bed.pods("lb"):
        connection = http.client.HTTPConnection(pod["status"]["podIP"], 8404, timeout=10)
        connection.request("GET", "/stats;csv")
        lines = connection.getresponse().read().decode().splitlines()
        count += sum(int(line.split(",")[4]) for line in lines if line.startswith("webhooks,BACKEND"))
    return count


@contextlib.contextmanager
def silent_git_server():
    """One that takes a connection and says nothing, in the pod of the demo's: its address and port."""
    script = "$|=1; $s=IO::Socket::INET->new(Listen=>9) or die; print $s->sockport, qq(\n); sleep 150"
    command = ("kubectl", "-n", "cadence-demo", "exec", "deployment/git", "--", "perl", "-MIO::Socket::INET", "-e")
    server = subprocess.Popen([str(bed.ROOT / "hack/cluster"), *command, script], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        yield bed.get("pods", namespace="cadence-demo", selector="app=git")[0]["status"]["podIP"], port
    finally:
        server.kill()
        server.wait()


def test_an_analysis_is_told_of_while_it_goes_on_and_ends_with_who_listens():
    hosts = bed.get("cadencecluster", bed.CLUSTER)["spec"]["webhook"]["clone"]["allowedHosts"]
    with silent_git_server() as (address, port), spec(clone={"allowedHosts": [*hosts, address]}):
        whole = Stream(bed.GIT_URL)
        said = whole.answer.read().decode()
        assert '"type":"start"' in said and '"type":"complete"' in said, said[-500:]
        whole.close()
        idle = sessions()
        stream = Stream(f"http://{address}:{port}/silent.git")
        began = time.monotonic()
        lines = iter(stream.line, "")
        assert any('"type":"fetch"' in line for line in lines), "said at once"
        assert time.monotonic() - began < 9
        assert any("still at it" in line for line in lines), "and while it goes on"
        print(f"     figure: a stream says that it goes on after {time.monotonic() - began:.0f} s")
        assert sessions() > idle
        stream.close()
        bed.wait_until("the stream has ended with its client", lambda: sessions() <= idle, 20)
        assert "sent nothing" in bed.wait_finished(stream.job)["error"], "and the job goes on to its own end"
