"""Reminders that all fall due in one minute, drained by the real worker and beat.

In a fresh database of its own, beside the limit of the database: two processes that claim rows of
a plain table with SKIP LOCKED and mark them sent, in batches of the same size.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.databases import PROJECT, database_name, environment, recreate, run, server_url
from bench.sizes import Size

MESSAGES = Size("messages", hospitals=0, appointments=0)
FULL_MESSAGES, QUICK_MESSAGES = 100_000, 5_000
PROCESSES = 2
LONGEST_SECONDS = 1800
BROKER = "/7"  # a numbered database of its own in the broker
SAMPLE_SECONDS = 0.5
# The first messages load the templates and catalogues of every language.
WARM_AT = 0.1
STATES = "SELECT status, count(*) FROM messaging_message GROUP BY status"
SPAN = """
SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float,
       (SELECT count(*) FROM messaging_deliveryattempt)
FROM messaging_message WHERE status = 'sent'
"""
BARE = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.queue AS
    SELECT id, not_before AS due_at, 'queued' AS status, NULL::timestamptz AS sent_at
    FROM messaging_message;
ALTER TABLE bench.queue ADD PRIMARY KEY (id);
CREATE INDEX ON bench.queue (due_at, id) WHERE status IN ('queued', 'sending');
VACUUM ANALYZE bench.queue;
"""
CLAIM = """
UPDATE bench.queue SET status = 'sending', due_at = now() + interval '60 s' WHERE id IN (
    SELECT id FROM bench.queue WHERE status IN ('queued', 'sending') AND due_at <= now()
    ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED) RETURNING id
"""
MARK = "UPDATE bench.queue SET status = 'sent', sent_at = now() WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class MessageFigures:
    """What one drain gave; memory in MB of each worker process, warm and at the end."""

    due: int
    sent: int
    suppressed: int
    attempts: int
    seconds: float
    bare_per_second: float
    warm_mb: list[float]
    end_mb: list[float]

    @property
    def per_second(self) -> float:
        return self.due / self.seconds

    @property
    def failures(self) -> list[str]:
        """Say what is wrong with the outbox after the drain, where something is."""
        told = []
        if self.sent + self.suppressed != self.due:
            told.append(f"{self.due - self.sent - self.suppressed} reminders were left over")
        if self.attempts != self.sent:
            told.append(f"{self.attempts} attempts for {self.sent} mails")
        return told

    def lines(self) -> list[str]:
        memory = ", ".join(
            f"{warm:.0f} → {end:.0f} MB"
            for warm, end in zip(self.warm_mb, self.end_mb, strict=False)
        )
        return [
            f"- Reminders: {self.due:,} due in one minute were drained in {self.seconds:.0f} s by"
            f" {PROCESSES} worker processes, {self.per_second:,.0f} a second ({self.sent:,} sent"
            f" once, {self.suppressed:,} no longer true and not sent); bare SKIP LOCKED claims:"
            f" {self.bare_per_second:,.0f} a second,"
            f" share {self.per_second / self.bare_per_second:.3f}.",
            f"- Memory of the worker processes after a tenth and at the end:"
            f" {memory or 'not measured'}.",
            *(f"- WRONG: {failure}." for failure in self.failures),
        ]


def measure_messages(count: int) -> MessageFigures:
    """Fill, measure the limit, drain; raises SystemExit when the worker does not come to an end."""
    recreate(database_name(MESSAGES))
    run(MESSAGES, "manage.py", "migrate", "--verbosity", "0")
    run(MESSAGES, "-m", "bench.messages", "fill", str(count))
    bare = statistics.median(bare_claims(count) for _try in range(3))
    with background() as worker:
        warm, end, states = watch(worker, count)
    connection = psycopg2.connect(server_url(database_name(MESSAGES)))
    with connection, connection.cursor() as cursor:
        cursor.execute(SPAN)
        seconds, attempts = cursor.fetchone()
    connection.close()
    return MessageFigures(
        due=count,
        sent=states.get("sent", 0),
        suppressed=states.get("suppressed", 0),
        attempts=attempts,
        seconds=seconds,
        bare_per_second=bare,
        warm_mb=warm,
        end_mb=end,
    )


