"""The closed table of papers: which template sets each, and how it may travel.

A paper names nobody's illness in its file name, whatever is inside.
"""

from dataclasses import dataclass
from enum import Enum


class Privacy(Enum):
    """How a paper reaches somebody.

    ATTACHED may lie in a mailbox: it names no person and nothing of health. LINKED is only handed
    out behind a log-in, or behind a link that somebody was given for it.
    """

    ATTACHED = "attached"
    LINKED = "linked"


class PaperIsPrivate(ValueError):
    """A paper that only a link may lead to was to be attached to a message."""


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind of paper; `stem` begins its file name and says nothing of health."""

    name: str
    template: str
    privacy: Privacy
    stem: str

    def file_name(self, number: str) -> str:
        """Return the name of the file: the kind and a reference, nobody's name."""
        return f"{self.stem}-{number}.pdf" if number else f"{self.stem}.pdf"


SHEET = "sheet.typ"
PAPERS = {
    kind.name: kind
    for kind in (
        PaperKind("address_card", SHEET, Privacy.ATTACHED, "address-card"),
        PaperKind("voucher", SHEET, Privacy.LINKED, "voucher"),
        PaperKind("instructions", SHEET, Privacy.LINKED, "visit"),
        PaperKind("invitation", SHEET, Privacy.LINKED, "invitation"),
        PaperKind("discharge", SHEET, Privacy.LINKED, "papers"),
        PaperKind("hand_back", SHEET, Privacy.LINKED, "letter"),
        PaperKind("quote", SHEET, Privacy.LINKED, "quote"),
        PaperKind("receipt", "receipt.typ", Privacy.LINKED, "receipt"),
        PaperKind("guarantee", "guarantee_letter.typ", Privacy.LINKED, "guarantee"),
        PaperKind("claim", "claim.typ", Privacy.LINKED, "claim"),
    )
}


def attachable(name: str) -> PaperKind:
    """Return a kind that may be attached to a message; raises PaperIsPrivate for any other."""
    kind = PAPERS[name]
    if kind.privacy is not Privacy.ATTACHED:
        raise PaperIsPrivate(name)
    return kind
