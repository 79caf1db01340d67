"""One decorator for every expected "no": the same page again, with the sentence and the status."""

from functools import wraps

from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal


def refusals_show(page):
    """Answer a `Refusal` of the view with `page(request, ..., refusal=…)` and its status.

    `page` takes the view's own arguments and renders the page the person came from, bound to what
    they had typed, so that nothing is lost.
    """

    def decorate(view):
        @wraps(view)
        def answer(request, *args, **kwargs):
            try:
                with busy_is_a_refusal():
                    return view(request, *args, **kwargs)
            except Refusal as refusal:
                response = page(request, *args, refusal=refusal, **kwargs)
                if response.status_code == 200:
                    response.status_code = refusal.status
                return response

        return answer

    return decorate
