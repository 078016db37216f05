"""What a primary says of its commits, and whose settings are in force:
usage commits_test.py PATH-OF-CADENCE-AGENT [unittest arguments]"""
import os
import signal
import sys
import unittest

import bed as bed_module
from bed import Bed, until

UNACKNOWLEDGED, SETTINGS = "unacknowledged", "settings"
NAMES = 'ANY 1 ("t-postgres-2")'


class CommitsTest(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(2)
        self.addCleanup(self.close)
        self.one, self.two = self.bed.instances

    def close(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            for instance in self.bed.instances:
                print("==== %s\n%s" % (instance.name, instance.read_log()[-6000:]), file=sys.stderr)
        self.bed.close()

    def unacknowledged(self):
        return self.one.status().get("unacknowledged", "")

    def is_acknowledging(self):
        return not self.unacknowledged() and "cadence_postgres_writable 1" in self.one.get("/metrics")[1]

    def admin(self, text, on=None):
        return (on or self.one).sql(text, "postgres", "postgres")

    def test_a_primary_says_what_a_commit_meets_and_keeps_what_protects_it(self):
        self.one.start()
        until("the database is there", lambda: self.one.get("/primary")[0] == 200)
        self.waits_are_told("none of them streams")
        self.two.start()
        until("commits are acknowledged", self.is_acknowledging)
        self.assertEqual(
            self.one.read_log().count('LOG:  standby "t-postgres-2" is now a candidate'),
            1,
            "not while it was only a copy in the making",
        )
        until("the Lease says so", lambda: not self.bed.annotation(UNACKNOWLEDGED), 10)
        self.one.sql("CREATE TABLE clay (n int)")
        self.check_settings_come_back()
        self.check_a_locked_catalogue()
        self.check_what_is_gone_is_said()
        self.check_what_keeps_everybody_out()
        self.check_a_frozen_standby()
        self.check_a_standby_with_too_little()

    def waits_are_told(self, why):
        until("it says why a commit waits", lambda: why in self.unacknowledged(), 15)
        self.assertIn("a commit waits for any 1 of t-postgres-2", self.unacknowledged())
        self.assertIn("cadence_postgres_writable 0", self.one.get("/metrics")[1])
        self.assertEqual(self.one.status()["message"], self.unacknowledged())
        until("reads are served all the same", lambda: self.one.get("/readyz")[0] == 200, 20)
        until("the Lease says so", lambda: why in self.bed.annotation(UNACKNOWLEDGED), 10)

    def check_settings_come_back(self):
        self.admin("CREATE ROLE reports LOGIN")
        for statement in (
            "ALTER SYSTEM SET synchronous_standby_names = ''",
            "ALTER SYSTEM SET synchronous_commit = off",
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET max_connections = 20",
            "ALTER SYSTEM SET work_mem = '5MB'",
            "ALTER ROLE cadence SET synchronous_commit = off",
            "ALTER DATABASE cadence SET synchronous_commit = local",
            "ALTER ROLE cadence IN DATABASE cadence SET synchronous_commit = off",
            "ALTER ROLE ALL SET synchronous_commit = off",
            "ALTER ROLE reports SET synchronous_commit = off",
        ):
            self.admin(statement)
        self.admin("SELECT pg_reload_conf()")
        self.assertEqual(self.admin("SHOW fsync; SHOW full_page_writes"), "on\non", "never off, not even for a moment")
        until("standbys count again", lambda: self.admin("SHOW synchronous_standby_names") == NAMES, 10)
        until(
            "the application's commits wait",
            lambda: self.one.sql("SHOW synchronous_commit") == "on" and self.admin("SHOW synchronous_commit") == "on",
            10,
        )
        self.assertEqual(self.admin("SHOW work_mem"), "5MB", "what is the user's stays")
        until(
            "nothing waits for a restart",
            lambda: self.admin("SELECT count(*) FROM pg_settings WHERE pending_restart") == "0",
            10,
        )
        until(
            "all of it was told",
            lambda: "set back at " in self.bed.annotation(SETTINGS)
            and "ALTER ROLE \"reports\" SET synchronous_commit" in self.bed.annotation(SETTINGS),
            10,
        )
        for name in ("fsync", "full_page_writes", "max_connections", "synchronous_commit", "synchronous_standby_names"):
            self.assertIn(name, self.one.read_log().split("Set back a setting that is ours", 1)[1])
        until(
            "all that protects is in force",
            lambda: "unprotected" not in self.one.status() and self.is_acknowledging(),
            10,
        )
        self.check_roles_come_back()
        with open(os.path.join(self.one.run, "postgresql.conf"), "a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        self.admin("SELECT pg_reload_conf()")
        until("the file is ours again", lambda: self.admin("SHOW synchronous_standby_names") == NAMES, 10)

    def check_roles_come_back(self):
        """Whatever keeps the application or a standby from logging in, though no password is wrong."""
        for statement in (
            "ALTER ROLE cadence NOLOGIN",
            "ALTER ROLE cadence CONNECTION LIMIT 0",
            "ALTER ROLE cadence VALID UNTIL '2001-01-01'",
            "ALTER ROLE cadence PASSWORD NULL",
            "ALTER DATABASE cadence CONNECTION LIMIT 0",
            "ALTER DATABASE cadence SET default_transaction_read_only = on",
            "REVOKE CONNECT ON DATABASE cadence FROM PUBLIC, cadence",
            "ALTER ROLE replicator NOLOGIN",
            "ALTER ROLE replicator NOREPLICATION",
        ):
            until("it is said", lambda: self.is_said(statement), 20)
        until("the application logs in and writes", self.is_written, 20)
        wanted = "t|t|-1\nt|t|-1"
        until(
            "the roles have their rights",
            lambda: self.admin(
                "SELECT rolcanlogin, rolreplication OR rolname = 'cadence', rolconnlimit FROM pg_authid WHERE rolname"
                " IN ('cadence', 'replicator')"
            )
            == wanted,
            20,
        )
        self.assertEqual(self.admin("SELECT datconnlimit FROM pg_database WHERE datname = 'cadence'"), "-1")

    def is_said(self, statement):
        try:
            self.admin(statement)
            return True
        except RuntimeError as refusal:
            if "tuple concurrently updated" in str(refusal):  # the agent was setting the last one back
                return False
            raise

    def is_written(self):
        try:
            self.one.sql("CREATE TABLE IF NOT EXISTS came_back (n int); INSERT INTO came_back VALUES (1)")
            return True
        except RuntimeError:
            return False

    def check_a_locked_catalogue(self):
        """An answer that comes too late is none to the next question."""
        agent = self.one.agent_pid()
        self.admin("BEGIN; LOCK TABLE pg_db_role_setting IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT")
        until("it serves as before", self.is_acknowledging)
        self.assertEqual(self.one.agent_pid(), agent, "the agent lived on")

    def check_what_is_gone_is_said(self):
        """An empty database in the place of one that was renamed would hide what was acknowledged."""
        for there, away, said in (
            ("DATABASE cadence", "DATABASE elsewhere", "database cadence is gone"),
            ("ROLE cadence", "ROLE somebody", 'ALTER ROLE "somebody" RENAME TO cadence'),
        ):
            until("it is renamed", lambda: self.is_said("ALTER %s RENAME TO %s" % (there, away.split()[1])))
            until("it says so", lambda: said in self.unacknowledged())
            until("the Lease says so", lambda: said in self.bed.annotation(UNACKNOWLEDGED))
            self.assertEqual(
                self.admin(
                    "SELECT count(*) FROM pg_database d, pg_roles r WHERE datname = 'cadence' AND rolname = 'cadence'"
                ),
                "0",
                "nothing took its place",
            )
            self.admin("ALTER %s RENAME TO %s" % (away, there.split()[1]))
            until("all is well", self.is_acknowledging)
        until("the application writes", self.is_written)

    def check_what_keeps_everybody_out(self):
        for statement in (
            "ALTER DATABASE cadence SET search_path = 'nowhere'",
            "ALTER SYSTEM SET default_transaction_read_only = on",
            "ALTER SYSTEM SET session_preload_libraries = 'nosuch'",
        ):
            self.admin(statement)
            self.admin("SELECT pg_reload_conf()")
            until("the application writes after " + statement, self.is_written)
        until("it was told", lambda: "nobody could log in" in self.one.status()["overridden"])
        self.admin("ALTER SYSTEM SET shared_preload_libraries = 'nosuch'", self.two)
        self.two.stop()
        self.two.start()
        until("it serves", self.two.is_ready)
        with open(os.path.join(self.two.data, "postgresql.auto.conf.refused")) as aside:
            self.assertIn("shared_preload_libraries", aside.read())
        until("commits are acknowledged again", self.is_acknowledging)

    def check_a_frozen_standby(self):
        self.two.freeze()
        self.waits_are_told("a commit waits")
        self.two.freeze(signal.SIGCONT)
        until("commits are acknowledged again", self.is_acknowledging, 30)

    def check_a_standby_with_too_little(self):
        self.two.stop()
        with open(os.path.join(self.two.data, "postgresql.auto.conf"), "a") as settings:
            settings.write("max_connections = '20'\n")
        self.two.start()
        until("it streams", lambda: self.two.status().get("is_streaming"), 30)
        self.assertEqual(self.admin("SHOW max_connections", self.two), "50")


if __name__ == "__main__":
    bed_module.AGENT = sys.argv.pop(1)
    unittest.main()
