"""A ledger with a writer at every instance: whoever acknowledges a row is known by name and timeline,
two of them at once as well."""
import contextlib
import dataclasses
import os
import subprocess
import threading
import time

from bed import PROGRAMS, until

# The number of the timeline that the row itself was written to.
INSERT = (
    "INSERT INTO ledger VALUES (%d) RETURNING n, ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1,"
    " 8))::bit(32)::int;\n\\echo over\n"
)
PAUSE = 0.02  # seconds, between two rows
PAUSE_OF_OTHERS = 0.1  # of a writer whose instance takes none
PAUSE_OF_RECONNECTS = 0.25
PATIENCE = 3  # with one attempt; what became of it is unknown then


@dataclasses.dataclass(frozen=True)
class Row:
    number: int
    instance: str
    timeline: int
    sent: float
    acknowledged: float


class ManyWriters:
    def __init__(self, bed):
        self.bed, self.rows, self.lock, self.next = bed, [], threading.Lock(), 0
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=[instance], daemon=True) for instance in bed.instances]
        self.checked = 0  # rows that were looked for

    def __enter__(self):
        self.bed.primary().sql("CREATE TABLE IF NOT EXISTS ledger (n int PRIMARY KEY)")
        for thread in self.threads:
            thread.start()
        self.wait_flowing(time.monotonic())
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)

    def run(self, instance):
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": self.bed.passwords["cadence"], "HOME": "/nonexistent"}
        conninfo = instance.conninfo().replace("connect_timeout=5", "connect_timeout=2")
        while not self.is_over.wait(PAUSE_OF_RECONNECTS):
            psql = subprocess.Popen(
                [PROGRAMS + "/psql", "-XAtq", conninfo],
                env=environment,
                text=True,
                bufsize=1,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            try:
                self.write_by(psql, instance.name)
            except OSError:
                pass  # it has ended
            psql.kill()
            psql.wait(5)
            for pipe in (psql.stdin, psql.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()

    def write_by(self, psql, name):
        """Until the connection breaks or an attempt hangs."""
        while not self.is_over.is_set():
            with self.lock:
                self.next += 1
                number = self.next
            killer = threading.Timer(PATIENCE, psql.kill)
            killer.start()
            sent = time.monotonic()
            try:
                psql.stdin.write(INSERT % number)
                answer = psql.stdout.readline().strip()
                at = time.monotonic()
                if answer and answer != "over":
                    told, timeline = answer.split("|")
                    assert int(told) == number, answer
                    with self.lock:
                        self.rows.append(Row(number, name, int(timeline), sent, at))
                    psql.stdout.readline()
            finally:
                killer.cancel()
            if not answer:
                return
            self.is_over.wait(PAUSE if answer != "over" else PAUSE_OF_OTHERS)

    def told(self):
        with self.lock:
            return list(self.rows)

    def wait_flowing(self, moment, seconds=60):
        until("writes flow", lambda: any(row.sent > moment for row in self.told()[-5:]), seconds)

    def gap_since(self, moment):
        times = sorted(row.acknowledged for row in self.told())
        return max([b - a for a, b in zip(times, times[1:]) if b >= moment], default=0)

    def missing(self, is_last=False):
        """Acknowledged rows that the present primary does not have: of those not looked for before, or of all."""
        told = self.told()
        first = 0 if is_last else max(0, self.checked - 200)
        self.checked = len(told)
        wanted = {row.number for row in told[first:]}
        if not wanted:
            return []
        question = "SELECT n FROM ledger WHERE n BETWEEN %d AND %d" % (min(wanted), max(wanted))
        return sorted(wanted - {int(n) for n in until("the rows are read", lambda: self.ask(question), 60).split()})

    def ask(self, question):
        try:
            return self.bed.primary().sql(question, timeout=60)
        except RuntimeError:
            return None  # it has just handed over

    def two_primaries(self):
        """Sentences; none when at any time one instance alone acknowledged."""
        return two_primaries(self.told())


def two_primaries(rows):
    """Two instances on one timeline, or one that acknowledged what was sent after another had answered on a later
    timeline."""
    out, by_timeline = [], {}
    for row in rows:
        by_timeline.setdefault(row.timeline, []).append(row)
    for timeline, written in sorted(by_timeline.items()):
        names = sorted({row.instance for row in written})
        if len(names) > 1:
            out.append("%s acknowledged on timeline %d" % (" and ".join(names), timeline))
        later = [row.acknowledged for row in rows if row.timeline > timeline]
        late = [row for row in written if later and row.sent > min(later)]
        if late:
            out.append(
                "%s acknowledged %d rows on timeline %d after a later one had begun"
                % (late[0].instance, len(late), timeline)
            )
    return out
