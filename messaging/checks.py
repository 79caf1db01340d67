"""System checks: every message kind has its templates, and every template folder has its kind."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from messaging import kinds


@register
def kinds_are_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: a template is missing or broken. E002: a folder belongs to no registered kind."""
    known = kinds.all_kinds()
    found: list[CheckMessage] = []
    for kind in known.values():
        for part in kind.parts:
            found += _template_errors(kind.template(part))
    return found + [
        Error(f"{folder} belongs to no registered message kind", id="messaging.E002")
        for folder in _template_folders()
        if folder not in known
    ]


def _template_errors(name: str) -> list[CheckMessage]:
    try:
        get_template(name)
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        return [Error(f"{name}: {type(error).__name__}: {error}", id="messaging.E001")]
    return []


def _template_folders() -> list[str]:
    root = Path(settings.BASE_DIR) / "templates" / "messages"
    return sorted(path.name for path in root.iterdir() if path.is_dir())
