"""The staff desk under /admin/: one way in (the site's own log-in) and nothing deleted in bulk."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.sites import UnfoldAdminSite

from medtour.settings.admin import DESK_PAGES


class DeskSite(UnfoldAdminSite):
    """Only active members of staff enter; passwords are typed and changed on the site's pages."""

    index_title = _("Today")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().login(request, extra_context)

    def extra_urls(self) -> list[URLPattern]:
        return [path("language/", self.admin_view(set_language), name="language")]

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:index")


def _own_pages() -> list[str]:
    """Return the addresses in the side bar that are not lists; they lie below a list's address."""
    return [
        reverse(f"admin:{page[2].replace('.', '_')}_{page[3]}")
        for _title, pages in DESK_PAGES
        for page in pages
        if len(page) > 3
    ]


def side_bar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of pages that this person's role may open."""
    groups = []
    for title, pages in DESK_PAGES:
        items = [_item(request, *page) for page in pages if _may_open(request, page[2])]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _item(
    request: HttpRequest, title: str, icon: str, model: str, page: str = "changelist"
) -> dict[str, Any]:
    address = reverse(f"admin:{model.replace('.', '_')}_{page}")
    item = {"title": title, "icon": icon, "link": address}
    others = [each for each in _own_pages() if each != address and each.startswith(address)]
    if request.path in others:
        item["active"] = False
    return item


def _may_open(request: HttpRequest, model: str) -> bool:
    page = admin.site._registry.get(apps.get_model(model))
    return page is not None and page.has_view_permission(request)
