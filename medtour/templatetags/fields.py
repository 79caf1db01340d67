"""How one form field is laid out: which template, which ids, which errors."""

from collections import Counter
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString


def template_of(bound: BoundField) -> str:
    """Return the component for a field by the kind of its box."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "field_tick"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "field_choices"
    return "field_group" if widget.use_fieldset else "field_box"


def parts(bound: BoundField, label: str, hint: str) -> dict[str, Any]:
    """Return the words of a field and its box with the ids that tie them together."""
    hint = hint or bound.help_text
    described = " ".join(
        [f"{bound.auto_id}-h"] * bool(hint) + [f"{bound.auto_id}-e"] * bool(bound.errors)
    )
    return {
        "bound": bound,
        "id": bound.auto_id,
        "label": label or bound.label,
        "hint": hint,
        "errors": bound.errors,
        "described": described,
        "is_optional": not bound.field.required,
        "box": _box(bound, described),
    }


def _box(bound: BoundField, described: str) -> SafeString | list[Any]:
    widget = bound.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return list(bound.subwidgets)
    widget.attrs.pop("placeholder", None)  # it vanishes while typing: the label says it already
    attrs: dict[str, Any] = {"aria-describedby": described} if described else {}
    if getattr(widget, "input_type", "") in ("email", "tel", "url"):
        attrs["dir"] = "ltr"
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if not widget.use_fieldset and not isinstance(widget, forms.CheckboxInput):
        attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
    return bound.as_widget(attrs=attrs)


def problems(form: forms.BaseForm) -> list[SafeString]:
    """Return each error of a bound form, linked to its first box; form-wide ones come first."""
    if not form.is_bound:
        return []
    listed = [format_html("{}", error) for error in form.non_field_errors()]
    found = [(bound, str(error)) for bound in form for error in bound.errors]
    vague = Counter(error for _bound, error in found)
    vague[str(forms.Field.default_error_messages["required"])] = len(found) + 1
    for bound, error in found:
        said = _named(bound, error) if vague[error] > 1 else error
        listed.append(format_html('<a href="#{}">{}</a>', _target(bound), said))
    return listed


def _named(bound: BoundField, error: str) -> SafeString:
    """Put the label before an error that alone does not say which field it means."""
    return format_html("{}{} {}", bound.label, bound.form.label_suffix, error)


def _target(bound: BoundField) -> str:
    widget = bound.field.widget
    first_of_several = widget.use_fieldset and not isinstance(widget, forms.CheckboxInput)
    return f"{bound.auto_id}_0" if first_of_several else bound.auto_id
