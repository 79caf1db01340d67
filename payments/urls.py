from django.urls import path

from payments.views import insurer, quotes

app_name = "payments"
urlpatterns = [
    path("insurer/", insurer.insurer_desk, name="insurer_desk"),
    path("care/quotes/<slug:quote>/", quotes.quote, name="quote"),
    path("care/quotes/<slug:quote>/accept/", quotes.accept_quote, name="accept_quote"),
    path("care/quotes/<slug:quote>/decline/", quotes.decline_quote, name="decline_quote"),
    path("care/quotes/<slug:quote>/bill/", quotes.bill, name="bill"),
]
