"""Which texts of the booking app exist in every language."""

from modeltranslation.translator import TranslationOptions, register

from bookings.models import CalendarDay


@register(CalendarDay)
class CalendarDayOptions(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)
