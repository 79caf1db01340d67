"""What every page of the hospital desk shares: staff see and touch only their own hospital's rows.

What a person may do follows from their role at the hospital, never from hand-set permissions.
"""

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.services import audit
from hospitals.access import ALL_ROLES, hospitals_of_staff, is_operator, roles_by_hospital
from hospitals.models import Hospital
from hospitals.models.staff import Role

NOBODY = frozenset()
DAY_READERS = frozenset({Role.COORDINATOR, Role.SCHEDULER, Role.DOCTOR, Role.CASHIER})
CARE_READERS = frozenset({Role.COORDINATOR, Role.SCHEDULER, Role.DOCTOR})
PLANNERS = frozenset({Role.COORDINATOR, Role.SCHEDULER})
EDITORS = frozenset({Role.COORDINATOR, Role.EDITOR})
# What the text of a row in a drop-down needs, so that a list of choices stays one query.
CHOICE_PARTS = {
    "Offer": ("treatment", "hospital"),
    "Department": ("hospital", "specialty"),
}


def staff_roles(request):
    """Return the person's roles by hospital, read once for each request."""
    if not hasattr(request, "_staff_roles"):
        request._staff_roles = roles_by_hospital(request.user)
    return request._staff_roles


class OneHospitalForm(forms.ModelForm):
    """Refuses rows that would join things of two hospitals; an only hospital is chosen already."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("hospital")
        own = list(field.queryset[:2]) if field else []
        if len(own) == 1:
            self.initial.setdefault("hospital", own[0].pk)

    def clean(self):
        cleaned = super().clean()
        hospital = cleaned.get("hospital") or getattr(self.instance, "hospital", None)
        if hospital is None:
            return cleaned
        for name, value in cleaned.items():
            chosen = value if hasattr(value, "model") else [value]
            for other in chosen:
                if getattr(other, "hospital_id", hospital.pk) != hospital.pk:
                    self.add_error(name, _("Choose something of the same hospital."))
                    break
        return cleaned


class OwnRowsMixin:
    """Limits rows and choices to the hospitals where the person has a fitting role."""

    hospital_path = "hospital"
    readers = ALL_ROLES
    writers = NOBODY
    operator_edits = True

    def hospital_id_of(self, obj):
        value = obj
        *through, last = self.hospital_path.split("__")
        for name in through:
            value = getattr(value, name)
        return value.pk if last == "pk" else getattr(value, f"{last}_id")

    def allows(self, request, roles, obj=None):
        """Tell whether the person has one of `roles` at the row's hospital, or anywhere."""
        if is_operator(request.user):
            return True
        own = staff_roles(request)
        if obj is None:
            return any(roles & held for held in own.values())
        return bool(roles & own.get(self.hospital_id_of(obj), NOBODY))

    def may_edit(self, request, obj=None):
        if is_operator(request.user):
            return self.operator_edits
        return self.allows(request, self.writers, obj)

    def own_rows(self, model, request):
        """Return the rows of another model that may be chosen here."""
        rows = model._default_manager.select_related(*CHOICE_PARTS.get(model.__name__, ()))
        hospitals = hospitals_of_staff(request.user, self.writers or self.readers)
        if model is Hospital:
            return rows.filter(pk__in=hospitals.values("pk"))
        try:
            model._meta.get_field("hospital")
        except FieldDoesNotExist:
            return rows
        return rows.filter(hospital__in=hospitals)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self.own_rows(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self.own_rows(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class DeskAdmin(OwnRowsMixin, ModelAdmin):
    """One list and its pages; a row of another hospital does not exist here (SE-01)."""

    form = OneHospitalForm
    actions = None
    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if is_operator(request.user):
            return rows
        own = hospitals_of_staff(request.user, self.readers).values("pk")
        path = self.hospital_path if self.hospital_path != "pk" else "pk"
        return rows.filter(**{f"{path}__in": own})

    def own_row(self, request, object_id, roles=None):
        """Return one row for a page of its own; 404 when foreign, 403 when the role is missing."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.allows(request, self.writers if roles is None else roles, obj):
            raise PermissionDenied
        return obj

    def has_module_permission(self, request):
        return self.allows(request, self.readers)

    def has_view_permission(self, request, obj=None):
        return self.allows(request, self.readers, obj)

    def has_add_permission(self, request):
        return self.may_edit(request)

    def has_change_permission(self, request, obj=None):
        return self.may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404


class ReadOnlyDeskAdmin(DeskAdmin):
    """Rows that only services write; `audited` notes who opened the list of patients' rows."""

    form = forms.ModelForm
    audited = ""

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        if self.audited:
            target = f"{self.opts.label_lower}:list"
            audit.record(by=request.user, action=self.audited, target=target)
        return response

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class OperatorAdmin(DeskAdmin):
    """Pages of the platform's operators; hospital staff do not see them."""

    form = forms.ModelForm

    def get_queryset(self, request):
        rows = super(DeskAdmin, self).get_queryset(request)
        return rows if is_operator(request.user) else rows.none()

    def own_rows(self, model, request):
        return model._default_manager.select_related(*CHOICE_PARTS.get(model.__name__, ()))

    def allows(self, request, roles, obj=None):
        return is_operator(request.user)


class DeskInline(OwnRowsMixin, TabularInline):
    """Rows edited on their parent's page; the parent's own page has checked the hospital."""

    extra = 0
    tab = True

    def has_view_permission(self, request, obj=None):
        return True

    def has_add_permission(self, request, obj=None):
        return self.may_edit(request, obj)

    def has_change_permission(self, request, obj=None):
        return self.may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.may_edit(request, obj)
