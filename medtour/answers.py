"""How pages of every app answer: found or 404, 303 after a POST, 422 with mistakes, refusals."""

from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal
from medtour.lib.paper_kinds import PAPERS

View = Callable[..., HttpResponse]
Thing = TypeVar("Thing", bound=Model)


def found_or_404(things: QuerySet[Thing], **lookup: str) -> Thing:
    """Return the one thing of an access queryset; somebody else's looks like a missing one."""
    readable = not any("\0" in text for text in lookup.values())
    found = things.filter(**lookup).first() if readable else None
    if found is None:
        raise Http404
    return found


def see_other_address(address: str) -> HttpResponse:
    """Answer a POST that did its work: 303, so that a reload repeats only the page."""
    response = HttpResponseRedirect(address)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def file_to_save(chunks: list[bytes], *, content_type: str, name: str) -> HttpResponse:
    """Answer with a file to be saved, never shown in place, kept nowhere on its way (SE-14)."""
    response = HttpResponse(chunks, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Length"] = str(sum(map(len, chunks)))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


def archive_to_save(pieces: Iterator[bytes], *, name: str) -> StreamingHttpResponse:
    """Answer with a ZIP archive piece by piece, to be saved and kept nowhere on its way (SE-14)."""
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response


def paper_to_save(kind: str, body: bytes, *, number: str) -> HttpResponse:
    """Answer with a paper of ours; its file name holds a reference and nobody's name."""
    name = PAPERS[kind].file_name(number)
    return file_to_save([body], content_type="application/pdf", name=name)


def asked_language(request: HttpRequest) -> str:
    """Return the language of ours that `?language=` asks for, else the page's."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or "en"


def render_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page with a form; 422 when the form was sent with mistakes."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["form"].errors else HTTPStatus.OK
    return render(request, template, context, status=status)


def refusals_show(page: View) -> Callable[[View], View]:
    """Answer a `Refusal` of the view with `page(request, ..., refusal=…)` and its status.

    `page` takes the view's own arguments and renders the page the person came from, bound to what
    they had typed, so that nothing is lost.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                with busy_is_a_refusal():
                    return view(request, *args, **kwargs)
            except Refusal as refusal:
                response = page(request, *args, refusal=refusal, **kwargs)
                if response.status_code == HTTPStatus.OK:
                    response.status_code = refusal.status
                return response

        return answer

    return decorate
