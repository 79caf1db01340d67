"""One tab for each language in which a catalogue text exists."""

from django import forms
from django.conf import settings
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname


def language_tabs(model, *names):
    """Return Unfold fieldsets, a tab a language, of the model's translated fields."""
    names = names or translator.get_options_for_model(model).get_field_names()
    return tuple(
        (
            title,
            {
                "classes": ["tab"],
                "fields": [build_localized_fieldname(name, code) for name in names],
            },
        )
        for code, title in settings.LANGUAGES
    )


def text_fields(*names):
    """Return the names of all language columns of the translated fields."""
    return [
        build_localized_fieldname(name, code)
        for name in names
        for code, _title in settings.LANGUAGES
    ]


class EnglishRequired:
    """A form part: the texts that must exist in English are required there."""

    english_required = ("name",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.english_required:
            field = self.fields.get(f"{name}_en")
            if isinstance(field, forms.Field):
                field.required = True
