"""Volumes that cannot hold two copies of the database, and a wall before the primary's port: usage copy_test.py
PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import subprocess
import sys
import time
import unittest

import bed as bed_module
import pauses
from bed import until

LEFT = 40  # MiB beside the data
WALL = 10  # seconds


def mount_small_volume(instance):
    subprocess.run(
        [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=400m,uid=%d,gid=%d" % (instance.bed.uid, instance.bed.gid),
            "none",
            instance.folder,
        ],
        check=True,
    )
    pauses.wrap_tools(instance)


def fill(instance):
    """As other data of a larger database would."""
    room = os.statvfs(instance.folder)
    size = room.f_bavail * room.f_frsize - LEFT * 2**20
    with open(os.path.join(instance.folder, "ballast"), "wb") as out:
        os.posix_fallocate(out.fileno(), 0, size)


def identity(instance):
    """Of the copy: another one has another directory."""
    return os.stat(instance.data).st_ino


class CopyTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed = bed_module.Bed(3, synchronous="Off", stream_patience="1s", has_wires=True)
        self.bed.close_after(self)
        self.one, self.two, self.three = bed.instances
        bed.put(bed.config, "cadence.conf", "shared_buffers = '16MB'\nwal_keep_size = '0'\nmin_wal_size = '32MB'\n")
        for instance in (self.two, self.three):
            mount_small_volume(instance)
            self.addCleanup(subprocess.run, ["umount", "--lazy", instance.folder], check=True)
        bed.start_all()
        bed.await_whole()

    def lose_the_log_of(self, instance):
        """What it needs to follow is gone at the primary when this ends; it does not run."""
        ask = lambda text: self.one.sql(text, "postgres", "postgres")  # noqa: E731
        needed = ask("SELECT pg_walfile_name(pg_current_wal_lsn())")

        def is_gone():
            ask(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'cadence_%d'"
                " AND NOT active" % instance.number
            )
            ask("SELECT pg_logical_emit_message(true, 'x', 'y'), pg_switch_wal()")
            ask("CHECKPOINT")
            return ask("SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'") > needed

        until("the log is recycled", is_gone, 60)

    def test_a_wall_before_the_primary_empties_no_standby(self):
        bed, one, two, three = self.bed, self.one, self.two, self.three
        for instance in (two, three):
            fill(instance)
        before = {i: identity(i) for i in (two, three)}
        bed.wires.cut(one.name)
        began = time.monotonic()
        until("the wall stood for its time", lambda: time.monotonic() - began > WALL, WALL + 10)
        bed.wires.mend(one.name)
        bed.await_whole()
        self.assertEqual({i: identity(i) for i in before}, before)

        # One that has to be copied again goes only when the copy can be had: the wall stands once more as it is about
        # to begin.
        three.stop()
        self.lose_the_log_of(three)
        with pauses.Pause([three], pauses.Step("tool", "pg_basebackup", "before", "tool"), 2) as reached:
            three.start()
            until("it asks for proof of a copy", lambda: reached.is_taken, 60)
            bed.wires.cut(one.name)
        began = time.monotonic()
        until("the wall stood for a while", lambda: time.monotonic() - began > 6, 20)
        self.assertEqual(identity(three), before[three])
        bed.wires.mend(one.name)
        bed.await_whole(90)
        self.assertNotEqual(identity(three), before[three])
        self.assertIn("the volume cannot hold both", three.read_log())
        self.assertEqual(identity(two), before[two])


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
