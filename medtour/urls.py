"""Every address: pages carry a language prefix, machines and staff do not."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from bookings.views.calendar_feed import calendar_feed
from hospitals.views.home import home
from hospitals.views.machines import robots, sitemap
from medtour import health, views
from messaging.views import receipts as message_receipts
from messaging.views.stopping import stop_mails
from payments.api.token import token
from payments.views.landing import after_login
from payments.views.payer import share_link
from payments.views.webhook import stripe_webhook

urlpatterns = [
    path("api/v1/", include("payments.api.urls")),
    path("fhir/", include("payments.fhir.urls")),
    path("", views.choose_language, name="choose_language"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("webhooks/stripe/", stripe_webhook, name="stripe_webhook"),
    path("webhooks/whatsapp/", message_receipts.whatsapp, name="whatsapp_receipts"),
    path("webhooks/sms/", message_receipts.sms, name="sms_receipts"),
    path("webhooks/email/", message_receipts.email, name="email_receipts"),
    path("stop-mails/<str:token>/", stop_mails, name="stop_mails"),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar_feed"),
    path("share/<str:token>", share_link, name="share_link"),
    path("oauth/token", token, name="machine_token"),
]
if settings.DEVELOPMENT_MAIL_VISIBLE:
    urlpatterns += [path("dev/mail/", include("messaging.development_urls"))]
if settings.PAYMENTS_SANDBOX:
    urlpatterns += [path("sandbox/", include("payments.gateways.sandbox.urls"))]
urlpatterns += i18n_patterns(
    path("", home, name="home"),
    path("place/", views.set_place, name="set_place"),
    path("after-login/", after_login, name="after_login"),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
    path("", include("hospitals.urls")),
    path("", include("bookings.urls")),
    path("", include("messaging.urls")),
    path("", include("accounts.urls")),
    path("", include("payments.urls")),
)

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error
