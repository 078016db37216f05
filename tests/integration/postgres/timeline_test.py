"""Two promotions that know nothing of each other, and what becomes of their logs: usage timeline_test.py
PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until
from pauses import Pause, Step


class TimelineTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed.started(
            self, pid_namespace=os.geteuid() == 0, synchronous="Off", duration="4s", renew="1s", stream_patience="2s"
        )

    def timeline(self, instance):
        return int(
            instance.sql("SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int")
        )

    def test_two_promotions_never_share_a_number(self):
        """The second one is promoted from the log that the first was promoted from,
        and has never heard of that one's timeline."""
        bed = self.bed
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (who text)")
        until("it is everywhere", lambda: three.sql("SELECT count(*) FROM t") == "0", 10)
        three.freeze()
        # Held before it can publish that nobody follows it, so that the third may be elected.
        with Pause([two], Step("line", "received promote request", "at", "agent"), None):
            one.clean_up()
            until("it is promoted", lambda: two.sql("SELECT pg_is_in_recovery()") == "f", 20)
            self.assertEqual(self.timeline(two), 2)
            two.sql("INSERT INTO t SELECT 'two' FROM generate_series(1, 20000)")
            two.clean_up()

        three.freeze(signal.SIGCONT)
        self.assertIs(bed.primary(30), three)
        three.sql("INSERT INTO t SELECT 'three' FROM generate_series(1, 20000)")
        self.assertEqual(self.timeline(three), 3, "2 is the number of another promotion")
        one.start()
        two.start()
        bed.await_whole(40)
        for other in (one, two):
            until("it has what the primary has", lambda: other.sql("SELECT DISTINCT who FROM t") == "three", 20)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
