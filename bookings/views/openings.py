"""The part of a hospital's page that says what is free next; it never touches the session."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from bookings.selectors.hospital_openings import hospital_openings as openings_of
from medtour.templatetags.show import page_language


@login_not_required
@require_safe
def hospital_openings(request, slug):
    """Show the next free time of each offer of a hospital that is booked at once.

    A part without head and foot needs none of what every page gets, only the visitor's clock.
    """
    found = openings_of(slug, language=page_language())
    if found is None:
        raise Http404
    clock = {
        "visitor_zone": request.visitor_zone,
        "visitor_zone_chosen": request.visitor_zone_chosen,
    }
    part = get_template("bookings/_openings.html").render({"found": found, **clock})
    return HttpResponse(part)
