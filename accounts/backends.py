"""Signing in by allauth; the account behind a session is read by a statement planned once."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from accounts.models import User
from medtour.lib.prepared import prepared_rows

FIELDS = [field.attname for field in User._meta.concrete_fields]
# Only names of our own columns are put into the text; the value is a parameter.
ACCOUNT = f"SELECT {', '.join(FIELDS)} FROM accounts_user WHERE id = %(account)s"  # noqa: S608


class AccountBackend(AuthenticationBackend):
    """Allauth's rules for who may sign in; an account that was closed is nobody at once."""

    def get_user(self, user_id: int) -> User | None:
        """Return the active account of a session."""
        found = prepared_rows(ACCOUNT, {"account": user_id})
        user = User.from_db(connection.alias, FIELDS, found[0]) if found else None
        return user if user and self.user_can_authenticate(user) else None
