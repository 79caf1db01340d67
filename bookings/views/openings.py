"""The part of a hospital's page that says what is free next; it never touches the session."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.selectors.hospital_openings import hospital_openings as openings_of
from medtour.templatetags.show import page_language


@login_not_required
@require_safe
def hospital_openings(request, slug):
    """Show the next free time of each offer of a hospital that is booked at once."""
    found = openings_of(slug, language=page_language())
    if found is None:
        raise Http404
    return render(request, "bookings/_openings.html", {"found": found})