def bare_claims(count: int) -> float:
    """Return how many rows a second two processes claim and mark in a plain table."""
    connection = psycopg2.connect(server_url(database_name(MESSAGES)))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench.queue")
        for statement in BARE.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    connection.close()
    command = [sys.executable, "-m", "bench.messages", "claim"]
    options = {"cwd": PROJECT, "env": environment(MESSAGES), "stdout": subprocess.PIPE}
    claimers = [subprocess.Popen(command, **options) for _process in range(PROCESSES)]
    spans = [tuple(map(float, each.communicate()[0].split())) for each in claimers]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return count / (last - first)


def claim_all() -> tuple[float, float]:
    """Claim and mark batch by batch until nothing is due; returns the instants of both ends."""
    from messaging.policies import BATCH

    connection = psycopg2.connect(server_url(database_name(MESSAGES)))
    connection.autocommit = True
    with connection.cursor() as cursor:
        started = time.time()
        while True:
            cursor.execute(CLAIM, [BATCH])
            claimed = [row[0] for row in cursor.fetchall()]
            if not claimed:
                return started, time.time()
            cursor.execute(MARK, [claimed])


@contextmanager
def background() -> Iterator[subprocess.Popen]:
    """Run worker and beat exactly as the Procfile does; yields the worker."""
    broker = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=BROKER))
    env = {
        **environment(MESSAGES),
        "REDIS_URL": broker,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "EMAIL_BACKEND": "bench.null_mail.EmailBackend",
        "WORKER_CONCURRENCY": str(PROCESSES),
        "CELERY_LOG_LEVEL": "error",
    }
    celery = [str(Path(sys.executable).parent / "celery"), "--app", "medtour"]
    subprocess.run([*celery, "purge", "-f"], cwd=PROJECT, env=env, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as folder:
        env["BEAT_STATE"] = str(Path(folder, "beat"))
        running = [
            subprocess.Popen(["/bin/sh", "deploy/process", name], cwd=PROJECT, env=env)
            for name in ("beat", "worker")
        ]
        try:
            yield running[1]
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(60)


def watch(worker: subprocess.Popen, count: int) -> tuple[list[float], list[float], dict[str, int]]:
    """Wait until nothing is due; returns memory after a tenth, memory at the end, the states.

    Raises SystemExit when the worker ends before, or when it takes too long.
    """
    connection = psycopg2.connect(server_url(database_name(MESSAGES)))
    connection.autocommit = True
    deadline, warm = time.monotonic() + LONGEST_SECONDS, []
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            if has_ended(worker):
                raise SystemExit(f"The worker ended with {worker.returncode}.")
            cursor.execute(STATES)
            states = dict(cursor.fetchall())
            done = states.get("sent", 0) + states.get("suppressed", 0)
            if not warm and done >= WARM_AT * count:
                warm = memory_of_children(worker.pid)
            if done + states.get("dead", 0) == count:
                return warm, memory_of_children(worker.pid), states
    raise SystemExit(f"After {LONGEST_SECONDS} s the outbox said {states}.")


def has_ended(process: subprocess.Popen) -> bool:
    """Wait for the time between two looks; returns whether the process ended meanwhile."""
    try:
        process.wait(SAMPLE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def memory_of_children(pid: int) -> list[float]:
    """Return the memory of a process's children in MB (Linux; elsewhere nothing)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                pages = int((folder / "statm").read_text().split()[1])
                found.append((int(folder.name), pages * os.sysconf("SC_PAGE_SIZE") / 2**20))
        except OSError:
            continue
    return [memory for _pid, memory in sorted(found)]


def main(words: list[str]) -> None:
    if words[0] == "claim":
        print(*claim_all())
        return
    import django

    django.setup()
    from bench.fill.reminders import fill_reminders

    fill_reminders(int(words[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
