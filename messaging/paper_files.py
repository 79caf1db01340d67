"""A paper of ours as the file of a message, where its privacy rule lets it travel so."""

from collections.abc import Callable

from medtour.lib.paper_kinds import attachable
from messaging.kinds import Attachment


def paper_attachment(kind: str, make: Callable[[], bytes]) -> Attachment:
    """Return a paper as an attachment; `make` sets it when the mail is handed over.

    Raises PaperIsPrivate for a kind that only a link may lead to.
    """
    return Attachment(
        filename=attachable(kind).file_name(""),
        content_type="application/pdf",
        parameters=(),
        content=make,
    )
