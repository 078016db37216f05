"""One delivery of every kind of sender, proved as that sender proves it: what the stories post through the balancer.

The shapes are those that the senders document, cut to the members that say what was pushed where.
"""
import base64
import dataclasses
import hashlib
import hmac
import json
import os
import subprocess
import tempfile
import time
import typing
import urllib.parse
import uuid

import bed

SYMMETRIC = "whsec_" + base64.b64encode(os.urandom(32)).decode()
USER, PASSWORD = "potter", uuid.uuid4().hex
TEXT = uuid.uuid4().hex
BRANCH = "refs/heads/main"


@dataclasses.dataclass(frozen=True)
class Sender:
    """`field` of spec.webhook.secrets, which is the path's last part as well; `proved(body)` gives the headers that
    prove the body, and the delivery's id among them."""

    name: str
    field: str
    secret: str
    proved: typing.Callable
    body: typing.Callable


def digest(body, secret=TEXT):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def as_json(**headers):
    return {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}


def common(commit):
    """GitHub's shape, which Gitea, Forgejo, Gogs and Standard Webhooks share."""
    return json.loads(bed.push_body(after=commit))


def gitlab(commit):
    project = {"id": 15, "name": "glaze", "path_with_namespace": "potters/glaze", "git_http_url": bed.GIT_URL}
    push = {"object_kind": "push", "event_name": "push", "ref": BRANCH, "after": commit, "checkout_sha": commit}
    return {**push, "user_name": "Mira", "project": project, "commits": [], "total_commits_count": 0}


def bitbucket(commit):
    new = {"type": "branch", "name": "main", "target": {"type": "commit", "hash": commit}}
    links = {"html": {"href": bed.GIT_URL}}
    return {
        "actor": {"type": "user", "display_name": "Mira", "nickname": "mira"},
        "repository": {"type": "repository", "name": "glaze", "full_name": "potters/glaze", "links": links},
        "push": {"changes": [{"old": None, "new": new, "created": True, "closed": False}]},
        "sent": str(uuid.uuid4()),
    }


def bitbucket_server(commit):
    links = {"clone": [{"href": bed.GIT_URL, "name": "http"}]}
    return {
        "eventKey": "repo:refs_changed",
        "date": str(uuid.uuid4()),
        "actor": {"name": "mira", "displayName": "Mira"},
        "repository": {"slug": "glaze", "name": "glaze", "project": {"key": "POT"}, "links": links},
        "changes": [{"ref": {"id": BRANCH, "type": "BRANCH"}, "refId": BRANCH, "toHash": commit, "type": "UPDATE"}],
    }


def azure_devops(commit):
    return {
        "id": str(uuid.uuid4()),
        "eventType": "git.push",
        "publisherId": "tfs",
        "resource": {
            "refUpdates": [{"name": BRANCH, "oldObjectId": "0" * 40, "newObjectId": commit}],
            "repository": {"id": "278d", "name": "glaze", "remoteUrl": bed.GIT_URL},
            "pushedBy": {"displayName": "Mira", "uniqueName": "mira@example.org"},
        },
    }


def standard(commit):
    return {"type": "repository.push", "timestamp": "2026-03-09T10:00:00Z", "data": common(commit)}


def standard_headers(signature_of):
    """Standard Webhooks 1.0.0: id, time and body are signed together."""

    def proved(body):
        at, delivery = str(int(time.time())), "msg_" + uuid.uuid4().hex
        signature = signature_of(f"{delivery}.{at}.".encode() + body)
        return as_json(webhook_id=delivery, webhook_timestamp=at, webhook_signature=signature)

    return proved


def by_symmetric_key(signed):
    key = base64.b64decode(SYMMETRIC.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class PrivateKey:
    """An Ed25519 key pair; openssl signs, for Python's own library cannot."""

    def __init__(self, folder):
        self.file = f"{folder}/key.pem"
        bed.run("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.file)
        der = subprocess.run(
            ("openssl", "pkey", "-in", self.file, "-pubout", "-outform", "DER"), check=True, capture_output=True
        ).stdout
        self.public = "whpk_" + base64.b64encode(der[-32:]).decode()

    def sign(self, signed):
        with tempfile.NamedTemporaryFile() as message:
            message.write(signed)
            message.flush()
            signature = subprocess.run(
                ("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", message.name),
                check=True,
                capture_output=True,
            ).stdout
        return "v1a," + base64.b64encode(signature).decode()


def as_form(body):
    return b"payload=" + urllib.parse.quote(body, safe="").encode()


def relative_of_gitea(name):
    def proved(body):
        return as_json(
            **{f"X_{name}_Event": "push", f"X_{name}_Delivery": str(uuid.uuid4()), f"X_{name}_Signature": digest(body)}
        )

    return Sender(name, name.lower(), TEXT, proved, common)


def github_headers(body, content_type="application/json"):
    return {
        **as_json(X_GitHub_Event="push", X_GitHub_Delivery=str(uuid.uuid4())),
        "Content-Type": content_type,
        "X-Hub-Signature-256": "sha256=" + digest(body),
    }


def bitbucket_headers(event, id_header, **more):
    def proved(body):
        return as_json(
            X_Event_Key=event, X_Hub_Signature="sha256=" + digest(body), **{id_header: str(uuid.uuid4())}, **more
        )

    return proved


def basic(_):
    return as_json(Authorization="Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


def all_of_them(key):
    """`key`: a PrivateKey, for the asymmetric kind of Standard Webhooks."""
    return [
        Sender("GitHub", "github", TEXT, github_headers, common),
        Sender("GitHub, as a form", "github", TEXT, lambda b: github_headers(b, FORM), common),
        Sender(
            "GitLab, token",
            "gitlab",
            TEXT,
            lambda _: as_json(X_Gitlab_Event="Push Hook", X_Gitlab_Token=TEXT, Idempotency_Key=str(uuid.uuid4())),
            gitlab,
        ),
        Sender(
            "GitLab, signing token",
            "gitlab",
            SYMMETRIC,
            lambda b: {**as_json(X_Gitlab_Event="Push Hook"), **standard_headers(by_symmetric_key)(b)},
            gitlab,
        ),
        relative_of_gitea("Gitea"),
        relative_of_gitea("Forgejo"),
        relative_of_gitea("Gogs"),
        Sender(
            "Bitbucket Cloud",
            "bitbucket",
            TEXT,
            bitbucket_headers("repo:push", "X_Request_UUID", X_Hook_UUID=str(uuid.uuid4())),
            bitbucket,
        ),
        Sender(
            "Bitbucket Data Center",
            "bitbucketServer",
            TEXT,
            bitbucket_headers("repo:refs_changed", "X_Request_Id"),
            bitbucket_server,
        ),
        Sender("Azure DevOps", "azureDevOps", f"{USER}:{PASSWORD}", basic, azure_devops),
        Sender("Standard Webhooks v1", "standard", SYMMETRIC, standard_headers(by_symmetric_key), standard),
        Sender("Standard Webhooks v1a", "standard", key.public, standard_headers(key.sign), standard),
    ]


FORM = "application/x-www-form-urlencoded"


def delivery(sender, commit):
    """Headers and body of one delivery; sent again as it is, it is a repeat."""
    body = json.dumps(sender.body(commit)).encode()
    if sender.name.endswith("form"):
        body = as_form(body)
    return sender.proved(body), body


def post(sender, headers, body, path=None):
    status, _, answer = bed.request("POST", path or f"/webhooks/{sender.field}", body, headers)
    return status, json.loads(answer) if answer else {}
