"""The address card of a hospital as a paper; it is about nobody, so anybody may have it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from hospitals.presenters.address_card import address_card as card_paper
from hospitals.selectors import pages
from medtour.answers import paper_to_save
from medtour.lib import clock, papers


@require_safe
@login_not_required
def address_card(request, slug):
    """Send the card of a hospital whose name or address in Chinese is known."""
    hospital = get_object_or_404(pages.hospitals_for_page(), slug=slug)
    if not hospital.name_zh_hans and not hospital.address_zh_hans:
        raise Http404
    language = get_language() or "en"
    data = card_paper(hospital, language)
    body = papers.pdf("address_card", data, language=language, at=clock.now())
    return paper_to_save("address_card", body, number=hospital.slug)
