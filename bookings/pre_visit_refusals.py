"""The ways in which the acts before a visit say no."""

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class NoConfirmedAppointment(Refusal):
    code = "no_confirmed_appointment"

    def __init__(self) -> None:
        super().__init__(
            _("This needs a confirmed appointment that lies ahead. Please look at its state first.")
        )


class StayBroken(Refusal):
    code = "stay_broken"

    def __init__(self) -> None:
        super().__init__(
            _("The day of the appointment has to lie within the days of the stay in China.")
        )


class CaseIsOver(Refusal):
    code = "case_is_over"

    def __init__(self) -> None:
        super().__init__(_("This case has ended, so nothing more is asked for."))


class NothingAsked(Refusal):
    code = "nothing_asked"

    def __init__(self) -> None:
        super().__init__(_("Write what is missing, and how the patient can send it."))


class RecordsNotNeeded(Refusal):
    code = "records_not_needed"

    def __init__(self) -> None:
        super().__init__(_("The hospital does not wait for records any more. Nothing was sent."))


class AddressNotSafe(Refusal):
    code = "address_not_safe"

    def __init__(self) -> None:
        super().__init__(
            _("Write the whole address of the consultation. It has to begin with https://.")
        )


class WordsMissing(Refusal):
    code = "words_missing"

    def __init__(self) -> None:
        super().__init__(_("Please write something first."))


class TooManyComplaints(Refusal):
    code = "too_many_complaints"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Several of your complaints wait for an answer. "
                "Please wait for it, or call the hospital."
            )
        )


class AnsweredAlready(Refusal):
    code = "answered_already"

    def __init__(self) -> None:
        super().__init__(_("Somebody has answered this complaint already."))
