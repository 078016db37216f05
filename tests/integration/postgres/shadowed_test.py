"""A log that a crash cut short under a newer timeline's name.

Usage: shadowed_test.py PATH-OF-CADENCE-AGENT [unittest arguments]
"""

import glob
import os
import sys
import unittest

import bed as bed_module
from bed import until

BEGUN = 8192  # of the segment: what had come of the new timeline's stream


class ShadowedTest(unittest.TestCase):
    def superuser(self, instance, text):
        return instance.sql(text, "postgres", "postgres")

    def segments(self, instance):
        found = glob.glob(os.path.join(instance.data, "pg_wal", "0000*"))
        return sorted(path for path in found if len(os.path.basename(path)) == 24)

    def follow_a_new_timeline(self, bed):
        """The primary and a standby of it that was killed with its server; the data files of that one reach beyond the
        beginning of the segment in which the timelines part."""
        one, two, three = bed.instances
        self.superuser(one, "SELECT pg_switch_wal()")
        one.sql("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 2000)")
        for standby in (two, three):
            until("it has replayed it", lambda: standby.sql("SELECT count(*) FROM t") == "2000", 20)
            self.superuser(standby, "CHECKPOINT")
        one.clean_up()
        primary = bed.primary(40)
        standby = two if primary is three else three
        until("it follows the new timeline", lambda: standby.status().get("is_streaming"), 40)
        primary.sql("INSERT INTO t VALUES (1)")
        standby.clean_up()
        return primary, standby

    def await_all_of_it(self, bed, primary, standby):
        primary.start()
        self.assertIs(bed.primary(40), primary)
        until("it streams", lambda: standby.status().get("is_streaming"), 60)
        primary.sql("INSERT INTO t VALUES (2)")
        until("it has all of it", lambda: standby.sql("SELECT count(*) FROM t") == "2002", 20)
        self.assertNotIn("Rewind to", standby.read_log())
        self.assertNotIn("Clone again", standby.read_log())

    def make(self):
        return bed_module.Bed.started(self, duration="4s", renew="1s", stream_patience="2s")

    def test_a_segment_that_was_cut_short_hides_no_older_one(self):
        """PostgreSQL reads the newest timeline's file and not the older one's whole one, so what lies here would end
        before the state that the data files are in."""
        bed = self.make()
        primary, standby = self.follow_a_new_timeline(bed)
        newest = self.segments(standby)[-1]
        self.assertIn("00000001" + os.path.basename(newest)[8:], [os.path.basename(p) for p in self.segments(standby)])
        with open(newest, "r+b") as file:
            file.truncate(BEGUN)
            file.truncate(16 << 20)
        # Nobody leads when it starts, so it begins with what lies here.
        primary.stop()
        standby.start()
        until("it is consistent", lambda: standby.sql("SELECT count(*) FROM t") == "2000", 40)
        self.await_all_of_it(bed, primary, standby)

    def test_a_standby_that_lacks_log_asks_the_elected_one_for_it(self):
        bed = self.make()
        primary, standby = self.follow_a_new_timeline(bed)
        for segment in self.segments(standby)[-2:]:
            os.remove(segment)
        primary.stop()
        standby.start()
        until("it does not get there alone", lambda: "not yet accepting connections" in standby.status()["message"], 40)
        self.await_all_of_it(bed, primary, standby)

    def test_a_standby_that_lacks_log_has_no_vote(self):
        """Its data files are in a state that never was, and the primary's death is no reason to go on with that."""
        bed = self.make()
        primary, standby = self.follow_a_new_timeline(bed)
        third = bed.instances[0]
        third.start()
        until("the third one follows", lambda: third.status().get("is_streaming"), 60)
        for segment in self.segments(standby)[-2:]:
            os.remove(segment)
        primary.clean_up()
        standby.start()
        reason = f"missing: {standby.name} (its server does not answer: "
        blocked = lambda: third.status().get("blocked", "")  # noqa: E731
        until("it is asked in vain", lambda: reason in blocked() and "not yet accepting connections" in blocked(), 60)
        self.assertEqual(bed.api.get()["spec"]["holderIdentity"], primary.name)
        self.await_all_of_it(bed, primary, standby)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
