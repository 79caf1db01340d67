"""Small answers that the booking views share."""

from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse


def see_other(name, **kwargs):
    """Answer a POST that did its work: 303, so that a reload repeats only the page."""
    response = HttpResponseRedirect(reverse(f"bookings:{name}", kwargs=kwargs))
    response.status_code = 303
    return response


def found_or_404(things, **lookup):
    """Return the one thing of an access queryset; somebody else's looks like a missing one."""
    readable = not any("\0" in text for text in lookup.values())
    found = things.filter(**lookup).first() if readable else None
    if found is None:
        raise Http404
    return found


def see_other_address(address):
    """Answer a POST with 303 to an address that is known already."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def render_form(request, template, context):
    """Render a page with a form; 422 when the form was sent with mistakes."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["form"].errors else HTTPStatus.OK
    return render(request, template, context, status=status)


def posts_only(page):
    """Let a view act on POST; anything else, such as a reload, goes to the page it belongs to."""

    def decorate(view):
        @wraps(view)
        def act(request, *args, **kwargs):
            if request.method != "POST":
                return redirect(f"bookings:{page}", **kwargs)
            return view(request, *args, **kwargs)

        return act

    return decorate
