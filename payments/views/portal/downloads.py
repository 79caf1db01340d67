"""A list of the portal as a file to save: CSV or XLSX, kept nowhere on its way."""

from django.http import Http404

from medtour.answers import file_to_save
from payments.presenters.spreadsheets import CONTENT_TYPES, file_of


def checked_kind(kind):
    """Return the kind of a file; any but CSV and XLSX does not exist."""
    if kind not in CONTENT_TYPES:
        raise Http404
    return kind


def table_to_save(kind, rows, *, name, title):
    content = file_of(kind, rows, title=title)
    return file_to_save([content], content_type=CONTENT_TYPES[kind], name=f"{name}.{kind}")
