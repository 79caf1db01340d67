"""Made-up values for every placeholder, so that each kind can be looked at without a patient."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation

from medtour.lib import clock, wording
from medtour.lib.wording import BEIJING_ZONE
from messaging import kinds
from messaging.clock_faces import ClockFace, clock_face
from messaging.kinds import Ready
from messaging.models import Message
from messaging.rendering import Rendered, put_into_words
from messaging.wordings import CLOCK

SAMPLE_DAY = dt.date(2027, 3, 9)
SAMPLES: dict[str, Any] = {
    "reference": "SAMPLE1234",
    "hospital_name": "Sample Hospital",
    "hospital_name_zh": "样本医院",
    "hospital_address": "1 Sample Road",
    "hospital_city": "Shanghai",
    "amount": "CNY\N{NO-BREAK SPACE}1,200.00",
    "code": "123456",
    "minutes": 15,
    "cancelled_by": "hospital",
    "first_days": 5,
    "last_days": 10,
    "route": "card",
    "from_email": "old@patient.example",
    "to_email": "new@patient.example",
    "deleted_email": "old@patient.example",
    "numbers": [("Sample country", "112"), ("China", "120")],
}


def sample(kind: str, language: str) -> Rendered:
    """Return a kind in a language with sample values, in the wording that is in use."""
    message = Message(kind=kind, locale=language, time_zone=BEIJING_ZONE)
    return put_into_words(message, Ready(sample_values(kind, language)))


def sample_values(kind: str, language: str) -> dict[str, Any]:
    """Return a made-up value for every placeholder of a kind."""
    return {name: _value(name, language) for name in kinds.get(kind).placeholders}


def _value(name: str, language: str) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    if name.endswith(CLOCK):
        return _face(language)
    if name == "times":
        return [(_face(language), None)]
    if name.endswith("_url"):
        return settings.SITE_URL
    if name.endswith(("_day", "_until", "_on")):
        return wording.written_date(SAMPLE_DAY, language, "long")
    return name.replace("_", " ")


def _face(language: str) -> ClockFace:
    instant = clock.at_wall_time(SAMPLE_DAY, dt.time(9, 0), BEIJING_ZONE)
    with translation.override(language):
        return clock_face(instant or clock.now(), BEIJING_ZONE)
