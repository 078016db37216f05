"""What a person writes by hand: nonsense into the Lease while nobody is primary, replication slots on the server.
usage by_hand_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until

AS_CONTAINER = os.geteuid() == 0
PREFIX = "cadence.noslop.tech/"
SEGMENTS = 6  # of 16 MiB: more than is named


class ByHandTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed.started(
            self, pid_namespace=AS_CONTAINER, duration="5s", renew="1s", stream_patience="2s"
        )
        self.bed.instances[0].sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")

    def write(self, annotations):
        self.bed.api.edit(
            lambda lease: lease["metadata"]["annotations"].update(
                {PREFIX + name: value for name, value in annotations.items()}
            )
        )

    def test_slot_of_a_stranger(self):
        one = self.bed.instances[0]
        superuser = lambda text: one.sql(text, "postgres", "postgres")
        self.assertNotIn("strange_slots", one.status())
        superuser("CHECKPOINT")  # where a new slot begins to keep the log; the copies have moved it on since the last
        superuser("SELECT pg_create_physical_replication_slot('report', true)")
        for _ in range(SEGMENTS):
            superuser("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")
        said = until("it is named", lambda: one.status().get("strange_slots", ""), 30)
        self.assertIn("slot report, which nobody reads, keeps 64 MiB of log or more, up to ", said)
        self.assertNotIn("cadence_", said)
        superuser("SELECT pg_drop_replication_slot('report')")
        until("it is named no more", lambda: "strange_slots" not in one.status(), 30)

    def test_nonsense_in_the_lease(self):
        one, two, three = self.bed.instances
        for standby in (two, three):
            standby.freeze()
        one.crash()
        self.write(
            {
                "timeline": "nonsense",
                "reserved-timeline": "4000000000",
                "elected-at": "xyz",
                "shutdown": "0/0",
                "handover-to": "nobody",
                "restart": "a b c",
                "before-promotion": "{",
                "failover": "[",
                "fenced": "\t\n",
                "switchover-to": "-",
                "system-identifier": "seven",
                "holder-address": "::",
                "recover-from": "?",
            }
        )
        for standby in (two, three):
            standby.freeze(signal.SIGCONT)
        new = self.bed.primary(60, but=one)
        self.assertEqual(new.sql("INSERT INTO t VALUES (2); SELECT count(*) FROM t"), "2")
        until("what can be read stands there again", lambda: self.bed.annotation("system-identifier").isdigit(), 30)
        self.assertLess(int(self.bed.annotation("reserved-timeline")), 100)
        one.start(pid_namespace=AS_CONTAINER)
        self.bed.await_whole(90)

        # Who has every commit is not known: nobody is elected, and the last primary comes back with all of it.
        others = [instance for instance in self.bed.instances if instance is not new]
        for standby in others:
            standby.freeze()
        new.crash()
        self.write({"synchronous": "Required of all"})
        for standby in others:
            standby.freeze(signal.SIGCONT)
        for standby in others:
            until("it says why", lambda: PREFIX + "synchronous says 'Required of all'" in str(standby.status()), 60)
            self.assertNotIn("no standby was synchronous", str(standby.status()))
        new.start(pid_namespace=AS_CONTAINER)
        self.assertIs(self.bed.await_whole(90), new)
        self.assertEqual(new.sql("SELECT count(*) FROM t"), "2")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
