"""What a person types on "How we reach you": boxes for each category and channel, and a number."""

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from messaging.enums import Category, Channel, Place
from messaging.services.wishes import Reaching, Wish

# The sentences that a person agrees to; each is kept with the agreement, word for word.
SENTENCES = {
    (Category.SERVICE, Channel.WHATSAPP): _(
        "Tell me by WhatsApp when there is news about my bookings and payments."
    ),
    (Category.SERVICE, Channel.SMS): _(
        "Tell me by text message (SMS) when there is news about my bookings and payments."
    ),
    (Category.FOLLOW_UP, Channel.EMAIL): _(
        "Send me questions about how I am after my treatment by e-mail."
    ),
    (Category.FOLLOW_UP, Channel.WHATSAPP): _(
        "Tell me by WhatsApp when there are questions about how I am after my treatment."
    ),
    (Category.FOLLOW_UP, Channel.SMS): _(
        "Tell me by text message (SMS) when there are questions about how I am after my treatment."
    ),
    (Category.MARKETING, Channel.EMAIL): _("Send me news from Medtour by e-mail."),
    (Category.MARKETING, Channel.WHATSAPP): _("Tell me news from Medtour by WhatsApp."),
    (Category.MARKETING, Channel.SMS): _("Tell me news from Medtour by text message (SMS)."),
}
FIRST = [("", _("Choose for me"))]


class ReachForm(forms.Form):
    """One box a sentence; channels that this site has no account with are not offered."""

    preferred = forms.ChoiceField(
        label=_("How should we reach you first?"), required=False, widget=forms.RadioSelect
    )
    place = forms.ChoiceField(
        label=_("Where are you now?"),
        choices=Place.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "WhatsApp does not work in mainland China. There we write by e-mail or text message, "
            "and never at night."
        ),
    )
    second_language = forms.ChoiceField(
        label=_("Second language"),
        required=False,
        choices=[("", _("None")), *settings.LANGUAGES],
        help_text=_("We use it when something does not exist in your first language."),
    )

    def __init__(self, *args, channels=(), **kwargs):
        super().__init__(*args, **kwargs)
        shown = [each for each in Channel if each == Channel.EMAIL or each in channels]
        self.fields["preferred"].choices = [*FIRST, *((each.value, each.label) for each in shown)]
        for (category, channel), sentence in SENTENCES.items():
            if channel in shown:
                name = f"{category}_{channel}"
                self.fields[name] = forms.BooleanField(label=sentence, required=False)

    def boxes(self):
        """Return (title, fields) of each category, for the page."""
        return [
            (category.label, [self[name] for name in self._names() if name.startswith(category)])
            for category in Category
        ]

    def wishes(self):
        """Return each box with the words beside it, as read now."""
        language = translation.get_language() or settings.LANGUAGE_CODE
        return [
            Wish(category, channel, self.cleaned_data[name], str(sentence), language)
            for (category, channel), sentence in SENTENCES.items()
            if (name := f"{category}_{channel}") in self.fields
        ]

    def reaching(self):
        cleaned = self.cleaned_data
        return Reaching(cleaned["preferred"], cleaned["place"], cleaned["second_language"])

    def _names(self):
        return [
            f"{category}_{channel}"
            for category, channel in SENTENCES
            if f"{category}_{channel}" in self.fields
        ]


class NumberForm(forms.Form):
    """A number with its country code, and the way its code is sent."""

    number = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("With the country code, for example +97699112233."),
        error_messages={"required": _("Enter your mobile number")},
        widget=forms.TextInput(
            attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel", "class": "w-20"}
        ),
    )
    channel = forms.ChoiceField(
        label=_("How should we send the code?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how we send the code")},
    )

    def __init__(self, *args, channels=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(each.value, each.label) for each in channels]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The six figures that we sent you"),
        max_length=20,
        error_messages={"required": _("Enter the code")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "w-20"}
        ),
    )
