"""The OpenAPI document against the running program: it is a proper one, every answer is as it says and has no member
that it does not name, and problems are as RFC 9457 says."""
import copy
import json
import unittest

import jsonschema

import served
from served import TOKEN, bed

BEARER = {"Authorization": "Bearer " + TOKEN}
PROBLEM = "application/problem+json"
NO_JOB = "00000000-0000-4000-8000-000000000000"


def without_further_members(schema):
    """The same, and what it does not name is wrong."""
    if isinstance(schema, list):
        return [without_further_members(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: without_further_members(one) for name, one in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    return schema


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = served.Server(cls.folder.name)
        cls.addClassCleanup(cls.server.stop)
        answer, content = cls.server.ask("GET", "/api/openapi.json")
        assert answer.status == 200, content
        cls.document = json.loads(content)
        cls.strict = without_further_members(copy.deepcopy(cls.document["components"]))
        cls.jobs = [cls.server.push(name) for name in ("kiln", "mill", "nothing")]
        for job in cls.jobs:
            cls.server.ended(job)

    def resolved(self, node):
        while "$ref" in node:
            parts = node["$ref"].split("/")[1:]
            node = self.document
            for part in parts:
                node = node[part]
        return node

    def operation(self, method, path):
        """By the path of a request: {id} stands for a part of it."""
        parts = path.split("?")[0].split("/")
        for known, operations in self.document["paths"].items():
            pattern = known.split("/")
            if len(pattern) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(pattern, parts)):
                return operations[method.lower()]
        raise AssertionError("%s is not in the document" % path)

    def check(self, method, path, status, body=None, headers=()):
        answer, content = self.server.ask(method, path, body, {**BEARER, **dict(headers)})
        self.assertEqual(answer.status, status, content)
        told = self.resolved(self.operation(method, path)["responses"][str(status)])
        kind = answer.getheader("Content-Type").split(";")[0]
        schema = told["content"][kind]["schema"]
        if kind.endswith("json"):
            jsonschema.Draft202012Validator({**schema, "components": self.strict}).validate(json.loads(content))
        for name in told.get("headers", {}):
            self.assertTrue(answer.getheader(name), name)
        return content

    def test_it_is_a_proper_document(self):
        self.assertEqual(self.document["openapi"], "3.1.0")
        for name, schema in self.document["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
        ids = []
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                ids.append(operation["operationId"])
                self.assertTrue(operation["summary"].endswith("."), path)
                named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
                self.assertEqual(named, {part[1:-1] for part in path.split("/") if part.startswith("{")}, path)
                for answer in operation["responses"].values():
                    for content in self.resolved(answer).get("content", {}).values():
                        self.resolved(content["schema"])
        self.assertEqual(len(ids), len(set(ids)))

    def test_what_is_read(self):
        for path in (
            "/jobs",
            "/jobs?format=array",
            "/jobs?limit=1&status=failed",
            "/jobs?status=none",
            "/api/metrics",
            "/api/plugins",
            "/api/cache/stats",
            "/api/openapi.json",
            "/health",
            "/readyz",
            "/livez",
            "/ready/deep",
            "/version",
            "/metrics",
            "/metrics/store",
            "/pages",
            "/pages/repositories",
            "/pages/sign-in",
        ):
            with self.subTest(path=path):
                self.check("GET", path, 200)
        for job in self.jobs:
            self.check("GET", "/jobs/" + job, 200)
            self.check("GET", "/api/results/" + job, 200)
            self.check("GET", "/pages/jobs/" + job, 200)
        self.check("GET", "/pages/jobs/%s/report" % self.jobs[0], 200)

    def test_what_is_cleared(self):
        self.check("POST", "/api/cache/clear", 200)

    def test_what_is_asked_for(self):
        kinds = {"Content-Type": "application/json"}
        page = json.dumps({"url": "http://127.0.0.1:1/"})
        asked = json.loads(self.check("POST", "/api/analyze/website", 202, page, kinds))
        self.server.ended(asked["job_id"])
        self.check("GET", "/jobs/" + asked["job_id"], 200)
        repository = json.dumps({"repository_url": self.server.git + "/mill.git"})
        asked = json.loads(self.check("POST", "/api/analyze/repository", 202, repository, kinds))
        self.server.ended(asked["job_id"])
        self.check("GET", "/api/results/" + asked["job_id"], 200)

    def test_what_is_refused(self):
        kinds = {"Content-Type": "application/json"}
        for accept in ("*/*", PROBLEM):
            for method, path, status, body, headers in (
                ("GET", "/jobs/" + NO_JOB, 404, None, {}),
                ("GET", "/api/results/x", 404, None, {}),
                ("GET", "/jobs", 401, None, {"Authorization": ""}),
                ("GET", "/jobs", 401, None, {"Authorization": "Bearer wrong-0123456789abcdef"}),
                ("POST", "/api/analyze/repository", 400, "{}", kinds),
                ("POST", "/api/analyze/repository", 400, '{"url":"ftp://h/x"}', kinds),
                ("POST", "/api/analyze/repository", 413, "x" * (1 << 20) + "x", kinds),
                ("POST", "/webhook", 401, "{}", kinds),
                ("POST", "/webhooks/github", 401, "{}", kinds),
            ):
                with self.subTest(path=path, status=status, accept=accept):
                    error = json.loads(self.check(method, path, status, body, {**headers, "Accept": accept}))
                    self.assertTrue(error["error"] and error["code"])
                    self.assertEqual("status" in error, accept == PROBLEM)
                    if accept == PROBLEM:
                        self.assertEqual(error["status"], status)
                        self.assertEqual(error["type"], "urn:cadence:problem:" + error["code"])
                        self.assertEqual(error.get("detail"), error.get("message"))
        for path, method, status in (("/no/such", "GET", 404), ("/jobs", "DELETE", 405)):
            answer, content = self.server.ask(method, path, headers={"Accept": PROBLEM})
            self.assertEqual((answer.status, answer.getheader("Content-Type")), (status, PROBLEM), content)


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        limits = "requests_per_minute: 5, cors_origins: ['https://friend.example']"
        cls.server = served.Server(cls.folder.name, api=limits)
        cls.addClassCleanup(cls.server.stop)

    def test_a_token_may_ask_so_often(self):
        answers = [self.server.ask("GET", "/jobs", headers=BEARER)[0] for _ in range(6)]
        self.assertEqual([answer.status for answer in answers], [200] * 5 + [429])
        self.assertEqual([answer.getheader("X-RateLimit-Remaining") for answer in answers], list("432100"))
        self.assertTrue(answers[-1].getheader("Retry-After"))
        for path in ("/health", "/version", "/api/openapi.json"):
            self.assertEqual(self.server.ask("GET", path)[0].status, 200)

    def test_only_named_origins_read(self):
        for origin, told in (("https://friend.example", "https://friend.example"), ("https://other.example", None)):
            answer, _ = self.server.ask("GET", "/version", headers={"Origin": origin})
            self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), told)
            asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer, _ = self.server.ask("OPTIONS", "/api/analyze/website", headers=asks)
            self.assertEqual(answer.status, 204 if told else 405)


if __name__ == "__main__":
    unittest.main()
