"""The ways in which booking says no, and which database constraint stands behind each."""

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal, constraint_name


class SlotFull(Refusal):
    code = "slot_full"

    def __init__(self) -> None:
        super().__init__(_("Somebody else has just taken this place. Please choose another time."))


class SlotGone(Refusal):
    code = "slot_gone"

    def __init__(self) -> None:
        super().__init__(_("This time can no longer be booked. Please choose another time."))


class InterpreterTaken(Refusal):
    code = "interpreter_taken"

    def __init__(self) -> None:
        super().__init__(
            _(
                "No interpreter for your language is free at this time. "
                "Please choose another time or another language."
            )
        )


class AlreadyBooked(Refusal):
    code = "already_booked"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This person already has an appointment at that time. "
                "Please choose another time, or move the other appointment first."
            )
        )


class HoldExpired(Refusal):
    code = "hold_expired"

    def __init__(self) -> None:
        super().__init__(
            _("The time was held for you until now, but not longer. Please choose a time again.")
        )


class HoldAlreadyExtended(Refusal):
    code = "hold_already_extended"

    def __init__(self) -> None:
        super().__init__(_("The time can be held longer only once. Please finish now."))


class RepeatedWithOtherBody(Refusal):
    code = "repeated_with_other_body"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent with other answers. Please reload the page.")
        )


class StaleVersion(Refusal):
    code = "stale_version"

    def __init__(self) -> None:
        super().__init__(
            _("This appointment was changed in the meantime. Please look at it again.")
        )


class TooEarly(Refusal):
    code = "too_early"

    def __init__(self) -> None:
        super().__init__(_("This can only be noted once the appointment has begun."))


class NotToday(Refusal):
    code = "not_today"

    def __init__(self) -> None:
        super().__init__(_("This can be noted from the day of the appointment on."))


class NoShowStands(Refusal):
    code = "no_show_stands"

    def __init__(self) -> None:
        super().__init__(
            _("This was noted more than 24 hours ago, so it can no longer be taken back.")
        )


class ReasonMissing(Refusal):
    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Please say why in a few words."))


class TooLate(Refusal):
    code = "too_late"

    def __init__(self) -> None:
        super().__init__(
            _("The appointment has begun or is over, so it can no longer be changed here.")
        )


class OtherOffer(Refusal):
    code = "other_offer"

    def __init__(self) -> None:
        super().__init__(_("An appointment can only be moved to another time of the same offer."))


class AlreadyWaiting(Refusal):
    code = "already_waiting"

    def __init__(self) -> None:
        super().__init__(_("This person is already on the waiting list for this offer."))


class PlacesAreFree(Refusal):
    code = "places_are_free"

    def __init__(self) -> None:
        super().__init__(_("There are free times in these days. Please choose one of them."))


class RequestClosed(Refusal):
    code = "request_closed"

    def __init__(self) -> None:
        super().__init__(_("This request is closed. Please ask for dates again."))


class TooManyTimes(Refusal):
    code = "too_many_times"

    def __init__(self) -> None:
        super().__init__(_("Please offer between one and five times."))


class OverbookingRefused(Refusal):
    code = "overbooking_refused"

    def __init__(self) -> None:
        super().__init__(_("Your hospital's rules do not allow one more place at this time."))


class TooManyHolds(Refusal):
    code = "too_many_holds"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _(
                "Too many times are held from your internet connection at this moment. "
                "Please finish or let go of one, or wait 15 minutes. "
                "If you sign in first, you can hold a time at once."
            )
        )


class TransferNotAgreed(Refusal):
    code = "transfer_not_agreed"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have withdrawn your agreement to send this person’s details to the hospital. "
                "To take the time, tick the box below and press the button again."
            )
        )


class OnlineDepositClosed(Refusal):
    code = "online_deposit_closed"

    def __init__(self) -> None:
        super().__init__(
            _("This hospital asks for a deposit. Please use the step-by-step booking instead.")
        )


class DischargeMissing(Refusal):
    code = "discharge_missing"

    def __init__(self) -> None:
        super().__init__(_("Write the discharge first. A case is closed only after it."))


class NoTestsNamed(Refusal):
    code = "no_tests_named"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The discharge names no test that is due. Add the tests, or let a doctor of your "
                "hospital state that no tests are needed."
            )
        )


class HandBackNotGiven(Refusal):
    code = "hand_back_not_given"

    def __init__(self) -> None:
        super().__init__(
            _("Give the letter for the home doctor first, and record to whom it was given.")
        )


class CallsAreOpen(Refusal):
    code = "calls_are_open"

    def __init__(self) -> None:
        super().__init__(_("Somebody still has to call this patient. Close that task first."))


class TranslatorNotNamed(Refusal):
    code = "translator_not_named"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "Medicines may not rest on a machine translation. A person has to translate or "
                "check them, and has to be named."
            )
        )


class OnlyADoctorStatesThis(Refusal):
    code = "only_a_doctor"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only a doctor of this hospital may state this."))


class NotAskedNow(Refusal):
    code = "not_asked_now"

    def __init__(self) -> None:
        super().__init__(
            _("These questions are not open now. If you need help, call the hospital.")
        )


class CallFirst(Refusal):
    code = "call_first"

    def __init__(self) -> None:
        super().__init__(_("This answer was red. Record a call before you close the task."))


class SessionNotYet(Refusal):
    code = "session_not_yet"

    def __init__(self) -> None:
        super().__init__(_("This day has not come yet at the hospital."))


class SomebodyWasFaster(Refusal):
    code = "somebody_was_faster"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else saved a new version meanwhile. Please look at it, then try again.")
        )


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "bookings_slot_has_a_place": SlotFull,
    "bookings_slot_within_capacity": SlotFull,
    "bookings_appointment_interpreter_free": InterpreterTaken,
    "bookings_appointment_patient_in_one_place": AlreadyBooked,
    "bookings_waiting_once": AlreadyWaiting,
}


def refusal_of(error: IntegrityError) -> Refusal | None:
    """Return the refusal behind a broken constraint, or None when it is a fault of ours."""
    refusal = BY_CONSTRAINT.get(constraint_name(error))
    return refusal() if refusal else None  # type: ignore[call-arg]
