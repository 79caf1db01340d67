"""My care → Messages: what we wrote to the person who is signed in."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from messaging.access import messages_for
from messaging.services import mark_read

PER_PAGE = 20


@require_safe
def inbox(request):
    letters = messages_for(request.user).defer("body", "context")
    page = Paginator(letters, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "messaging/inbox.html", {"page": page})


@require_safe
def message(request, letter):
    letter = get_object_or_404(messages_for(request.user), public_id=letter)
    mark_read(letter)
    return render(request, "messaging/message.html", {"letter": letter})
