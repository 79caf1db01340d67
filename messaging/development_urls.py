from django.urls import path

from messaging.views import development_mail

app_name = "development_mail"

urlpatterns = [
    path("", development_mail.mailbox, name="mailbox"),
    path("codes/", development_mail.codes, name="codes"),
    path("<int:pk>/", development_mail.mail, name="mail"),
    path("<int:pk>/html/", development_mail.mail_html, name="mail_html"),
    path("<int:pk>/attachments/<int:number>/", development_mail.attachment, name="attachment"),
]
