"""Where signing in leads: the one page that knows every kind of person."""

from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.access import insurers_for


@never_cache
@require_safe
def after_login(request):
    """Send staff and insurers' officers to their desks and everybody else to My care."""
    if request.user.is_staff:
        return redirect("admin:index")
    if insurers_for(request.user).exists():
        return redirect("payments:insurer_desk")
    return redirect("bookings:care")
