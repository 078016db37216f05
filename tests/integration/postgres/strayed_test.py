"""A standby's server that somebody leads astray by hand: usage strayed_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until

AS_CONTAINER = os.geteuid() == 0


class StrayedTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed(3, duration="5s", renew="1s", stream_patience="2s")
        self.bed.close_after(self)
        self.bed.start_all(pid_namespace=AS_CONTAINER)
        self.bed.await_streaming()
        until("the set is published", lambda: self.annotation("synchronous") == "Required 1 t-postgres-2 t-postgres-3", 20)

    def annotation(self, name):
        return self.bed.api.get()["metadata"]["annotations"].get("cadence.noslop.tech/" + name, "")

    def superuser(self, instance, text):
        return instance.sql(text, "postgres", "postgres")

    def is_back(self, instance, row):
        until("it has what the primary has", lambda: instance.is_ready() and instance.sql("SELECT count(*) FROM t WHERE n = %d" % row) == "1", 40)

    def test_promoted_by_hand(self):
        one, two, three = self.bed.instances
        one.sql("CREATE TABLE t (n int)")
        self.superuser(three, "SELECT pg_promote()")
        one.sql("INSERT INTO t VALUES (1)")
        self.is_back(three, 1)
        self.assertNotIn("Clone anew", three.read_log())
        self.assertIn("it was promoted, and nobody elected it", three.read_log())

        # Its agent stands still while the server is promoted and the primary goes on, and hears of the election first.
        os.kill(three.agent_pid(), signal.SIGSTOP)
        self.superuser(three, "SELECT pg_promote()")
        one.sql("INSERT INTO t VALUES (2)")  # acknowledged by the second one alone
        one.clean_up()
        until("the second one asks", lambda: two.status().get("state") == "Disarmed", 20)
        os.kill(three.agent_pid(), signal.SIGCONT)
        until("it is stopped", lambda: three.status().get("role") != "primary", 20)
        until("the second one says for whom it waits", lambda: three.name in two.status().get("blocked", ""), 20)
        self.assertEqual(self.bed.api.get()["spec"]["holderIdentity"], one.name)
        one.start(pid_namespace=AS_CONTAINER)
        self.bed.await_streaming(60)
        for instance in self.bed.instances:
            self.is_back(instance, 2)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
