from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hospitals.forms import search_criteria
from hospitals.presenters import facts
from hospitals.presenters import search as shown
from hospitals.selectors import pages
from hospitals.selectors.search import search
from medtour.templatetags.show import page_language


@login_not_required
@require_safe
def home(request):
    everything = search(search_criteria(request.GET.__class__(""), page_language()))
    context = {
        "choices": {name: shown.options(everything, name) for name in ("city", "speaks", "how")},
        "prices": [(row.treatment, facts.reported_price(row)) for row in pages.prices_on_home()],
        "programmes": pages.programmes_with_counts(),
        "cities": pages.starting_cities(),
        "often_looked_for": pages.often_looked_for(),
    }
    return render(request, "hospitals/home.html", context)
