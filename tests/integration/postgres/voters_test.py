"""Who counts in an election after the primary was lost twice: usage voters_test.py PATH-OF-CADENCE-AGENT [unittest
arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until

AS_CONTAINER = os.geteuid() == 0


class VotersTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed.started(self, pid_namespace=AS_CONTAINER, duration="5s", renew="1s", has_wires=True)

    def await_set(self):
        """Gives the primary, and the others."""
        primary = self.bed.await_whole()
        return [primary] + [i for i in self.bed.instances if i is not primary]

    def test_a_former_primary_counts(self):
        """One bed for both, for it is most of the time."""
        self.bed.instances[0].sql("CREATE TABLE t (n int)")
        self.votes_before_it_has_rejoined()
        self.alone_has_everything()

    def votes_before_it_has_rejoined(self):
        one = self.await_set()[0]
        one.clean_up()
        second = self.bed.primary(20, but=one)
        third = next(i for i in self.bed.instances if i not in (one, second))
        until(
            "the third one acknowledges",
            lambda: any(r["name"] == third.name for r in second.status().get("replication", [])),
            20,
        )
        second.sql("INSERT INTO t VALUES (1)")
        second.clean_up()

        one.start(pid_namespace=AS_CONTAINER)
        self.assertIs(self.bed.primary(40, but=second), third)
        self.assertEqual(third.sql("SELECT n FROM t"), "1")
        until("the first one has rejoined", one.is_ready, 40)
        third.sql("INSERT INTO t VALUES (2)")
        second.start(pid_namespace=AS_CONTAINER)

    def alone_has_everything(self):
        """What it acknowledged last is on the second one only, which is lost before the third could hear of its
        reign."""
        one, two, three = self.await_set()
        for standby in (two, three):
            until("it has all", lambda: standby.sql("SELECT sum(n) FROM t") == "3", 20)
        three.clean_up()  # frozen, it would still have what lies in its socket
        one.sql("INSERT INTO t VALUES (3)")
        one.clean_up()
        self.bed.wires.cut(three.name)  # it votes, and cannot fetch from the second one what it lacks
        three.start(pid_namespace=AS_CONTAINER)
        until("the second one is elected", lambda: self.bed.api.get()["spec"]["holderIdentity"] == two.name, 20)
        three.freeze()
        until("it is promoted", lambda: two.sql("SELECT pg_is_in_recovery()") == "f", 20)
        two.clean_up()
        self.bed.wires.mend(three.name)
        three.freeze(signal.SIGCONT)

        one.start(pid_namespace=AS_CONTAINER)
        self.assertIs(self.bed.primary(40, but=two), one)
        self.assertEqual(one.sql("SELECT sum(n) FROM t"), "6")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
