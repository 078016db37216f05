"""An API server that knows Leases only: compare-and-swap on resourceVersion, watches, and faults on request."""
import copy
import http.server
import json
import threading

PREFIX = "/apis/coordination.k8s.io/v1/namespaces/test/leases"


class LeaseApi:
    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.leases, self.version, self.writes = {}, 100, []
        self.is_frozen = False
        # Called as (agent, what, "before" or "after") around each request of an agent's; what: read, claim, release or
        # write. It may keep the request, or its answer, for a while.
        self.at_request = lambda agent, what, moment: None
        self.cut_off = set()  # agents whose requests do not arrive
        self.lose_replies = 0  # so many writes happen and are never answered
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def refuse(self, status, reason):
                self.answer(
                    status,
                    {
                        "kind": "Status",
                        "apiVersion": "v1",
                        "status": "Failure",
                        "reason": reason,
                        "code": status,
                        "message": reason,
                    },
                )

            def await_way(self):
                """Until the request arrives; whether it does."""
                with api.changed:
                    return api.changed.wait_for(lambda: not api.is_frozen and self.agent() not in api.cut_off, 30)

            def agent(self):
                return self.headers.get("Authorization", "").rpartition(" ")[2]

            def document(self):
                return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self):
                if "watch=true" in self.path:
                    return self.watch()
                if not self.await_way():
                    return None
                api.at_request(self.agent(), "read", "before")
                with api.lock:
                    found = copy.deepcopy(api.leases.get(self.path.rpartition("/")[2]))
                api.at_request(self.agent(), "read", "after")
                return self.answer(200, found) if found else self.refuse(404, "NotFound")

            def watch(self):
                """Each change of any Lease, one JSON document a line, until the client goes away."""
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                seen = {}
                while True:
                    with api.changed:
                        api.changed.wait_for(
                            lambda: {n: l["metadata"]["resourceVersion"] for n, l in api.leases.items()} != seen, 5
                        )
                        news = [
                            copy.deepcopy(l)
                            for n, l in api.leases.items()
                            if seen.get(n) != l["metadata"]["resourceVersion"]
                        ]
                        seen = {n: l["metadata"]["resourceVersion"] for n, l in api.leases.items()}
                    self.await_way()
                    for lease in news:
                        line = json.dumps({"type": "MODIFIED", "object": lease}).encode() + b"\n"
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    self.wfile.flush()

            def do_POST(self):
                self.write(is_new=True)

            def do_PUT(self):
                self.write(is_new=False)

            def write(self, is_new):
                document = self.document()
                if not self.await_way():
                    return
                name = document["metadata"]["name"]
                what = api.purpose_of(document)
                api.at_request(self.agent(), what, "before")
                with api.lock:
                    old = api.leases.get(name)
                    if is_new and old:
                        return self.refuse(409, "AlreadyExists")
                    if not is_new and not old:
                        return self.refuse(404, "NotFound")
                    if not is_new and document["metadata"]["resourceVersion"] != old["metadata"]["resourceVersion"]:
                        return self.refuse(409, "Conflict")
                    stored = api.store(document)
                    api.writes.append(stored["spec"].get("holderIdentity"))
                    is_lost = api.lose_replies > 0
                    api.lose_replies -= is_lost
                api.at_request(self.agent(), what, "after")
                if is_lost:
                    self.close_connection = True
                    return
                self.answer(201 if is_new else 200, stored)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # agents that are killed leave broken pipes behind

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def store(self, document):
        self.version += 1
        stored = copy.deepcopy(document)
        stored["metadata"]["resourceVersion"] = str(self.version)
        self.leases[stored["metadata"]["name"]] = stored
        self.changed.notify_all()
        return stored

    def get(self, name="t-postgres"):
        with self.lock:
            return copy.deepcopy(self.leases.get(name))

    def edit(self, change, name="t-postgres"):
        with self.lock:
            document = copy.deepcopy(self.leases[name])
            change(document)
            self.store(document)

    def delete(self, name="t-postgres"):
        with self.lock:
            self.leases.pop(name, None)

    def purpose_of(self, document):
        """What a write is for: claim, release, or write, which is anything else."""
        before = (self.get(document["metadata"]["name"]) or {}).get("spec", {}).get("holderIdentity", "")
        after = document["spec"].get("holderIdentity", "")
        return "write" if before == after else "claim" if after else "release"

    def freeze(self):
        self.is_frozen = True

    def thaw(self):
        with self.changed:
            self.is_frozen = False
            self.changed.notify_all()

    def cut(self, *agents):
        with self.changed:
            self.cut_off = set(agents)
            self.changed.notify_all()

    def close(self):
        self.thaw()
        self.server.shutdown()
        self.server.server_close()
