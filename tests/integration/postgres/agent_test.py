"""cadence-agent postgres with real PostgreSQL: usage agent_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import fcntl
import os
import signal
import subprocess
import sys
import time
import unittest

import bed as bed_module
from bed import Bed, are_gone, marks_of, processes_below, recovery_below, send, start_of, until

AS_CONTAINER = os.geteuid() == 0  # the agent is PID 1, as in its pod


class AgentTest(unittest.TestCase):
    def make(self, *arguments, **named):
        bed = Bed(*arguments, **named)

        def close():
            result = self._outcome.result
            failed = any(test is self for test, _ in result.failures + result.errors)
            if failed:
                for instance in bed.instances:
                    if instance.process is not None or os.path.exists(os.path.join(bed.folder, instance.name + ".log")):
                        print("==== %s\n%s" % (instance.name, instance.read_log()[-6000:]), file=sys.stderr)
            bed.close()

        self.addCleanup(close)
        return bed

    def test_three_instances_from_nothing(self):
        bed = self.make()
        bed.start_all()
        one, two, three = bed.instances
        lease = bed.api.get()
        self.assertEqual(lease["spec"]["holderIdentity"], "t-postgres-1")
        self.assertEqual(lease["spec"]["leaseDurationSeconds"], 9)
        annotations = lease["metadata"]["annotations"]
        self.assertEqual(annotations["cadence.noslop.tech/system-identifier"], one.status()["system_identifier"])
        self.assertEqual(annotations["cadence.noslop.tech/timeline"], "1")

        # Written with Required 1: the commit itself proves that a standby has it.
        one.sql("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 100)")
        for standby in (two, three):
            until("rows on " + standby.name, lambda: standby.sql("SELECT count(*) FROM t") == "100", 10)
            with self.assertRaisesRegex(RuntimeError, "read-only"):
                standby.sql("INSERT INTO t VALUES (0)")
        self.assertEqual(
            one.sql("SHOW synchronous_standby_names", "postgres", "postgres"), 'ANY 1 ("t-postgres-2", "t-postgres-3")'
        )
        until(
            "both stream",
            lambda: sorted(r["name"] for r in one.status()["replication"] if r["state"] == "streaming")
            == [two.name, three.name],
            10,
        )
        status = two.status()
        self.assertEqual((status["role"], status["is_writable"], status["timeline"]), ("standby", False, 1))
        self.assertEqual((one.status()["role"], one.status()["is_writable"]), ("primary", True))
        until("the primary alone says so", lambda: [i.get("/primary")[0] for i in bed.instances] == [200, 503, 503], 20)
        until(
            "the others say what they are", lambda: [i.get("/replica")[0] for i in bed.instances] == [503, 200, 200], 20
        )
        self.assertIn('cadence_postgres_role{role="primary"} 1', one.get("/metrics")[1])
        self.assertEqual(one.get("/nonsense")[0], 404)

        self.check_access(bed)
        self.check_standby_is_back(bed)
        self.check_reloads(bed)
        self.check_logins_take_turns(bed)
        self.check_steady_state(bed)
        self.check_clean_stop(bed)

    def test_a_server_that_ends_on_a_full_volume_says_so(self):
        bed = self.make(1)
        one = bed.instances[0]
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=128m,uid=%d,gid=%d" % (bed.uid, bed.gid), "none", one.folder],
            check=True,
        )
        self.addCleanup(subprocess.run, ["umount", "--lazy", one.folder], check=True)
        bed.start_all()
        one.sql("CREATE TABLE clay (t text)")
        with self.assertRaises(RuntimeError):
            for _ in range(100):
                one.sql("INSERT INTO clay SELECT repeat('clay', 500) FROM generate_series(1, 4000)")
        until(
            "the log says so",
            lambda: "ended by itself" in one.read_log() and ": its volume is full" in one.read_log(),
            30,
        )
        until("so does its status", lambda: 0 <= one.status()["disk"]["free_bytes"] < 16 << 20, 10)

    def check_access(self, bed):
        one = bed.instances[0]
        with self.assertRaisesRegex(RuntimeError, "password authentication failed"):
            one.sql("SELECT 1", password="wrong")
        with self.assertRaisesRegex(RuntimeError, "no encryption|rejects connection"):
            one.sql("SELECT 1", conninfo=one.conninfo().replace("sslmode=verify-full", "sslmode=disable"))
        with self.assertRaisesRegex(RuntimeError, "rejects connection"):
            one.sql("SELECT 1", user="replicator", database="postgres")
        self.assertEqual(one.sql("SHOW data_checksums", "postgres", "postgres"), "on")
        self.assertEqual(one.sql("SHOW port", "postgres", "postgres"), str(one.port))
        self.assertEqual(
            one.sql("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname='cadence'"), "UTF8"
        )
        self.assertIn("port: Services point to it", one.read_log())
        for instance in bed.instances:
            for password in bed.passwords.values():
                self.assertNotIn(password, instance.read_log())
                self.assertNotIn(password, instance.get("/status")[1])

    def check_standby_is_back(self, bed):
        one, two, three = bed.instances
        os.kill(two.postmaster_pid(), signal.SIGKILL)  # it comes back by itself
        one.sql("INSERT INTO t VALUES (101)")
        until("t-postgres-2 is back", two.is_ready)
        until("the row arrived", lambda: two.sql("SELECT count(*) FROM t") == "101", 20)

    def text_of(self, path):
        with open(path) as text:
            return text.read()

    def lets_in(self, instance):
        try:
            return instance.sql("SELECT 1") == "1"
        except RuntimeError:
            return False

    def check_reloads(self, bed):
        one, two, three = bed.instances
        bed.put(bed.config, "synchronous", "Preferred 2")
        until(
            "Preferred 2 is in force",
            lambda: one.sql("SHOW synchronous_standby_names", "postgres", "postgres")
            == 'ANY 2 ("t-postgres-2", "t-postgres-3")',
            15,
        )
        bed.put(bed.config, "cadence.conf", "max_connections = '60'\nshared_buffers = '16MB'\nwork_mem = '5MB'\n")
        until("work_mem is reloaded", lambda: two.sql("SHOW work_mem") == "5MB", 15)
        until("the restart is asked for", lambda: one.status()["is_restart_pending"], 15)
        bed.put(
            bed.config,
            "cadence.conf",
            "max_connections = '60'\nshared_buffers = '16MB'\nshared_preload_libraries = 'auto_explain,nosuch'\n",
        )
        until(
            "it says which library is missing",
            lambda: one.status().get("config_error") == 'could not access file "nosuch": No such file or directory',
            15,
        )
        # What is taken back before a restart needs none.
        bed.put(bed.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nwork_mem = '5MB'\n")
        until("no restart is asked for", lambda: not one.status()["is_restart_pending"], 15)
        bed.put(
            bed.config,
            "cadence.conf",
            "max_connections = '50'\nshared_buffers = '16MB'\nshared_preload_libraries = 'auto_explain'\n",
        )
        until("the restart is asked for", lambda: one.status()["is_restart_pending"], 15)
        bed.put(bed.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nwork_mem = '5MB'\n")
        until("no restart is asked for", lambda: not one.status()["is_restart_pending"], 15)
        bed.put(bed.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nwork_mem = 'plenty'\n")
        until(
            "it says what PostgreSQL says",
            lambda: one.status().get("config_error") == 'invalid value for parameter "work_mem": "plenty"',
            15,
        )
        self.assertEqual(two.sql("SHOW work_mem"), "5MB")
        bed.put(bed.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nwork_mem = '5MB'\n")
        until("nothing is wrong any more", lambda: not one.status().get("config_error"), 15)
        # With a shell in the container: everybody who connects from now on is refused.
        hba = self.text_of(one.run + "/pg_hba.conf")
        bed.put(one.run, "pg_hba.conf", "local all all peer\nhostssl all all 0.0.0.0/0 reject\n")
        os.kill(one.postmaster_pid(), signal.SIGHUP)
        until("the file is as it was", lambda: self.text_of(one.run + "/pg_hba.conf") == hba, 15)
        until("connections are let in again", lambda: self.lets_in(one), 15)
        bed.put(bed.secrets, "app-password", "Changed4\n")
        bed.passwords["cadence"] = "Changed4"
        until("the new password works", lambda: self.lets_in(one), 15)
        # Preferred: with its standbys gone the primary goes on alone.
        for standby in (two, three):
            self.assertEqual(standby.stop(), 0)
        one.sql("INSERT INTO t VALUES (102)")
        for standby in (two, three):
            standby.start()
        bed.put(bed.config, "cadence.conf", "shared_buffers = '16MB'\n")
        bed.put(bed.config, "synchronous", "Required 1")
        bed.await_all()

    def check_logins_take_turns(self, bed):
        one = bed.instances[0]
        old = bed.passwords["cadence"]
        works = lambda user: lambda: self.logs_in(one, user)
        bed.passwords["cadence_a"] = "Next5"
        for name, text in (("app-next-password", "Next5"), ("app-serial", "1"), ("app-next-username", "cadence_a")):
            bed.put(bed.secrets, name, text + "\n")
        until("the next login works", works("cadence_a"), 15)
        self.assertEqual(one.sql("SELECT current_user", "cadence_a"), "cadence")
        one.sql("CREATE TABLE made_by_a (id int)", "cadence_a")
        one.sql("DROP TABLE made_by_a")  # by the other: both act as the owner
        before = one.status()["roles_hash"]
        for name, text in (
            ("app-password", "Next5"),
            ("app-username", "cadence_a"),
            ("app-next-username", ""),
            ("app-next-password", ""),
        ):
            bed.put(bed.secrets, name, text + "\n")
        until("the roles are as the Secret says", lambda: one.status()["roles_hash"] != before, 15)
        self.assertEqual(one.status()["application_login"], "cadence_a")
        bed.passwords["cadence"] = old
        self.assertTrue(self.logs_in(one, "cadence"), "the old login works until it is retired")
        bed.put(bed.secrets, "app-retired-username", "cadence\n")
        until("the old login is retired", lambda: not self.logs_in(one, "cadence"), 15)
        self.assertTrue(self.logs_in(one, "cadence_a"))
        # Back to the first, for the tests that follow.
        for name, text in (
            ("app-retired-username", "cadence_a"),
            ("app-password", "Again6"),
            ("app-username", "cadence"),
        ):
            bed.put(bed.secrets, name, text + "\n")
        bed.passwords["cadence"] = "Again6"
        until("the first login works again", works("cadence"), 15)

    def logs_in(self, instance, user):
        try:
            return instance.sql("SELECT 1", user) == "1"
        except RuntimeError:
            return False

    def check_steady_state(self, bed):
        for instance in bed.instances:
            with open("/proc/%d/status" % instance.agent_pid()) as text:
                resident = next(int(line.split()[1]) for line in text if line.startswith("VmRSS"))
            print("resident memory of %s: %.1f MiB" % (instance.name, resident / 1024))
            self.assertLessEqual(resident, bed_module.MEMORY_LIMIT_KIB)
        before, started = len(bed.api.writes), time.monotonic()
        until("five more renewals", lambda: len(bed.api.writes) >= before + 5, 30)
        self.assertGreater(
            time.monotonic() - started, 6
        )  # every 2 s, no more; one of them may have been answered late and been sent again
        self.assertEqual(set(bed.api.writes[before:]), {"t-postgres-1"})
        bed.api.lose_replies = 1  # the write happens, its answer is lost
        until("renewed after a lost answer", lambda: bed.api.lose_replies == 0 and bed.instances[0].is_ready(), 10)
        bed.api.delete()
        lease = until("the Lease is made again", bed.api.get, 10)
        self.assertEqual(lease["spec"]["holderIdentity"], "t-postgres-1")
        self.assertIn("cadence.noslop.tech/system-identifier", lease["metadata"]["annotations"])
        self.assertTrue(bed.instances[0].is_ready())

    def check_clean_stop(self, bed):
        one = bed.instances[0]
        self.assertEqual(one.stop(), 0)
        new = bed.primary(10, but=one)
        self.assertEqual(new.sql("SELECT count(*) FROM t"), "102")
        new.sql("INSERT INTO t VALUES (103)")
        os.chmod(one.data, 0o2770)  # as the kubelet does for fsGroup when it mounts a volume again
        one.start(uid="uid-2")
        self.assertIs(bed.await_whole(30), new)
        until("it has the row", lambda: one.sql("SELECT count(*) FROM t") == "103", 20)
        # It says where histories part even when nothing must be undone.
        self.assertNotIn("pg_rewind: rewinding from", one.read_log())

    def test_a_lease_that_names_another_stops_the_primary(self):
        bed = self.make(1, synchronous="Off")
        one = bed.instances[0].start()
        until("ready", one.is_ready)
        bed.api.edit(lambda lease: lease["spec"].update(holderIdentity="t-postgres-2"))
        until(
            "it waits to compare its data",
            lambda: "t-postgres-2 has claimed the Lease" in one.status().get("message", ""),
            10,
        )
        self.assertEqual(bed.api.get()["spec"]["holderIdentity"], "t-postgres-2")
        # The record goes back to us: same pod, so no other process of ours can be alive.
        bed.api.edit(lambda lease: lease["spec"].update(holderIdentity="t-postgres-1"))
        until("primary again", one.is_ready, 20)

    def test_a_new_pod_watches_an_old_record_first(self):
        bed = self.make(1, synchronous="Off", duration="5s", renew="1s")
        one = bed.instances[0].start()
        until("ready", one.is_ready)
        one.clean_up()  # the node died: nothing was released
        started = time.monotonic()
        one.start(uid="uid-2")
        until("primary again", one.is_ready, 30)
        self.assertGreater(time.monotonic() - started, 5)

    def halted_recovery(self, instance):
        """Kills the server and halts the process that replays its log then: both. That one lives for some hundredths of
        a second, so it is looked for without a pause, and again where it was over before anybody looked."""
        for _ in range(10):
            until("ready", instance.is_ready, 30)
            killed = instance.postmaster_pid()
            os.kill(killed, signal.SIGKILL)
            end = time.monotonic() + 20
            while time.monotonic() < end:
                found = recovery_below(instance.process.pid)
                send(signal.SIGSTOP, [found])
                if found and start_of(found):
                    return killed, found
                if not found and instance.postmaster_pid() not in (killed, None) and instance.is_ready():
                    break
        self.fail("no recovery was seen")

    def test_a_long_recovery_is_no_dead_disk(self):
        bed = self.make(1, synchronous="Off")
        one = bed.instances[0].start(pid_namespace=AS_CONTAINER)
        until("ready", one.is_ready)
        # Somebody who looks after a server that ends again and again is no process of the agent's.
        into = ["nsenter", "--target", str(one.agent_pid()), "--pid"]
        into += ["setpriv", "--reuid=%d" % bed.uid, "--regid=%d" % bed.gid, "--clear-groups"]
        shell = subprocess.Popen((into if AS_CONTAINER else []) + ["sleep", "120"])
        self.addCleanup(shell.wait)
        self.addCleanup(shell.kill)
        # The recovery is held up for longer than a disk may take no writes.
        first, recovery = self.halted_recovery(one)
        second = until(
            "another server starts", lambda: one.postmaster_pid() not in (first, None) and one.postmaster_pid()
        )
        self.assertFalse(one.is_ready())
        self.assertIsNone(shell.poll(), "it was killed")
        ends = time.monotonic() + 14
        until("14 s went by", lambda: time.monotonic() > ends or one.postmaster_pid() != second, 20)
        self.assertEqual(one.postmaster_pid(), second, "it was given up")
        os.kill(recovery, signal.SIGCONT)
        until("ready again", one.is_ready, 30)
        self.assertEqual(one.postmaster_pid(), second)
        self.assertNotIn("takes no writes", one.read_log())

    def test_a_library_that_is_not_there_keeps_no_new_database_from_starting(self):
        bed = self.make(1, synchronous="Off")
        bed.put(bed.config, "cadence.conf", "shared_buffers = '16MB'\nshared_preload_libraries = 'nosuch'\n")
        one = bed.instances[0].start()
        until("ready", one.is_ready)
        self.assertEqual(one.status()["config_error"], 'could not access file "nosuch": No such file or directory')

    def test_foreign_data_is_refused_and_left_alone(self):
        bed = self.make(2, synchronous="Off")
        one, two = bed.instances
        two.start()
        until("the other waits", lambda: "another instance initialises" in two.status().get("message", ""), 10)
        self.assertFalse(two.is_ready())
        until("it is alive", lambda: two.get("/livez")[0] == 200, 20)
        one.start()
        bed.await_all()
        self.assertEqual(two.stop(), 0)

        # Another database under the Lease of this one; a running primary would put it right at once.
        identifier = one.status()["system_identifier"]
        self.assertEqual(one.stop(), 0)
        bed.api.edit(
            lambda lease: lease["metadata"]["annotations"].update({"cadence.noslop.tech/system-identifier": "42"})
        )
        two.start()
        until("the wrong database is refused", lambda: "another database" in two.status().get("message", ""), 10)
        self.assertEqual(two.stop(), 0)
        bed.api.edit(
            lambda lease: lease["metadata"]["annotations"].update({"cadence.noslop.tech/system-identifier": identifier})
        )
        one.start()
        until("the primary is back", one.is_ready, 30)

        # A folder that is not empty and no database.
        os.rename(two.data + "/PG_VERSION", two.data + "/PG_VERSION.kept")
        two.start()
        until("foreign files are refused", lambda: "holds no database" in two.status().get("message", ""), 10)
        self.assertEqual(two.stop(), 0)
        self.assertTrue(os.path.exists(two.data + "/global/pg_control"))

        # Another version.
        bed.put(two.data, "PG_VERSION", "14\n")
        two.start()
        until("the wrong version is refused", lambda: "PostgreSQL 14" in two.status().get("message", ""), 10)
        self.assertEqual(two.stop(), 0)
        bed.put(two.data, "PG_VERSION", "15\n")
        two.start()
        until("the right data is accepted", two.is_ready, 20)

    def test_a_volume_in_use_is_left_alone(self):
        bed = self.make(1, synchronous="Off")
        one = bed.instances[0]
        with open(one.data + ".lock", "w") as lock:
            if os.geteuid() == 0:
                os.chown(lock.name, bed.uid, bed.gid)
            fcntl.flock(lock, fcntl.LOCK_EX)
            one.start()
            until(
                "it says who is in the way",
                lambda: "another process uses this volume" in one.status().get("message", ""),
                10,
            )
            self.assertFalse(os.path.exists(one.data))
        until("ready once the volume is free", one.is_ready)

    def test_wrong_use(self):
        bed = self.make(1)
        one = bed.instances[0]
        bed.renew = "3s"
        one.start()
        self.assertEqual(one.wait(), 2)
        self.assertIn("four times renew", one.read_log())


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
