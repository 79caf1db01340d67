"""Small answers that the booking views share."""

from functools import wraps

from django.shortcuts import redirect
from django.urls import reverse

from medtour.answers import found_or_404, render_form, see_other_address

__all__ = ["found_or_404", "posts_only", "render_form", "see_other", "see_other_address"]


def see_other(name, **kwargs):
    """Answer a POST that did its work with 303 to one of the booking pages."""
    return see_other_address(reverse(f"bookings:{name}", kwargs=kwargs))


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
