"""Questions after a discharge: in My care, or behind a signed link that asks the date of birth.

The link's door gives one answer to everything that is wrong. Answers are kept while somebody
types them again, even when the door has fallen shut meanwhile.
"""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.visitors import address_mark
from bookings.forms.follow_up import BirthDateForm, FollowUpForm
from bookings.links import follow_up_from_token
from bookings.selectors.follow_ups import (
    answer_lines,
    emergency_numbers_of,
    follow_up_pages,
    newest_answer,
    next_task,
)
from bookings.services.doors import try_door
from bookings.services.follow_up_answers import send_answers
from bookings.views.appointments import form_page
from bookings.views.linked import keep_private, take_clock_of
from bookings.views.pages import found_or_404, render_form, see_other_address
from medtour.answers import refusals_show
from medtour.lib import clock

OPEN_DOORS = "open_follow_ups"
OPEN_SECONDS = 2 * 60 * 60
DATE_BOXES = ("date_of_birth_day", "date_of_birth_month", "date_of_birth_year")
DOOR = ("csrfmiddlewaretoken", *DATE_BOXES)


def by_birth_date(view):
    """Open the questions of a link to somebody who has just told the date of birth."""

    @login_not_required
    @wraps(view)
    def open_link(request, ticket):
        found = follow_up_from_token(ticket)
        if found is None or not is_open(request, found):
            return keep_private(at_the_door(request, found, ticket))
        take_clock_of(found.case.patient.account, request)
        return keep_private(view(request, found, link_doors(ticket)))

    return open_link


def is_open(request, task):
    """Tell whether this browser has opened the link lately."""
    opened = request.session.get(OPEN_DOORS, {}).get(task.public_id, 0)
    return clock.now().timestamp() - opened < OPEN_SECONDS


def at_the_door(request, task, ticket):
    """Ask the date of birth; whatever is wrong, the answer is the same."""
    typed = {name: request.POST.getlist(name) for name in request.POST if name not in DOOR}
    was_asked = DATE_BOXES[0] in request.POST
    form = BirthDateForm(request.POST if was_asked else None)
    if was_asked and form.is_valid():
        if try_door(task, is_right=born_on(form), address_mark=address_mark(request)):
            return go_in(request, task, ticket)
        form.add_error(
            None,
            _(
                "This does not open the questions. Check the date, and open the link again from "
                "our newest message. After several tries the link stays shut for an hour."
            ),
        )
    kept = [(name, value) for name, values in typed.items() for value in values]
    context = {"form": form, "kept": kept}
    return render_form(request, "bookings/follow_up_door.html", context)


def born_on(form):
    return lambda task: task.case.patient.date_of_birth == form.cleaned_data["date_of_birth"]


def go_in(request, task, ticket):
    """Remember the open door; answers that were typed before it fell shut are shown again."""
    opened = request.session.get(OPEN_DOORS, {})
    request.session[OPEN_DOORS] = opened | {task.public_id: clock.now().timestamp()}
    doors = link_doors(ticket)
    if set(request.POST) & set(task.plan.questions):
        return show_questions(request, task, doors, form=form_of(task, request.POST))
    return see_other_address(doors["page"])


def link_doors(ticket):
    return {
        "page": reverse("bookings:linked_follow_up", args=[ticket]),
        "sent": reverse("bookings:linked_follow_up_sent", args=[ticket]),
        "layout": "layouts/focus.html",
        "by": None,
    }


def own_doors(task, user):
    return {
        "page": reverse("bookings:follow_up", args=[task.public_id]),
        "sent": reverse("bookings:follow_up_sent", args=[task.public_id]),
        "layout": "layouts/care.html",
        "by": user,
    }


def form_of(task, data=None):
    """Return the questions, filled with the newest answer when there is one."""
    answer = newest_answer(task) if data is None else None
    return FollowUpForm(data, codes=task.plan.questions, initial=answer.answers if answer else None)


def show_questions(request, task, doors, *, form=None, refusal=None):
    context = {
        "task": task,
        "hospital": task.case.hospital,
        "numbers": emergency_numbers_of(task.case.patient),
        "is_correction": newest_answer(task) is not None,
        "doors": doors,
        "layout": doors["layout"],
        "form": form or form_of(task, request.POST if request.method == "POST" else None),
        "refusal": refusal,
    }
    return render_form(request, "bookings/follow_up.html", context)


@refusals_show(show_questions)
def answer(request, task, doors):
    """Show the questions, or take the answers."""
    form = form_of(task, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        locale = get_language() or "en"
        send_answers(task, answers=form.answers(), locale=locale, by=doors["by"])
        return see_other_address(doors["sent"])
    return show_questions(request, task, doors, form=form)


def show_sent(request, task, doors):
    """Say what happens now: for a red answer whom to call, before everything else."""
    sent = newest_answer(task)
    if sent is None:
        return redirect(doors["page"])
    context = {
        "task": task,
        "hospital": task.case.hospital,
        "answer": sent,
        "lines": answer_lines(sent),
        "numbers": emergency_numbers_of(task.case.patient),
        "next_task": next_task(task),
        "doors": doors,
        "layout": doors["layout"],
    }
    return render(request, "bookings/follow_up_sent.html", context)


@form_page
@by_birth_date
def linked_follow_up(request, task, doors):
    """Answer from the link of a message."""
    return answer(request, task, doors)


@require_safe
@by_birth_date
def linked_follow_up_sent(request, task, doors):
    return show_sent(request, task, doors)


@form_page
def follow_up(request, follow_up):
    """Answer in My care."""
    task = found_or_404(follow_up_pages(request.user), public_id=follow_up)
    return answer(request, task, own_doors(task, request.user))


@require_safe
def follow_up_sent(request, follow_up):
    task = found_or_404(follow_up_pages(request.user), public_id=follow_up)
    return show_sent(request, task, own_doors(task, request.user))
