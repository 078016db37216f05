"""The API server without kubectl: a look costs milliseconds, so that watching a failover does not slow it down."""
import base64
import functools
import http.client
import json
import os
import ssl
import tempfile
import threading
import urllib.parse

import bed

GROUPS = {
    "pods": "api/v1",
    "secrets": "api/v1",
    "services": "api/v1",
    "nodes": "api/v1",
    "events": "api/v1",
    "persistentvolumeclaims": "api/v1",
    "persistentvolumes": "api/v1",
    "leases": "apis/coordination.k8s.io/v1",
    "deployments": "apis/apps/v1",
    "endpointslices": "apis/discovery.k8s.io/v1",
    "cadenceclusters": "apis/cadence.noslop.tech/v1alpha1",
}
CLUSTER_WIDE = ("nodes", "persistentvolumes")
TIMEOUT = 5


class ApiError(AssertionError):
    """An answer that is no success; the API server being away is an OSError."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


def _file(text):
    with tempfile.NamedTemporaryFile(delete=False) as out:
        out.write(base64.b64decode(text))
    return out.name


@functools.lru_cache(maxsize=1)
def _access():
    """(host, port, TLS context, headers) of the kubeconfig's current context; ours embeds certificates,
    others may use tokens."""
    view = json.loads(
        bed.run(
            bed.ROOT / "hack/cluster", "kubectl", "config", "view", "--raw", "--minify", "--flatten", "-o", "json"
        ).stdout
    )
    server, user = view["clusters"][0]["cluster"], view["users"][0]["user"]
    context = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())
    headers = {}
    if "token" in user:
        headers["Authorization"] = "Bearer " + user["token"]
    else:
        files = [_file(user["client-certificate-data"]), _file(user["client-key-data"])]
        try:
            context.load_cert_chain(*files)
        finally:
            for path in files:
                os.unlink(path)
    address = urllib.parse.urlsplit(server["server"])
    return address.hostname, address.port or 443, context, headers


_local = threading.local()


def _send(method, path, body, headers):
    if getattr(_local, "connection", None) is None:
        host, port, context, _ = _access()
        _local.connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    try:
        _local.connection.request(method, path, body, headers)
        answer = _local.connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as problem:
        _local.connection.close()
        _local.connection = None
        raise problem if isinstance(problem, OSError) else OSError(str(problem))


def request(method, path, body=None, content_type="application/json"):
    headers = {"Content-Type": content_type, "Accept": "application/json", **_access()[3]}
    payload = json.dumps(body) if body is not None else None
    try:
        status, text = _send(method, path, payload, headers)
    except OSError:  # a kept connection may have died since; nothing sent from here does harm when it is done twice
        status, text = _send(method, path, payload, headers)
    document = json.loads(text) if text else {}
    if status >= 300:
        raise ApiError(status, document.get("message", text[:200]))
    return document


def path_of(kind, name="", namespace=None, selector=""):
    scope = "" if kind in CLUSTER_WIDE else f"/namespaces/{namespace or bed.NAMESPACE}"
    query = f"?labelSelector={urllib.parse.quote(selector)}" if selector else ""
    return f"/{GROUPS[kind]}{scope}/{kind}" + (f"/{name}" if name else "") + query


def get(kind, name, namespace=None):
    """None where it does not exist."""
    try:
        return request("GET", path_of(kind, name, namespace))
    except ApiError as problem:
        if problem.status == 404:
            return None
        raise


def items(kind, selector="", namespace=None):
    return request("GET", path_of(kind, "", namespace, selector))["items"]


def patch(kind, name, change, namespace=None):
    return request("PATCH", path_of(kind, name, namespace), change, "application/merge-patch+json")


def delete(kind, name, namespace=None, grace_seconds=None):
    options = {"kind": "DeleteOptions", "apiVersion": "v1"}
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    return request("DELETE", path_of(kind, name, namespace), options)
