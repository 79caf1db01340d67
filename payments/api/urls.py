from django.urls import path

from payments.api import eligibility

urlpatterns = [
    path("openapi.json", eligibility.described, name="machine_description"),
    path("eligibility", eligibility.eligibility, name="machine_eligibility"),
    path("checks/<str:name>", eligibility.check, name="machine_check"),
]
