"""Handing out a document: only one that was sent with this very request or claim."""

from django.http import Http404

from medtour.answers import file_to_save
from payments.services.insurance.guarantees import open_for_insurer


def document_to_save(sent, public_id, *, guarantee, by):
    """Answer with one of the documents that were `sent`; opening it is written down."""
    wanted = next((each for each in sent if each.document.public_id == public_id), None)
    if wanted is None:
        raise Http404
    content = open_for_insurer(guarantee, wanted, by=by)
    return file_to_save(content.chunks, content_type=content.content_type, name=content.name)
