from django.urls import path

from hospitals.views import catalogue, guides, papers, search

app_name = "hospitals"

urlpatterns = [
    path("search/", search.search, name="search"),
    path("hospitals/", search.hospital_list, name="hospital_list"),
    path("hospitals/<slug:slug>/", catalogue.hospital, name="hospital"),
    path("hospitals/<slug:slug>/address-card.pdf", papers.address_card, name="address_card"),
    path("treatments/", catalogue.treatment_list, name="treatment_list"),
    path("treatments/<slug:slug>/", catalogue.treatment, name="treatment"),
    path("offers/<slug:public_id>/", catalogue.offer, name="offer"),
    path("doctors/<slug:public_id>/", catalogue.doctor, name="doctor"),
    path("prices/", guides.prices, name="prices"),
    path("special-access/", guides.special_access, name="special_access"),
    path("emergency/", guides.emergency, name="emergency"),
]
