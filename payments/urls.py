from django.urls import path

from payments.views import insurer

app_name = "payments"
urlpatterns = [path("insurer/", insurer.insurer_desk, name="insurer_desk")]
