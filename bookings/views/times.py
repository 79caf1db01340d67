"""The page of times: GET only reads; taking a time is a POST that holds it, or books at once."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import patients_ready_for, ready_patient
from bookings import presenters
from bookings.forms.choosing import LookForm, TakeForm
from bookings.models import Slot
from bookings.refusals import SlotGone
from bookings.selectors import availability
from bookings.selectors.times import days_of_times, first_day_to_show
from bookings.services.appointments import book_slot
from bookings.services.hold_limits import check_hold_limits
from bookings.services.holds import place_hold, save_intake
from bookings.views.answers import answers_of
from bookings.views.holder import bring_hold_along, holder_of
from bookings.views.offers import check_payable, deposit_not_taken, offer_and_prices
from bookings.views.pages import posts_only, see_other
from hospitals.models.treatment import BookingMode
from medtour.answers import refusals_show
from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.selectors.deposit_rule import deposit_rule
from payments.selectors.payees import is_payable


class NothingChosen(Refusal):
    code = "nothing_chosen"
    status = 422

    def __init__(self):
        super().__init__(_("Choose a time first."))


class NotReady(Refusal):
    code = "patient_not_ready"
    status = 422

    def __init__(self):
        super().__init__(
            _("We still need something from you for this. Please use “Hold this time”.")
        )


@login_not_required
@require_safe
def picker(request, offer):
    """Show the free times of an offer that is booked at once."""
    offer, price_lines = offer_and_prices(offer)
    if offer.booking_mode == BookingMode.WINDOW:
        return redirect("bookings:ask_for_dates", offer=offer.public_id)
    if offer.booking_mode != BookingMode.INSTANT:
        return redirect("hospitals:offer", offer.public_id)
    return render_times(request, offer, price_lines)


def picker_again(request, offer, *, refusal):
    """Show the times afresh after a refused POST, on the day the person was looking at."""
    return render_times(request, *offer_and_prices(offer), refusal=refusal)


def render_times(request, offer, price_lines, *, refusal=None):
    if not is_payable(offer):
        return deposit_not_taken(request, offer)
    look = LookForm(request.POST or request.GET, zone=offer.hospital.time_zone)
    language = asked_language(request, offer, look)
    times = times_to_show(offer, look, language)
    context = {
        "offer": offer,
        "hospital": offer.hospital,
        "times": times,
        "languages": presenters.language_choices(offer.languages),
        "page_url": reverse("bookings:picker", args=[offer.public_id]),
        "ask_url": reverse("bookings:ask_for_dates", args=[offer.public_id]),
        "wait_url": reverse("bookings:join_waiting_list", args=[offer.public_id]),
        "refusal": refusal,
        "interpreter_wanted": request.POST.get("interpreter_wanted") == "on",
        "idempotency_key": secrets.token_urlsafe(18),
        "ready_patients": ready_patients(request, offer),
        "price_lines": price_lines,
        "deposit": deposit_rule(offer, price_lines),
    }
    return render_part(request, "bookings/_times.html", "bookings/choose_time.html", context)


def render_part(request, part, page, context):
    """Render only the part that htmx swaps in, or the whole page."""
    swap = request.htmx and not request.htmx.history_restore_request
    response = render(request, part if swap else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def asked_language(request, offer, look):
    """Return the language asked for, else the page's, English or the first that is spoken there."""
    look.is_valid()
    asked = look.cleaned_data.get("language")
    page = translation.get_language()
    if asked:
        return asked
    spoken = [code for code in (page, "en", *offer.languages) if code in offer.languages]
    return spoken[0] if spoken else page


def times_to_show(offer, look, language):
    """Return the strip and one day: the day asked for, else the first with a place."""
    look.is_valid()
    first = look.cleaned_data.get("start") or clock.today(offer.hospital.time_zone)
    days = days_of_times(offer, first=first, count=presenters.STRIP_DAYS, language=language)
    shown = first_day_to_show(days, look.cleaned_data.get("day"))
    return presenters.times_of(offer, days=days, shown=shown, language=language)


def ready_patients(request, offer):
    """Return the persons who can be booked with one press: all details there, consent live."""
    if offer.asks_deposit_online or not request.user.is_authenticated:
        return []
    return list(patients_ready_for(request.user, hospital_slug=offer.hospital.slug))


def taken_slot(offer_public_id, form):
    """Return the slot of this offer that a form names; raises NothingChosen or SlotGone."""
    if not form.is_valid():
        raise NothingChosen
    try:
        slot = availability.open_slot(form.cleaned_data["slot"])
    except Slot.DoesNotExist as error:
        raise SlotGone from error
    if slot.offer.public_id != offer_public_id:
        raise SlotGone
    return slot


def slot_booked_at_once(offer_public_id, form):
    """Return the slot of an offer that needs no answer of the hospital first."""
    slot = taken_slot(offer_public_id, form)
    if slot.offer.booking_mode != BookingMode.INSTANT:
        raise SlotGone
    return slot


@login_not_required
@posts_only("picker")
@refusals_show(picker_again)
def hold_slot(request, offer):
    """Hold the chosen time and go on to the patient's details."""
    form = TakeForm(request.POST)
    slot = slot_booked_at_once(offer, form)
    check_payable(slot.offer)
    bring_hold_along(request)
    holder = holder_of(request)
    check_hold_limits(holder.key)
    hold = place_hold(
        slot,
        holder=holder,
        language=form.cleaned_data["language"],
        interpreter_wanted=form.cleaned_data["interpreter_wanted"],
        idempotency_key=form.cleaned_data["idempotency_key"],
    )
    earlier = answers_of(request, hold)
    if hold.intake is None and earlier:
        save_intake(hold, intake=earlier)
    return see_other("details", hold=hold.public_id)


@posts_only("picker")
@refusals_show(picker_again)
def book_now(request, offer):
    """Book the chosen time at once for a saved person who has agreed to everything before."""
    form = TakeForm(request.POST)
    slot = slot_booked_at_once(offer, form)
    patient = None
    if not slot.offer.asks_deposit_online:
        asked, hospital = form.cleaned_data["patient"], slot.offer.hospital.slug
        patient = ready_patient(request.user, asked, hospital_slug=hospital)
    if patient is None:
        raise NotReady
    appointment = book_slot(
        slot,
        patient=patient,
        by=request.user,
        language=form.cleaned_data["language"],
        interpreter_wanted=form.cleaned_data["interpreter_wanted"],
        idempotency_key=form.cleaned_data["idempotency_key"],
    )
    return see_other("confirmed", hold=appointment.public_id)
