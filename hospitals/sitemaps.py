"""Every public page in every language, each with its other languages as alternates."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from hospitals.access import public_doctors, published_offers
from hospitals.models import Hospital, Treatment

PAGES = (
    "home",
    "hospitals:hospital_list",
    "hospitals:treatment_list",
    "hospitals:prices",
    "hospitals:special_access",
    "hospitals:emergency",
)


class EveryLanguage(Sitemap):
    i18n = True
    alternates = True
    x_default = True
    limit = 2000

    @property
    def protocol(self):
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc


class FixedPages(EveryLanguage):
    def items(self):
        return PAGES

    def location(self, item):
        return reverse(item)


class HospitalPages(EveryLanguage):
    def items(self):
        return Hospital.objects.order_by("slug")

    def location(self, item):
        return reverse("hospitals:hospital", args=[item.slug])


class TreatmentPages(EveryLanguage):
    def items(self):
        return Treatment.objects.order_by("slug")

    def location(self, item):
        return reverse("hospitals:treatment", args=[item.slug])


class OfferPages(EveryLanguage):
    def items(self):
        return published_offers().filter(is_demonstration=False).order_by("pk")

    def location(self, item):
        return reverse("hospitals:offer", args=[item.public_id])


class DoctorPages(EveryLanguage):
    def items(self):
        return public_doctors().filter(is_demonstration=False).order_by("pk")

    def location(self, item):
        return reverse("hospitals:doctor", args=[item.public_id])


SITEMAPS = {
    "pages": FixedPages,
    "hospitals": HospitalPages,
    "treatments": TreatmentPages,
    "offers": OfferPages,
    "doctors": DoctorPages,
}
