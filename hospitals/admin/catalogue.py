"""The facts about hospitals and treatments; operators write them, staff read theirs."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from hospitals.admin.desk import DeskAdmin, DeskInline, OperatorAdmin
from hospitals.admin.tabs import EnglishRequired, language_tabs
from hospitals.models import (
    City,
    Department,
    Designation,
    Hospital,
    Programme,
    SpecialAccessProduct,
    Specialty,
    SpokenLanguage,
    Treatment,
)
from hospitals.services import search_index

PROVENANCE = ("source", "as_of", "confidence")


class NamedForm(EnglishRequired, forms.ModelForm):
    pass


class ProgrammeForm(EnglishRequired, forms.ModelForm):
    english_required = ("name", "issuer")


class FactInline(DeskInline):
    hospital_path = "pk"


class DesignationInline(FactInline):
    model = Designation
    fields = ["programme", "checked_on", *PROVENANCE]


class DepartmentInline(FactInline):
    model = Department
    fields = ["specialty", *PROVENANCE]


class SpokenLanguageInline(FactInline):
    model = SpokenLanguage
    fields = ["code"]


@admin.register(Hospital)
class HospitalAdmin(DeskAdmin):
    """Staff read their hospital's page; only operators change what is said about a hospital."""

    form = NamedForm
    hospital_path = "pk"
    list_display = ["name", "slug", "city", "ownership", "confidence"]
    list_select_related = ["city"]
    list_filter = ["ownership", "confidence"]
    search_fields = ["slug", "name_en", "name_zh_hans", "aliases"]
    inlines = [DesignationInline, DepartmentInline, SpokenLanguageInline]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("slug", "city", "time_zone"),
                    ("ownership", "website"),
                    "telephone",
                    ("licence_number", "payee"),
                    ("latitude", "longitude", "position_precision"),
                    ("answer_within_working_days", "overbooking_places"),
                    "aliases",
                    "specialties_basis",
                    "languages_basis",
                    "notes",
                    "source",
                    ("as_of", "confidence"),
                ]
            },
        ),
        *language_tabs(Hospital, "name", "address"),
    )

    def get_inlines(self, request, obj):
        return self.inlines if self.may_edit(request, obj) else []

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        search_index.index_hospital(form.instance.pk)


@admin.register(Treatment)
class TreatmentAdmin(OperatorAdmin):
    form = NamedForm
    list_display = ["name", "specialty", "booking_mode", "text_review"]
    list_select_related = ["specialty"]
    list_filter = ["booking_mode", "text_review"]
    search_fields = ["slug", "name_en", "name_zh_hans"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("slug", "specialty", "booking_mode"),
                    ("stay_days_min", "stay_days_max", "inpatient_nights"),
                    ("follow_up_days", "flags", "remote_consultation"),
                    "timing_source",
                    ("timing_confidence", "as_of", "text_review"),
                ]
            },
        ),
        *language_tabs(Treatment, "name", "summary", "what_happens", "synonyms"),
    )


@admin.register(Specialty)
class SpecialtyAdmin(OperatorAdmin):
    form = NamedForm
    list_display = ["name", "code", "snomed_ct_code", "map_quality"]
    search_fields = ["code", "name_en", "name_zh_hans"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("code", "group"),
                    ("snomed_ct_code", "snomed_display", "map_quality"),
                    *PROVENANCE,
                ]
            },
        ),
        *language_tabs(Specialty, "name", "synonyms"),
    )


@admin.register(Programme)
class ProgrammeAdmin(OperatorAdmin):
    form = ProgrammeForm
    list_display = ["name", "code", "granted_on", "ended_on"]
    search_fields = ["code", "name_en"]
    fieldsets = (
        (None, {"fields": [("code", "granted_on", "ended_on"), *PROVENANCE]}),
        *language_tabs(Programme, "name", "summary", "issuer"),
    )


@admin.register(SpecialAccessProduct)
class SpecialAccessProductAdmin(OperatorAdmin):
    form = NamedForm
    list_display = ["name", "kind", "place", "as_of", "confidence"]
    search_fields = ["slug", "name_en"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("slug", "kind", "hospital"),
                    ("place", "first_use_date", "china_status"),
                    ("price_cny_minor", "price_basis"),
                    "note",
                    *PROVENANCE,
                ]
            },
        ),
        *language_tabs(SpecialAccessProduct, "name", "indication"),
    )


@admin.register(City)
class CityAdmin(OperatorAdmin):
    form = NamedForm
    list_display = ["name", "slug", "province", "time_zone"]
    list_select_related = ["province"]
    search_fields = ["slug", "name_en", "name_zh_hans"]
    fieldsets = (
        (_("City"), {"fields": ["slug", "province", "time_zone", "illustration"]}),
        *language_tabs(City, "name"),
    )
