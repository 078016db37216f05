"""A standby that cannot follow its primary, and what it does to its data: usage rejoin_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import subprocess
import sys
import unittest

import bed as bed_module
from bed import processes_below, until

SEGMENT = 16 << 20


def position(text):
    high, _, low = (text or "0/0").partition("/")
    return (int(high, 16) << 32) + int(low, 16)


class RejoinTest(unittest.TestCase):
    def make(self):
        bed = bed_module.Bed(3, synchronous="Off", stream_patience="1s")
        self.addCleanup(lambda: bed.close())
        small = bed.instances[1]
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,uid=%d,gid=%d" % (bed.uid, bed.gid), "none", small.folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", small.folder], check=True)
        bed.start_all()
        bed.await_streaming()
        return bed

    def superuser(self, instance, text):
        return instance.sql(text, "postgres", "postgres")

    def fill(self, folder):
        """Leaves room for a segment of the log, and not for a second copy."""
        volume = os.statvfs(folder)
        with open(os.path.join(folder, "ballast"), "wb") as out:
            os.posix_fallocate(out.fileno(), 0, volume.f_bavail * volume.f_frsize - SEGMENT)

    def test_the_only_copies_are_kept_until_another_can_be_had(self):
        bed = self.make()
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")

        # A wrong password says nothing about the data.
        self.superuser(one, "ALTER ROLE replicator PASSWORD 'wrong'")
        self.superuser(one, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
        until("it says what is wrong", lambda: "password authentication failed" in two.status()["message"], 20)
        self.assertEqual(two.status()["state"], "Standby")
        self.assertEqual(three.stop(), 0)

        # Meanwhile the log that it needs goes away, and its volume has room for one copy.
        self.superuser(one, "SELECT pg_drop_replication_slot('cadence_2')")
        for _ in range(3):
            one.sql("INSERT INTO t VALUES (2)")
            self.superuser(one, "SELECT pg_switch_wal()")
            self.superuser(one, "CHECKPOINT")
        until("the log is gone", lambda: position(one.status()["oldest_lsn"]) > position(two.status()["replay_lsn"]), 20)
        self.fill(two.folder)
        self.superuser(one, "ALTER ROLE replicator PASSWORD '%s'" % bed.passwords["replicator"].replace("'", "''"))
        until("it keeps its copy", lambda: "t-postgres-3 does not answer whether it has a copy" in two.status()["message"], 20)
        self.assertTrue(os.path.exists(two.data + "/global/pg_control"))
        self.assertNotIn("Removed data", two.read_log())
        self.assertNotIn("Rewind to", two.read_log())

        three.start()  # whose copy is whole
        until("it has a new copy", two.is_ready, 30)
        self.assertIn("Removed data", two.read_log())
        self.assertEqual(two.sql("SELECT count(*) FROM t"), "4")
        self.assertEqual(os.listdir(two.run).count("proof"), 0)

    def startup_process(self, instance):
        """The process that replays the log."""
        for pid in processes_below(instance.process.pid):
            try:
                with open("/proc/%d/cmdline" % pid, "rb") as title:
                    if b"startup" in title.read():
                        return pid
            except OSError:
                continue
        return None

    def test_a_promotion_that_is_held_up(self):
        bed = bed_module.Bed(3, synchronous="Off", duration="5s", renew="1s")
        self.addCleanup(lambda: bed.close())
        bed.put(bed.config, "cadence.conf", "max_connections = '50'\nshared_buffers = '16MB'\nmax_standby_streaming_delay = '-1'\n")
        bed.start_all()
        bed.await_streaming()
        one, two, three = bed.instances
        one.sql("CREATE TABLE t (n int); CREATE TABLE u (n int); INSERT INTO u VALUES (1)")
        until("the rows arrive", lambda: two.sql("SELECT count(*) FROM u") == "1", 10)
        until("the set is published", lambda: "t-postgres-3" in bed.api.get()["metadata"]["annotations"].get("cadence.noslop.tech/synchronous", ""), 20)

        # Stopped in the middle of its promotion, the elected one leaves no end of the log behind that others could go by.
        three.freeze()
        one.clean_up()
        startup = self.startup_process(two)
        os.kill(startup, signal.SIGSTOP)
        until("it is elected", lambda: two.status().get("state") == "Promoting", 30)
        two.kill()
        until("it stops", lambda: two.status().get("role") != "standby" or "could not be promoted" in two.read_log(), 10)
        os.kill(startup, signal.SIGCONT)
        self.assertEqual(two.wait(), 0)
        lease = bed.api.get()
        self.assertEqual((lease["spec"]["holderIdentity"], lease["metadata"]["annotations"]["cadence.noslop.tech/last-holder"]), ("", two.name))
        self.assertNotIn("cadence.noslop.tech/shutdown", lease["metadata"]["annotations"])
        two.start()
        three.freeze(signal.SIGCONT)
        new = bed.primary(30)
        self.assertEqual(new.sql("SELECT n FROM u"), "1")


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
