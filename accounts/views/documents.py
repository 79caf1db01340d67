"""Files of one's own persons, to save; nothing is ever shown in place."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import documents_for
from accounts.services.documents import open_document
from medtour.answers import file_to_save, found_or_404, refusals_show


def unavailable(request, document, *, refusal):
    return render(request, "accounts/document_unavailable.html", {"refusal": refusal})


@require_safe
@refusals_show(unavailable)
def document(request, document):
    """Hand out a file of a person of this account; opening it is written down."""
    documents = documents_for(request.user).select_related("patient")
    content = open_document(found_or_404(documents, public_id=document), by=request.user)
    return file_to_save(content.chunks, content_type=content.content_type, name=content.name)
