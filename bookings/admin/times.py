"""Times as the desk writes them: the hospital's wall clock first, zone and offset always named."""

import datetime as dt

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import get_language_info, pgettext
from django.utils.translation import gettext as _

from hospitals.access import hospitals_of_staff
from medtour.lib import clock


def wall(instant, zone_name):
    """Return for example "Mon 23 Nov 2026, 09:00 (UTC+8)" on a zone's clock."""
    if instant is None:
        return "–"
    local = clock.local(instant, zone_name)
    return _("%(day)s, %(time)s (%(offset)s)") % {
        "day": date_format(local, pgettext("date format", "D j M Y")),
        "time": f"{local:%H:%M}",
        "offset": offset(local),
    }


def offset(local):
    """Return a local time's distance from UTC, such as UTC+8 or UTC+5:30."""
    minutes = int(local.utcoffset().total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def days_at_hospitals(user, *, path, first, count):
    """Return a filter for `count` days from today + `first`, each hospital by its own clock.

    `path` leads from the filtered row to its slot, such as "slot__", or is empty.
    """
    zones = hospitals_of_staff(user).order_by().values_list("time_zone", flat=True).distinct()
    condition = Q(pk__in=[])
    for zone in zones:
        day = clock.today(zone) + dt.timedelta(days=first)
        begin, _end = clock.day_bounds(day, zone)
        _begin, end = clock.day_bounds(day + dt.timedelta(days=count - 1), zone)
        condition |= Q(
            **{
                f"{path}hospital__time_zone": zone,
                f"{path}starts_at__gte": begin,
                f"{path}starts_at__lt": end,
            }
        )
    return condition


def language_name(code):
    """Return a language's name in the language of the desk; the code when it has none."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code
