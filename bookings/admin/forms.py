"""The small forms of the desk's one-act pages."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
)

from bookings import policies
from bookings.admin.times import wall


class PlainForm(forms.Form):
    """Nothing to fill in; the button is the answer."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class CancelForm(ReasonForm):
    """Cancel an appointment; the patient reads the reason."""

    USABLE, WITHDRAWN = "yes", "no"

    time_is_usable = forms.ChoiceField(
        label=_("Can this time be used by someone else?"),
        choices=[
            (USABLE, _("Yes: offer it to the waiting list")),
            (WITHDRAWN, _("No: nobody gets this time")),
        ],
        help_text=_("Say no when the doctor is away or the room is closed."),
        initial=WITHDRAWN,
        widget=UnfoldAdminRadioSelectWidget,
        error_messages={"required": _("Say whether someone else can use this time.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, slot_is_ahead, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The patient reads this. Write no health details.")
        if not slot_is_ahead:
            del self.fields["time_is_usable"]

    @property
    def time_stays_usable(self):
        """Tell what was answered; a time that nobody could take anyway stays as it is."""
        return self.cleaned_data.get("time_is_usable", self.USABLE) == self.USABLE


class SlotText:
    """Writes a slot as a choice: hospital time, doctor, places left."""

    def __init__(self, zone):
        self.zone = zone

    def __call__(self, slot):
        when = wall(slot.starts_at, self.zone)
        who = slot.doctor or slot.equipment
        left = _("%(count)s free") % {"count": slot.places_left}
        return f"{when} · {who} · {left}" if who else f"{when} · {left}"


class MoveForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    slot = forms.ModelChoiceField(
        label=_("New time"),
        queryset=None,
        empty_label=None,
        widget=UnfoldAdminRadioSelectWidget,
        error_messages={
            "required": _("Choose a time."),
            "invalid_choice": _("This time is no longer free. Choose another one."),
        },
    )

    def __init__(self, *args, slots, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slot"].queryset = slots
        self.fields["slot"].label_from_instance = SlotText(zone)


class OfferTimesForm(forms.Form):
    slots = forms.ModelMultipleChoiceField(
        label=_("Times to offer"),
        queryset=None,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Choose one to five. Each place is kept until the patient answers."),
        error_messages={
            "required": _("Choose at least one time."),
            "invalid_choice": _("One of these times is no longer free. Choose again."),
        },
    )

    def __init__(self, *args, slots, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slots"].queryset = slots
        self.fields["slots"].label_from_instance = SlotText(zone)

    def clean_slots(self):
        slots = self.cleaned_data["slots"]
        if len(slots) > policies.MAX_OFFERED_TIMES:
            raise forms.ValidationError(_("Choose five times at most."))
        return slots
