"""Gives a form of ours the boxes of the desk's look."""

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

LOOKS = (
    (forms.CheckboxSelectMultiple, UnfoldAdminCheckboxSelectMultipleWidget),
    (forms.RadioSelect, UnfoldAdminRadioSelectWidget),
    (forms.Select, UnfoldAdminSelectWidget),
    (forms.CheckboxInput, UnfoldBooleanWidget),
    (forms.Textarea, UnfoldAdminTextareaWidget),
    (forms.DateInput, UnfoldAdminDateWidget),
    (forms.TextInput, UnfoldAdminTextInputWidget),
)
BY_FIELD = {
    forms.IntegerField: UnfoldAdminIntegerFieldWidget,
    forms.DecimalField: UnfoldAdminDecimalFieldWidget,
}


def in_desk_look(form):
    """Return the form with each box dressed; choices and attributes stay."""
    for field in form.fields.values():
        look = BY_FIELD.get(type(field)) or _look_of(field.widget)
        if look is None:
            continue
        kept = {name: value for name, value in field.widget.attrs.items() if name == "rows"}
        dressed = look(attrs=kept or None)
        if hasattr(field.widget, "choices"):
            dressed.choices = field.widget.choices
        dressed.is_required = field.required
        field.widget = dressed
        if isinstance(field, forms.ChoiceField):
            field.widget.choices = field.choices
    return form


def _look_of(widget):
    return next((look for kind, look in LOOKS if isinstance(widget, kind)), None)
