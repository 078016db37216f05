"""cadence-agent postgres with its log on a volume of its own: usage wal_volume_test.py PATH-OF-CADENCE-AGENT [unittest
arguments]"""
import os
import shutil
import signal
import sys
import time
import unittest

import bed as bed_module
from bed import until
import failover_test
from failover_test import AS_CONTAINER, Ledger


class WalVolumeTest(unittest.TestCase):
    make = failover_test.FailoverTest.make
    lose = failover_test.FailoverTest.lose

    def restart(self, instance):
        self.assertEqual(instance.stop(), 0)
        instance.start(pid_namespace=AS_CONTAINER, uid="uid-2", wal_volume=True)
        until(instance.name + " is ready", instance.is_ready, 60)

    def check_place(self, instance):
        self.assertEqual(os.readlink(os.path.join(instance.data, "pg_wal")), os.path.join(instance.wal, "pg_wal"))
        self.assertTrue(
            [name for name in os.listdir(os.path.join(instance.wal, "pg_wal")) if len(name) == 24],
            "no segment on the volume",
        )
        self.assertEqual(sorted(os.listdir(instance.wal)), ["pg_wal"])
        self.assertNotIn("data.pg_wal", os.listdir(instance.folder))

    def test_a_volume_that_is_added_lost_and_moved_to_in_pieces(self):
        bed = self.make()
        with Ledger(bed) as ledger:
            # Added to a running database, standbys first, as the operator does.
            primary = bed.await_whole()
            for instance in [i for i in bed.instances if i is not primary] + [primary]:
                self.restart(instance)
            bed.await_whole()
            for instance in bed.instances:
                self.check_place(instance)
                self.assertGreater(instance.status()["wal_disk"]["size_bytes"], 0)
            ledger.check(self)

            # A rewind goes through the link.
            self.lose(
                bed, ledger, "SIGKILL of the postmaster", lambda old: os.kill(old.postmaster_pid(), signal.SIGKILL)
            )
            for instance in bed.instances:
                self.check_place(instance)

            # A log that is gone: the standby is copied again, its log again on its volume.
            primary = bed.await_whole()
            standby = next(i for i in bed.instances if i is not primary)
            self.assertEqual(standby.stop(), 0)
            shutil.rmtree(os.path.join(standby.wal, "pg_wal"))
            standby.start(pid_namespace=AS_CONTAINER, uid="uid-3", wal_volume=True)
            until("it is copied again", lambda: "Clone again from " + primary.name in standby.read_log(), 20)
            until("it serves", standby.is_ready, 60)  # the copy itself streams too
            self.assertIs(bed.await_whole(), primary)
            self.check_place(standby)

            # Cut between parking the old log and the link, and once more in the middle of the copy.
            for is_linked_late in (True, False):
                self.assertEqual(standby.stop(), 0)
                data_wal, parked = os.path.join(standby.data, "pg_wal"), os.path.join(standby.folder, "data.pg_wal")
                os.unlink(data_wal)
                if is_linked_late:
                    shutil.copytree(os.path.join(standby.wal, "pg_wal"), parked)
                else:
                    shutil.move(os.path.join(standby.wal, "pg_wal"), data_wal)
                    bed.make_folder(os.path.join(standby.wal, "pg_wal.new"))
                    with open(os.path.join(standby.wal, "pg_wal.new", "000000010000000000000001"), "w") as half:
                        half.write("half of a segment")
                for folder, _, files in os.walk(standby.folder):
                    for path in [folder] + [os.path.join(folder, name) for name in files]:
                        os.chown(path, bed.uid, bed.gid, follow_symlinks=False)
                standby.start(pid_namespace=AS_CONTAINER, uid="uid-4", wal_volume=True)
                until("it serves", standby.is_ready, 60)
                self.assertIs(bed.await_whole(), primary)
                self.check_place(standby)
                self.assertEqual(standby.read_log().count("Clone again"), 1)
            ledger.gap_after(time.monotonic())
            ledger.check(self)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
