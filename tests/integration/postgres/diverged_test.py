"""A standby that has more of the lost primary's log than the elected one:
usage diverged_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import select
import signal
import sys
import unittest

import bed as bed_module
import pauses
from bed import until

AS_CONTAINER = os.geteuid() == 0


class DivergedTest(unittest.TestCase):
    def setUp(self):
        self.bed = bed_module.Bed(4, synchronous="Required 2", duration="5s", renew="1s")
        self.bed.close_after(self)
        for instance in self.bed.instances:
            pauses.wrap_tools(instance)
        self.bed.start_all(pid_namespace=AS_CONTAINER)

    def send(self, instance, statement):
        """Its commit is not waited for. Gives how to read whether it was acknowledged."""
        session = instance.session()
        session.stdin.write(statement + ";\n\\echo acknowledged\n")
        session.stdin.flush()
        self.addCleanup(session.communicate)
        self.addCleanup(session.kill)
        return (
            lambda: bool(select.select([session.stdout], [], [], 0)[0])
            and session.stdout.readline() == "acknowledged\n"
        )

    def rows_on(self, instance):
        return instance.sql("SELECT string_agg(DISTINCT n::text, ',') FROM t")

    def hold_rewind(self, instance):
        """Gives how to know that it stands there, and how to let it go on."""
        folder = pauses.folder_of(instance, "pg_rewind")
        open(os.path.join(folder, "before"), "w").close()
        at = os.path.join(folder, "at")
        return lambda: os.path.exists(at), lambda: os.remove(at)

    def test_it_acknowledges_nothing_before_it_was_compared(self):
        """PostgreSQL lets it connect where both logs part in one segment,
        and takes the end that it tells for an acknowledgement."""
        one = self.bed.await_whole()
        two, three, more = [i for i in self.bed.instances if i is not one]
        one.sql("CREATE TABLE t (n int)")
        until("all have the table", lambda: all(i.sql("SELECT count(*) FROM t") == "0" for i in (two, three, more)), 20)
        two.clean_up()
        three.clean_up()
        self.send(
            one, "INSERT INTO t SELECT 1 FROM generate_series(1, 20000)"
        )  # longer than what the elected one writes meanwhile
        until("one of two that a commit needs has it", lambda: self.rows_on(more) == "1", 20)
        more.freeze()
        one.clean_up()
        two.start(pid_namespace=AS_CONTAINER)
        three.start(pid_namespace=AS_CONTAINER)
        elected = self.bed.primary(60, but=one)
        follower = three if elected is two else two
        until(
            "the other one follows",
            lambda: [follower.name]
            == [r["name"] for r in elected.status().get("replication", []) if r["state"] == "streaming"],
            30,
        )

        is_acknowledged = self.send(elected, "INSERT INTO t VALUES (2)")
        until("the other one has it", lambda: self.rows_on(follower) == "2", 20)
        is_held, let_go = self.hold_rewind(more)
        more.freeze(signal.SIGCONT)
        until("its data is about to be compared", is_held, 60)
        self.assertFalse(is_acknowledged(), "acknowledged by one that did not have it")
        let_go()
        until("it is acknowledged", is_acknowledged, 60)
        until("all have the same", lambda: self.rows_on(more) == "2", 20)


if __name__ == "__main__":
    bed_module.AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
