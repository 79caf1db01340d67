"""Running one step of paying in a process of its own that is killed on the way."""

import os
import signal
import subprocess
import sys
from urllib.parse import quote

from django.conf import settings
from django.db import connection

LONGEST = 120


def die(step, row, kill_at, position):
    """Run a step in a process of its own that is killed on the way."""
    database = connection.settings_dict
    address = f"{database['HOST']}:{database['PORT']}/{quote(database['NAME'])}"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.slow.paying_step", step, kill_at, str(position), str(row)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "medtour.settings.test",
            "DATABASE_URL": f"postgres://{database['USER']}:{quote(database['PASSWORD'])}@{address}",
        },
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-3000:]
