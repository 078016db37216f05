"""cadence-agent postgres loses its primary in every way that needs no cluster:
usage failover_test.py PATH-OF-CADENCE-AGENT [unittest arguments]

A ledger writes all the time; whatever it was told is committed must be there at the end.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import bed as bed_module
from bed import Bed, Instance, PROGRAMS, are_gone, free_ports, marks_of, processes_below, send, title_of, until

AS_CONTAINER = os.geteuid() == 0  # the agent is PID 1, as in its pod


class Ledger:
    """Commits numbers through whoever is primary, each attempt bounded, and remembers which were acknowledged,
    and when."""

    def __init__(self, bed):
        self.bed, self.next, self.acknowledged, self.times = bed, 0, [], []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.bed.primary().sql("CREATE TABLE IF NOT EXISTS ledger (n int PRIMARY KEY)")
        self.thread.start()
        until("the ledger writes", lambda: self.acknowledged, 20)
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(30)

    def conninfo(self):
        hosts = ",".join(i.name + ".t-postgres.test.svc" for i in self.bed.instances)
        return (
            "host=%s hostaddr=%s port=%s user=cadence dbname=cadence sslmode=verify-full sslrootcert=%s/ca.crt"
            " connect_timeout=2 target_session_attrs=read-write"
            % (
                hosts,
                ",".join("127.0.0.1" for _ in self.bed.instances),
                ",".join(str(i.port) for i in self.bed.instances),
                self.bed.tls,
            )
        )

    def run(self):
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": self.bed.passwords["cadence"], "HOME": "/nonexistent"}
        while not self.is_over.is_set():
            psql = subprocess.Popen(
                [PROGRAMS + "/psql", "-XAtq", self.conninfo()],
                env=environment,
                text=True,
                bufsize=1,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            killer = None
            while not self.is_over.is_set():
                self.next += 1
                killer = threading.Timer(3, psql.kill)  # an attempt that hangs ends
                killer.start()
                try:
                    psql.stdin.write("INSERT INTO ledger VALUES (%d) RETURNING n;\n" % self.next)
                    answer = psql.stdout.readline().strip()
                except OSError:
                    answer = ""
                killer.cancel()
                if answer != str(self.next):
                    break
                self.acknowledged.append(self.next)
                self.times.append(time.monotonic())
            psql.kill()
            psql.wait(5)

    def gap_after(self, moment):
        """Seconds without an acknowledgement around `moment`, once writes flow again."""
        until("writes flow again", lambda: self.times and self.times[-1] > moment + 0.3 and len(self.times) > 1, 60)
        times = list(self.times)
        return max(b - a for a, b in zip(times, times[1:]) if b >= moment)

    def check(self, test):
        told = list(self.acknowledged)  # before the look: it goes on writing
        primary = self.bed.primary()
        there = {int(n) for n in primary.sql("SELECT n FROM ledger").split()}
        missing = [n for n in told if n not in there]
        test.assertEqual(missing, [], "acknowledged rows are gone")


class FailoverTest(unittest.TestCase):
    def make(self, *arguments, **named):
        bed = Bed(*arguments, **named)

        def close():
            result = self._outcome.result
            if any(test is self for test, _ in result.failures + result.errors):
                for instance in bed.instances:
                    print("==== %s\n%s" % (instance.name, instance.read_log()[-9000:]), file=sys.stderr)
                print("==== Lease\n%s" % bed.api.get(), file=sys.stderr)
            bed.close()

        self.addCleanup(close)
        bed.start_all(pid_namespace=AS_CONTAINER)
        bed.await_whole()
        return bed

    def lose(self, bed, ledger, what, fault, come_back=lambda old: None, seconds=12):
        """One round: the fault, a new primary, writes, the old one streaming again."""
        old = bed.await_whole()
        ledger.gap_after(time.monotonic())
        moment = time.monotonic()
        fault(old)
        new = bed.primary(seconds, but=old)
        gap = ledger.gap_after(moment)
        come_back(old)
        started = time.monotonic()
        self.assertIs(bed.await_whole(40), new)
        story = json.loads(bed.api.get()["metadata"]["annotations"]["cadence.noslop.tech/failover"])
        self.assertEqual((story["from"], story["to"]), (old.name, new.name))
        print(
            "%s: no write for %.2f s (%s), whole again, its set published, after %.1f s"
            % (what, gap, story["reason"], time.monotonic() - started),
            flush=True,
        )
        ledger.check(self)
        return gap

    def test_every_way_to_lose_a_primary(self):
        bed = self.make()
        with Ledger(bed) as ledger:
            self.lose(
                bed, ledger, "SIGKILL of the postmaster", lambda old: os.kill(old.postmaster_pid(), signal.SIGKILL)
            )
            self.lose(
                bed,
                ledger,
                "clean stop",
                lambda old: old.stop(),
                lambda old: old.start(pid_namespace=AS_CONTAINER, uid="uid-2"),
            )
            self.lose(
                bed,
                ledger,
                "planned switchover",
                lambda old: bed.api.edit(
                    lambda lease: lease["metadata"]["annotations"].update(
                        {"cadence.noslop.tech/switchover-to": next(i.name for i in bed.instances if i is not old)}
                    )
                ),
            )
            if AS_CONTAINER:
                self.lose(
                    bed, ledger, "SIGKILL of PID 1", lambda old: old.crash(), lambda old: old.start(pid_namespace=True)
                )

            def thaw(old):
                old.freeze(signal.SIGCONT)
                self.assertEqual(old.wait(), 70)  # fenced the moment it runs again
                old.start(pid_namespace=AS_CONTAINER)

            self.lose(bed, ledger, "frozen past its Lease", lambda old: old.freeze(), thaw, seconds=25)

    def test_a_standby_that_an_edit_names_is_not_primary_without_a_vote(self):
        """It lags behind, so that whoever promotes it loses what others acknowledged."""
        bed = self.make()
        with Ledger(bed) as ledger:
            old = bed.await_whole()
            named = next(i for i in bed.instances if i is not old)
            ledger.gap_after(time.monotonic())
            stopped = until(
                "its receiver is seen",
                lambda: [pid for pid in processes_below(named.agent_pid()) if "walreceiver" in title_of(pid)],
            )
            send(signal.SIGSTOP, stopped)
            halted = len(ledger.acknowledged)
            until("more is acknowledged without it", lambda: len(ledger.acknowledged) > halted + 20, 20)

            def name(lease):
                lease["spec"]["holderIdentity"] = named.name
                lease["metadata"]["annotations"]["cadence.noslop.tech/holder-uid"] = "uid-1"

            moment = time.monotonic()
            bed.api.edit(name)
            until("the old primary has stopped", lambda: old.postmaster_pid() is None, 20)
            # It ends before it reads what waits for it.
            send(signal.SIGTERM, stopped)
            send(signal.SIGCONT, stopped)
            new = bed.primary(40, but=old)
            self.assertIsNot(new, named)
            gap = ledger.gap_after(moment)
            bed.await_whole(90)
            story = json.loads(bed.api.get()["metadata"]["annotations"]["cadence.noslop.tech/failover"])
            print("named by hand: no write for %.2f s (%s)" % (gap, story["reason"]), flush=True)
            ledger.check(self)

    def test_an_absent_api_server_is_no_failover(self):
        bed = self.make()
        with Ledger(bed) as ledger:
            primary = bed.await_whole()
            bed.api.freeze()
            frozen = time.monotonic()
            until("a Lease and more have passed", lambda: time.monotonic() - frozen > 14, 20)
            until("it is primary still", lambda: primary.get("/primary")[0] == 200, 20)
            # One standby dead as well: the other's promise is enough for ANY 1.
            dead = next(i for i in bed.instances if i is not primary)
            dead.freeze()
            again = time.monotonic()
            until("another Lease has passed", lambda: time.monotonic() - again > 11, 20)
            until("it is primary still", lambda: primary.get("/primary")[0] == 200, 20)
            self.assertLess(ledger.gap_after(frozen), 4)  # a fence or a failover would cost five and more
            dead.freeze(signal.SIGCONT)
            bed.api.thaw()
            self.assertIs(bed.await_whole(), primary)
            ledger.check(self)

    def test_two_pods_on_one_volume(self):
        """As on a network volume: neither sees the other's lock, and the first one does not see the Lease."""
        bed = Bed(
            1, synchronous="Off", duration="8s", renew="1s"
        )  # shorter, the fence takes a busy machine for a lost one
        bed.close_after(self)
        one, two = bed.instances[0], Instance(bed, 2, free_ports(3))
        one.start(pid_namespace=AS_CONTAINER)
        bed.primary(60).sql("CREATE TABLE t AS SELECT 1 AS n")
        bed.api.cut(one.name)
        cut = time.monotonic()
        until("more than a Lease has passed", lambda: time.monotonic() - cut > 10, 20)
        until("it is primary still, for nobody could lead instead of it", lambda: one.get("/primary")[0] == 200, 20)

        for name in ("data", "data.pod"):
            path = os.path.join(two.folder, name)
            bed.make_folder(path) if name == "data" else open(path, "w").close()
            subprocess.run(["mount", "--bind", os.path.join(one.folder, name), path], check=True)
            self.addCleanup(subprocess.run, ["umount", "--lazy", path], check=True)
        self.addCleanup(two.clean_up)
        two.start(pid_namespace=AS_CONTAINER, uid="uid-2", name=one.name)
        both = []

        def serves(instance):
            pid = instance.postmaster_pid()  # or a look of the agent's at the program
            return pid and "fsync=on" in title_of(pid)

        def leads():
            both.extend(["both"] if serves(one) and serves(two) else [])
            return two.get("/primary")[0] == 200

        until("the second pod leads", leads, 40)
        self.assertEqual(both, [])
        until(
            "the first one knows",
            lambda: "another pod of t-postgres-1 uses this volume" in one.status().get("message", ""),
            10,
        )
        self.assertEqual(two.sql("SELECT n FROM t"), "1")

    def test_an_isolated_primary_is_fenced(self):
        bed = self.make()
        primary = bed.await_whole()
        for other in bed.instances:
            if other is not primary:
                other.freeze()
        bed.api.freeze()
        frozen = time.monotonic()
        until("PostgreSQL is gone", lambda: primary.postmaster_pid() is None, 12)
        took = time.monotonic() - frozen
        print("fenced %.1f s after the isolation" % took)
        self.assertGreater(took, 1.5)  # one lost renewal is not enough
        self.assertLess(took, 9)  # from then on another one may claim the Lease
        for other in bed.instances:
            if other is not primary:
                other.freeze(signal.SIGCONT)
        bed.api.thaw()
        bed.await_whole(60)

    def test_a_server_that_ignores_the_fence_is_killed(self):
        bed = self.make()
        primary = bed.await_whole()
        below = marks_of(processes_below(primary.agent_pid()))
        os.kill(primary.postmaster_pid(), signal.SIGSTOP)
        for other in bed.instances:
            if other is not primary:
                other.freeze()
        bed.api.freeze()
        frozen = time.monotonic()
        until("every process is gone", lambda: are_gone(below), 12)
        print("killed %.1f s after the isolation" % (time.monotonic() - frozen))
        self.assertLess(time.monotonic() - frozen, 9.5)
        self.assertEqual(primary.wait(), 70)
        for other in bed.instances:
            if other is not primary:
                other.freeze(signal.SIGCONT)
        bed.api.thaw()
        primary.start(pid_namespace=AS_CONTAINER)
        bed.await_whole(60)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
