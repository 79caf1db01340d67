from django.urls import path

from messaging.views import inbox

app_name = "messaging"

urlpatterns = [
    path("care/messages/", inbox.inbox, name="inbox"),
    path("care/messages/<slug:letter>/", inbox.message, name="message"),
]
