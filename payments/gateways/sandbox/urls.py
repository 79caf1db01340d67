from django.urls import path

from payments.gateways.sandbox import views

app_name = "sandbox"
urlpatterns = [path("checkout/<str:session>/", views.checkout, name="checkout")]
