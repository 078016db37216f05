"""Who counts in an election after the primary was lost twice: usage voters_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until


class VotersTest(unittest.TestCase):
    def make(self):
        bed = bed_module.Bed(3, duration="5s", renew="1s")
        bed.close_after(self)
        bed.start_all(pid_namespace=os.geteuid() == 0)
        bed.await_streaming()
        wanted = " ".join(["Required 1"] + [i.name for i in bed.instances[1:]])
        until("the set is published", lambda: self.annotation(bed, "synchronous") == wanted, 20)
        return bed

    def annotation(self, bed, name):
        return bed.api.get()["metadata"]["annotations"].get("cadence.noslop.tech/" + name, "")

    def test_the_first_primary_votes_before_it_has_rejoined(self):
        bed = self.make()
        one = bed.instances[0]
        one.sql("CREATE TABLE t (n int)")
        one.clean_up()
        second = bed.primary(20, but=one)
        third = next(i for i in bed.instances if i not in (one, second))
        until("the third one acknowledges", lambda: any(r["name"] == third.name for r in second.status().get("replication", [])), 20)
        second.sql("INSERT INTO t VALUES (1)")
        second.clean_up()

        one.start(pid_namespace=os.geteuid() == 0)
        self.assertIs(bed.primary(30, but=second), third)
        self.assertEqual(third.sql("SELECT n FROM t"), "1")
        until("the first one has rejoined", one.is_ready, 30)
        third.sql("INSERT INTO t VALUES (2)")
        until("and has all", lambda: one.sql("SELECT sum(n) FROM t") == "3", 10)
        second.start(pid_namespace=os.geteuid() == 0)
        bed.await_streaming(60)
        self.assertEqual(bed.primary().sql("SELECT sum(n) FROM t"), "3")

    def test_the_first_primary_alone_has_everything(self):
        """What it acknowledged last is on the second one only, which is lost before the third could hear of its reign."""
        bed = self.make()
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (n int)")
        until("it is everywhere", lambda: all(i.sql("SELECT count(*) FROM t") == "0" for i in (two, three)), 10)
        three.freeze()
        one.sql("INSERT INTO t VALUES (1)")
        one.clean_up()
        until("the second one asks", lambda: two.status().get("state") == "Disarmed", 20)
        three.freeze(signal.SIGCONT)
        until("it is elected", lambda: bed.api.get()["spec"]["holderIdentity"] == two.name, 20)
        three.freeze()
        until("it is promoted", lambda: two.sql("SELECT pg_is_in_recovery()") == "f", 20)
        two.clean_up()
        three.freeze(signal.SIGCONT)

        one.start(pid_namespace=os.geteuid() == 0)
        self.assertIs(bed.primary(30, but=two), one)
        self.assertEqual(one.sql("SELECT n FROM t"), "1")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
