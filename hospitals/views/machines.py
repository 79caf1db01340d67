from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemap_views
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from hospitals.sitemaps import SITEMAPS

CLOSED = ("/admin/", "/*/care/", "/*/account/", "/*/book/", "/*/a/", "/*/search/", "/dev/")


@login_not_required
@require_safe
def robots(request):
    """What search engines may visit; a demonstration is not for them at all."""
    lines = ["User-agent: *"]
    if settings.DEMONSTRATION:
        lines.append("Disallow: /")
    else:
        lines += [f"Disallow: {path}" for path in CLOSED]
        lines.append(f"Sitemap: {settings.SITE_URL}/sitemap.xml")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request):
    return sitemap_views.sitemap(request, SITEMAPS)
