"""Addresses of staff's pages; included last, since they take any single word."""

from django.urls import path

from consortium import views

app_name = "consortium"

urlpatterns = [path("<slug:slug>/", views.page_detail, name="page_detail")]
