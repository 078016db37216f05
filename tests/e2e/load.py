"""Signed pushes at a steady rate while something happens to the cluster; then the books are balanced."""
import json
import subprocess
import time

import bed


def program():
    return bed.ROOT / "build/release/tests/push-load"


class Load:
    """Starts on entry and goes on until stop(), at least for `seconds`; stop() gives the report: sent, failed,
    accepted job ids."""

    LONGER = 300  # seconds beyond `seconds` after which it ends by itself

    def __init__(self, rate, seconds):
        self.rate, self.seconds = rate, seconds

    def __enter__(self):
        self.job = {
            "address": bed.service_address(),
            "server_name": f"{bed.CLUSTER}-lb.{bed.NAMESPACE}.svc",
            "ca": bed.secret_value(f"{bed.CLUSTER}-lb-tls", "ca.crt").decode(),
            "secret": bed.webhook_secret().decode(),
            "rate": self.rate,
            "seconds": self.seconds + self.LONGER,
            "body": json.loads(bed.push_body()),
        }
        self.process = subprocess.Popen([program()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(self.job))
        self.process.stdin.close()
        self.started = time.monotonic()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)

    def stop(self):
        # How long the load lasts is part of the measure: no condition stands for it.
        time.sleep(max(0, self.started + self.seconds - time.monotonic()))
        lasted = time.monotonic() - self.started
        self.process.terminate()
        report = json.loads(self.process.stdout.read())
        self.process.wait(60)
        assert (
            report["seconds"] > lasted - 1
        ), f"the load ended after {report['seconds']:.0f} of {lasted:.0f} s, before what it should cover"
        print(
            f"     figure: {report['sent']} pushes in {report['seconds']:.0f} s, {report['failed']} failed, p50"
            f" {report['p50_ms']:.1f} ms, p99 {report['p99_ms']:.1f} ms, max {report['max_ms']:.0f} ms"
        )
        assert report["sent"] >= 0.9 * self.rate * lasted, "the load generator fell behind"
        return report

    def send_again(self, deliveries):
        """Those that were not accepted, as a sender is asked to redeliver them: the same ids, the same bodies."""
        job = {**self.job, "again": deliveries}
        done = bed.run(program(), stdin=json.dumps(job))
        return json.loads(done.stdout)


def assert_each_has_one_result(report, seconds=180, forgiven=None):
    """Every 202 named a job; each job is there once and ends completed, or failed for the reason that is forgiven."""
    wanted = set(report["job_ids"])
    assert len(wanted) == len(report["job_ids"]), "two deliveries got one job"
    started = time.monotonic()
    bed.wait_until("every accepted push is analysed", lambda: bed.psql("select count(*) from job") == "0", seconds, 2)
    done = bed.psql(
        "select h.id from job_history h join result r on r.job_id = h.id where h.status = 'completed'"
    ).split()
    assert len(done) == len(set(done))
    failed = dict(
        line.split("|", 1)
        for line in bed.psql("select id, error from job_history where status = 'failed'").splitlines()
    )
    lost = wanted - set(done) - set(failed)
    assert not lost, f"{len(lost)} accepted pushes have no result, for instance {sorted(lost)[:3]}"
    unwell = [failed[i] for i in wanted & set(failed) if forgiven is None or forgiven not in failed[i]]
    assert not unwell, f"{len(unwell)} analyses failed, for instance: {unwell[0]}"
    print(f"     figure: {len(wanted)} results, the last {time.monotonic() - started:.0f} s after the load")
