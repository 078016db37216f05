"""A standby's server that somebody leads astray by hand: usage strayed_test.py PATH-OF-CADENCE-AGENT [unittest
arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until

AS_CONTAINER = os.geteuid() == 0


class StrayedTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed.started(
            self, pid_namespace=AS_CONTAINER, duration="5s", renew="1s", stream_patience="2s"
        )

    def superuser(self, instance, text):
        return instance.sql(text, "postgres", "postgres")

    def is_back(self, instance, row):
        until(
            "it has what the primary has",
            lambda: instance.is_ready() and instance.sql("SELECT count(*) FROM t WHERE n = %d" % row) == "1",
            40,
        )

    def test_led_astray(self):
        """One bed for all, for it is most of the time."""
        self.bed.instances[0].sql("CREATE TABLE t (n int)")
        self.promoted_by_hand()
        self.without_its_file()
        self.promoted_by_hand_before_an_election()
        self.replay_paused()

    def promoted_by_hand(self):
        one, _, three = self.bed.instances
        self.superuser(three, "SELECT pg_promote(false)")  # who waits for its end is cut off with the server
        until("it is noticed", lambda: "it was promoted, and nobody elected it" in three.read_log(), 20)
        one.sql("INSERT INTO t VALUES (1)")
        self.is_back(three, 1)
        self.assertNotIn("Clone again", three.read_log())
        self.assertIn("was promoted by hand", three.status()["overridden"])

    def without_its_file(self):
        one, two, _ = self.bed.instances
        two.stop()
        os.rename(os.path.join(two.data, "standby.signal"), os.path.join(two.data, "recovery.signal"))
        two.start(pid_namespace=AS_CONTAINER)
        one.sql("INSERT INTO t VALUES (2)")
        self.is_back(two, 2)
        self.assertNotIn("Clone again", two.read_log())
        self.assertFalse(os.path.exists(os.path.join(two.data, "recovery.signal")))

    def promoted_by_hand_before_an_election(self):
        """Its agent stands still while the server is promoted and the primary goes on,
        and hears of the election first."""
        one, two, three = self.bed.instances
        self.bed.await_whole()
        os.kill(three.agent_pid(), signal.SIGSTOP)
        self.superuser(three, "SELECT pg_promote()")
        one.sql("INSERT INTO t VALUES (3)")  # acknowledged by the second one alone
        one.clean_up()
        until("the second one asks", lambda: two.status().get("state") == "Disarmed", 20)
        os.kill(three.agent_pid(), signal.SIGCONT)
        until("it is stopped", lambda: three.status().get("role") != "primary", 20)
        until("the second one says for whom it waits", lambda: three.name in two.status().get("blocked", ""), 20)
        one.start(pid_namespace=AS_CONTAINER)
        self.assertIs(self.bed.await_whole(60), one)
        for instance in self.bed.instances:
            self.is_back(instance, 3)

    def replay_paused(self):
        one, two, three = self.bed.instances
        for standby in (two, three):
            self.superuser(standby, "SELECT pg_wal_replay_pause()")
        until("it says so", lambda: "pg_wal_replay_pause" in two.status()["overridden"], 10)
        one.sql("INSERT INTO t VALUES (4)")
        one.stop()
        new = self.bed.primary(30, but=one)
        # By the end of the log, for which it must be read, and not by a quorum after that was waited for in vain.
        self.assertIn("has replayed the log to its clean end", new.read_log())
        new.sql("INSERT INTO t VALUES (5)")  # acknowledged by the other, which has gone on, too
        self.assertEqual(new.sql("SELECT count(*) FROM t"), "5")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
