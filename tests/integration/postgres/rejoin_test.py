"""A standby that cannot follow its primary, and what it does to its data:
usage rejoin_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import time
import unittest

import bed as bed_module
from bed import recovery_below, send, until


class RejoinTest(unittest.TestCase):
    def make(self):
        return bed_module.Bed.started(self, synchronous="Off", stream_patience="1s")

    def password_file(self, instance):
        with open(os.path.join(instance.run, "replication.pgpass")) as file:
            return file.read()

    def superuser(self, instance, text):
        return instance.sql(text, "postgres", "postgres")

    def test_a_wrong_password_says_nothing_about_the_data(self):
        bed = bed_module.Bed(3, synchronous="Off", stream_patience="1s")
        bed.close_after(self)
        one, two, three = bed.instances
        mounts = bed.own_secrets(two), bed.own_secrets(three)  # as kubelets that lag behind, or run ahead
        bed.start_all()
        bed.await_whole()
        for mount in mounts:
            bed.put(mount, "replication-password", "wrong\n")
        # Their streams go on with what they began with.
        until("they have taken it", lambda: all("wrong" in self.password_file(standby) for standby in (two, three)), 20)
        self.superuser(one, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
        until("it says what is wrong", lambda: "password authentication failed" in two.status()["message"], 20)
        self.assertEqual(two.status()["state"], "Standby")
        for mount in mounts:
            bed.put(mount, "replication-password", bed.passwords["replicator"] + "\n")
        bed.await_whole()

        self.assertNotIn("Rewind to", two.read_log() + three.read_log())
        self.assertNotIn("Clone again", two.read_log() + three.read_log())

    def hold_recovery(self, instance):
        """Starts it and halts the process that replays its log before that asked for a stream."""
        for _ in range(10):
            instance.clean_up()
            instance.start()
            held = until("it recovers", lambda: (agent := instance.agent_pid()) and recovery_below(agent), 30)
            send(signal.SIGSTOP, [held])
            if until("it answers", instance.status, 20) and not instance.status()["is_streaming"]:
                return held
            send(signal.SIGCONT, [held])
        self.fail("it was too fast ten times")

    def test_a_recovery_that_takes_long_says_nothing_about_the_data(self):
        """While a log is replayed nobody is asked for a stream: that must not be taken for a primary that cannot be
        followed."""
        bed = self.make()
        two = bed.instances[1]
        copied = os.stat(os.path.join(two.data, "PG_VERSION")).st_ino
        held = self.hold_recovery(two)
        bed.instances[0].sql("CREATE TABLE t (n int)")
        began = time.monotonic()
        until("the patience and the pause between two questions are over", lambda: time.monotonic() - began > 9, 20)
        self.assertNotIn("Could not follow", two.read_log())
        send(signal.SIGCONT, [held])
        bed.await_whole()
        self.assertEqual(os.stat(os.path.join(two.data, "PG_VERSION")).st_ino, copied)
        self.assertNotIn("Rewind to", two.read_log())

    def test_a_promotion_that_is_held_up(self):
        bed = bed_module.Bed(3, synchronous="Off", duration="5s", renew="1s")
        bed.close_after(self)
        bed.put(
            bed.config,
            "cadence.conf",
            "max_connections = '50'\nshared_buffers = '16MB'\nmax_standby_streaming_delay = '-1'\n",
        )
        bed.start_all()
        bed.await_whole()
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (n int); CREATE TABLE u (n int); INSERT INTO u VALUES (1)")
        until("the rows arrive", lambda: two.sql("SELECT count(*) FROM u") == "1", 10)

        # Stopped in the middle of its promotion, the elected one leaves no end of the log behind that others could go
        # by.
        three.freeze()
        one.clean_up()
        startup = recovery_below(two.process.pid)
        os.kill(startup, signal.SIGSTOP)
        until("it is elected", lambda: two.status().get("state") == "Promoting", 30)
        two.kill()
        until(
            "it stops", lambda: two.status().get("role") != "standby" or "could not be promoted" in two.read_log(), 10
        )
        os.kill(startup, signal.SIGCONT)
        self.assertEqual(two.wait(), 0)
        lease = bed.api.get()
        self.assertEqual(lease["spec"]["holderIdentity"], "")
        # Whether PostgreSQL had begun when it was stopped: then the reign counts, else the record is as it was before.
        self.assertIn(lease["metadata"]["annotations"]["cadence.noslop.tech/last-holder"], (one.name, two.name))
        self.assertNotIn("cadence.noslop.tech/shutdown", lease["metadata"]["annotations"])
        two.start()
        three.freeze(signal.SIGCONT)
        new = bed.primary(30)
        self.assertEqual(new.sql("SELECT n FROM u"), "1")

    def test_a_reader_holds_up_the_replay_of_the_elected_one(self):
        bed = bed_module.Bed(3, duration="5s", renew="1s")
        bed.close_after(self)
        bed.put(
            bed.config,
            "cadence.conf",
            (
                "max_connections = '50'\nshared_buffers = '16MB'\nmax_standby_streaming_delay ="
                " '-1'\nhot_standby_feedback = 'off'\n"
            ),
        )
        bed.start_all()
        bed.await_whole()
        one, two, three = bed.instances
        one.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n")
        until("the rows arrive", lambda: two.sql("SELECT count(*) FROM t") == "1000", 10)
        reader = two.session()
        self.addCleanup(reader.kill)
        reader.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t;\n")
        self.assertEqual(reader.stdout.readline().strip(), "1000")

        three.freeze()
        one.sql("DELETE FROM t WHERE n > 10")
        one.sql("VACUUM t", "postgres", "cadence")
        one.sql("INSERT INTO t VALUES (5000)")  # acknowledged: it lies on the second one's disk, unread
        self.assertEqual(two.sql("SELECT count(*) FROM t WHERE n = 5000"), "0")
        one.clean_up()
        three.freeze(signal.SIGCONT)
        self.assertIs(bed.primary(40), two)
        self.assertEqual(two.sql("SELECT count(*) FROM t"), "11")
        self.assertIn("Ended the sessions on this standby", two.read_log())

    def test_a_promotion_that_fails_leaves_the_record_as_it_was(self):
        bed = bed_module.Bed.started(self, duration="5s", renew="1s")
        one, two, three = bed.instances
        one.sql("CREATE TABLE t AS SELECT 1 AS n")

        # PostgreSQL wants to write a file of this name to begin, and removes what has it when it starts.
        for standby in (two, three):
            os.symlink("/nonexistent/promote", os.path.join(standby.data, "promote"))
        bed.api.edit(
            lambda lease: lease["metadata"]["annotations"].update({"cadence.noslop.tech/switchover-to": two.name})
        )
        until("it fails", lambda: any("Could not promote" in i.read_log() for i in (two, three)), 30)
        # Those who have the log are elected as before, or the first primary goes on;
        # none needs another one to come back first.
        self.assertEqual(bed.await_whole(60).sql("SELECT n FROM t"), "1")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
