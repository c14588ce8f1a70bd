"""The development page; it answers 404 wherever mail really goes out."""

from django.urls import path

from outbox import views

app_name = "outbox"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<uuid:uuid>/", views.mail_detail, name="detail"),
    path("<uuid:uuid>/html/", views.mail_html, name="html"),
]
