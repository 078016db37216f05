"""Whoever pushes, from whichever git host: the delivery passes the balancer, is proved as that host proves it, becomes
one job, and the job is analysed."""
import tempfile

import bed
import senders

SECRET = "senders"


def secrets_of(all_senders):
    """spec.webhook.secrets: each sender's own secret under a key of one Secret of the user's."""
    by_field = {}
    for sender in all_senders:
        by_field.setdefault(sender.field, [])
        if sender.secret not in by_field[sender.field]:
            by_field[sender.field].append(sender.secret)
    data, spec = {}, {}
    for field, values in by_field.items():
        for number, value in enumerate(values):
            data[f"{field}-{number}"] = value
            spec.setdefault(field, []).append({"secretRef": {"name": SECRET, "key": f"{field}-{number}"}})
    return data, spec


def tip():
    return bed.kubectl(
        "-n", "cadence-demo", "exec", "deployment/git", "--", "git", "-C", "/srv/git/glaze.git", "rev-parse", "main"
    ).strip()


def is_taken(sender, commit):
    """Whether a delivery of this sender is answered 202."""
    return senders.post(sender, *senders.delivery(sender, commit))[0] == 202


def refused(sender, commit):
    """With one byte of the body changed, or without its proof where the proof does not cover the body."""
    headers, body = senders.delivery(sender, commit)
    proof = [n for n in headers if n.lower().endswith(("signature", "signature-256", "token", "authorization"))]
    unproved = {name: None if name in proof else value for name, value in headers.items()}
    status, answer = senders.post(sender, unproved, body)
    return status == 401 and answer["error"], (status, answer)


def test_every_senders_delivery_becomes_one_analysis():
    bed.wait_ready()
    commit = tip()
    with tempfile.TemporaryDirectory() as folder:
        everybody = senders.all_of_them(senders.PrivateKey(folder))
        data, spec = secrets_of(everybody)
        bed.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}, "stringData": data})
        bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"secrets": spec}}})
        try:
            bed.wait_rolled_out("webhook")
            jobs = {}
            for sender in everybody:
                bed.wait_until(f"{sender.name} is known", lambda s=sender: is_taken(s, commit), 60)
                headers, body = senders.delivery(sender, commit)
                answers = [senders.post(sender, headers, body) for _ in range(2)]
                assert [status for status, _ in answers] == [202, 202], (sender.name, answers)
                ids = {answer["job_id"] for _, answer in answers}
                assert len(ids) == 1, f"{sender.name}: a repeat became another job"
                jobs[sender.name] = ids.pop()
                # Without the sender's name in the path its headers tell.
                status, answer = senders.post(sender, *senders.delivery(sender, commit), path="/webhook")
                assert status == 202, (sender.name, status, answer)
                is_refused, said = refused(sender, commit)
                assert is_refused, (sender.name, said)
            assert len(set(jobs.values())) == len(everybody), "two deliveries got one job"
            for name, job in jobs.items():
                done = bed.wait_finished(job)
                assert done["status"] == "completed", (name, done)
                assert done["result"]["suspicious_commits"] > 0, (name, done)
            logs = "".join(bed.kubectl("-n", bed.NAMESPACE, "logs", p["metadata"]["name"]) for p in bed.pods("webhook"))
            shown = [key for key, value in data.items() if value in logs]
            assert not shown, f"secrets in a log: {shown}"
            print(f"     figure: {len(everybody)} kinds of deliveries, one job each")
        finally:
            bed.patch("cadencecluster", bed.CLUSTER, {"spec": {"webhook": {"secrets": None}}})
            bed.wait_rolled_out("webhook")
            bed.kubectl("-n", bed.NAMESPACE, "delete", "secret", SECRET, "--ignore-not-found")
