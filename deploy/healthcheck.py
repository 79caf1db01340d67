"""Container health checks: `python deploy/healthcheck.py` for web, `... beat` for the scheduler.

Web is healthy when /healthz answers 200; beat when its heartbeat in the database is fresh.
"""

import http.client
import os
import sys

TIMEOUT_SECONDS = 4
STALE_SECONDS = 60


def own_host(allowed_hosts: str) -> str:
    """Return the first plain name of ALLOWED_HOSTS, else localhost; Django refuses other names."""
    names = [name.strip() for name in allowed_hosts.split(",")]
    return next((name for name in names if name and name[0] not in "*."), "localhost")


def web_is_healthy(host: str, port: int) -> bool:
    """Ask /healthz; a redirect, an error or silence is not healthy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def beat_is_healthy(database_url: str) -> bool:
    """Say whether beat left its heartbeat lately; no database or no heartbeat is not healthy."""
    import psycopg2  # only this check needs it

    question = (
        "select beat_at > now() - make_interval(secs => %s)"
        " from messaging_heartbeat where process = 'beat'"
    )
    try:
        connection = psycopg2.connect(database_url, connect_timeout=TIMEOUT_SECONDS)
    except psycopg2.OperationalError:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute(question, [STALE_SECONDS])
            return cursor.fetchone() == (True,)
    except psycopg2.Error:
        return False
    finally:
        connection.close()


def main(words: list[str]) -> int:
    if words == ["beat"]:
        return 0 if beat_is_healthy(os.environ["DATABASE_URL"]) else 1
    host = own_host(os.environ.get("ALLOWED_HOSTS", ""))
    return 0 if web_is_healthy(host, int(os.environ.get("PORT", "8000"))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
