"""Which catalogue texts exist in every language; codes and slugs never do."""

from modeltranslation.translator import TranslationOptions, register

from hospitals import models


class NameOptions(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(models.Province)
class ProvinceOptions(NameOptions):
    pass


@register(models.City)
class CityOptions(NameOptions):
    pass


@register(models.Hospital)
class HospitalOptions(NameOptions):
    fields = ("name", "address")
    required_languages = {"en": ("name",)}


@register(models.Programme)
class ProgrammeOptions(NameOptions):
    fields = ("name", "summary", "issuer")
    required_languages = {"en": ("name", "issuer")}


@register(models.Specialty)
class SpecialtyOptions(NameOptions):
    fields = ("name", "synonyms")
    required_languages = {"en": ("name",)}


@register(models.Treatment)
class TreatmentOptions(NameOptions):
    fields = ("name", "summary", "what_happens", "synonyms")
    required_languages = {"en": ("name",)}


@register(models.Doctor)
class DoctorOptions(NameOptions):
    fields = ("name", "title", "about")
    required_languages = {"en": ("name",)}


@register(models.Equipment)
class EquipmentOptions(NameOptions):
    pass


@register(models.Offer)
class OfferOptions(TranslationOptions):
    fields = ("title", "inclusions", "exclusions", "preparation", "evidence")


@register(models.PriceLine)
class PriceLineOptions(TranslationOptions):
    fields = ("label",)
    required_languages = ("en",)


@register(models.VisitPreparation)
class VisitPreparationOptions(TranslationOptions):
    fields = ("medicines", "documents")


@register(models.SpecialAccessProduct)
class SpecialAccessProductOptions(NameOptions):
    fields = ("name", "indication")
    required_languages = {"en": ("name",)}
