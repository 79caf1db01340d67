"""What may be said about a source: never a mirror's address, never more trust than it earned."""

import re

from hospitals.models.provenance import Confidence

MIRROR = re.compile(r"\s*\(mirror\)(\s+https?://[^\s;,]+)?")
NOT_SHOWN = re.compile(r"\s*\(JCI[^)]*\)")
WEAK = ("unsourced", "address not kept", "general knowledge")


def shown_source(text: str) -> str:
    """Return the source as patients may read it: a mirror keeps only the publisher's name."""
    return NOT_SHOWN.sub("", MIRROR.sub("", text)).strip()


def earned_confidence(confidence: str, source: str) -> str:
    """Return low when every part of the source is one that nobody can look up."""
    parts = [part for part in source.split(";") if part.strip()]
    if all(any(weak in part for weak in WEAK) for part in parts):
        return Confidence.LOW
    return confidence


def department_source(basis: str, hospital_source: str) -> str:
    """Return what a hospital's departments are based on, in words that name a source."""
    if basis == "general knowledge":
        return "unsourced: general knowledge"
    if basis == "name":
        return "The hospital's own name"
    if basis == "sourced":
        return hospital_source
    return f"{basis}; {hospital_source}" if "source" in basis else basis


def department_confidence(basis: str, hospital_confidence: str) -> str:
    """A department that rests on general knowledge, wholly or in part, is not confirmed."""
    return Confidence.LOW if "general knowledge" in basis else hospital_confidence
