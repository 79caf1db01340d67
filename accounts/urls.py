from django.urls import path

from accounts.views import documents, patients, profile

app_name = "accounts"

urlpatterns = [
    path("care/profile/", profile.profile, name="profile"),
    path("care/profile/people/new/", patients.add_patient, name="add_patient"),
    path("care/profile/people/<slug:patient>/", patients.edit_patient, name="edit_patient"),
    path("care/documents/<slug:document>/", documents.document, name="document"),
    path("care/profile/agreements/withdraw/", profile.withdraw_consent, name="withdraw_consent"),
]
