"""Refusals: the expected ways in which a service says no, with a sentence for the person."""

from django.utils.functional import Promise


class Refusal(Exception):
    """A request that was understood and refused; nothing was changed.

    `code` is stable for tests and logs; `message` is a translated sentence that says what to do
    next; `status` is the HTTP status a page answers with.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str | Promise, *, code: str | None = None) -> None:
        super().__init__(code or self.code)
        self.message = message
        if code:
            self.code = code


def constraint_name(error: Exception) -> str:
    """Return the name of the database constraint behind an IntegrityError, or an empty string."""
    cause = error.__cause__
    diagnostics = getattr(cause, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
