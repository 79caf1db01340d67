from django.urls import path

from messaging.views import inbox, reach

app_name = "messaging"

urlpatterns = [
    path("care/reach/", reach.reach, name="reach"),
    path("care/reach/number/", reach.number, name="number"),
    path("care/reach/number/code/", reach.number_code, name="number_code"),
    path("care/reach/number/remove/", reach.number_remove, name="number_remove"),
    path("care/messages/", inbox.inbox, name="inbox"),
    path("care/messages/<slug:letter>/", inbox.message, name="message"),
]
