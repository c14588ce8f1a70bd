"""Addresses that the public forms of all apps share."""

from django.urls import path

from publicforms import link_views, views

app_name = "publicforms"

urlpatterns = [
    path("submit/challenge/", views.challenge, name="challenge"),
    path("submit/link/<str:token>/", link_views.link, name="link"),
]
