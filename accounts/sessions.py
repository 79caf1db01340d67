"""Sessions in the database, read with a statement that is planned once a connection."""

from typing import Any

from django.contrib.sessions.backends import db

from medtour.lib import clock
from medtour.lib.prepared import prepared_rows

LIVE = """
SELECT session_data FROM django_session
 WHERE session_key = %(key)s AND expire_date > %(now)s
"""


class SessionStore(db.SessionStore):
    """Django's own store; only the reading, which every request of a visitor waits for, differs."""

    def load(self) -> dict[str, Any]:
        """Return what the live session holds; an ended or unknown one gives its key up."""
        found = prepared_rows(LIVE, {"key": self.session_key, "now": clock.now()})
        if found:
            return self.decode(found[0][0])
        self._session_key = None
        return {}
