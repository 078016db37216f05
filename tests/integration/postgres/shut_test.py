"""A primary that nobody can connect to any more: usage shut_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import until


class ShutTest(unittest.TestCase):
    def test_a_postmaster_that_hangs_hands_over(self):
        bed = bed_module.Bed.started(self)
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
        # The connections that the agent has go on, and those of standbys: the server looks well to all of them.
        postmaster = one.postmaster_pid()
        os.kill(postmaster, signal.SIGSTOP)
        self.addCleanup(self.thaw, postmaster)
        until("it says so", lambda: "nobody can connect any more" in one.status().get("unacknowledged", ""), 40)
        writable = lambda: [i for i in (two, three) if i.status().get("is_writable")]  # noqa: E731
        after = until("another one writes", writable, 90)[0]
        self.assertEqual(after.sql("SELECT n FROM t"), "1")
        after.sql("INSERT INTO t VALUES (2)")
        until("it follows", lambda: one.status().get("role") == "standby" and one.is_ready(), 60)
        self.assertIn("nobody could connect to t-postgres-1 any more", one.read_log() + after.read_log())

    def thaw(self, pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
