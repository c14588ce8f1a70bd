"""Addresses of the REST API of submissions; `portal/urls.py` puts them below ``/api/``."""

from django.urls import path

from submissions.api import views

urlpatterns = [
    path("v1/submissions/", views.SubmissionList.as_view(), name="submission_list"),
    path("v1/submissions/<uuid:public_id>/", views.SubmissionDetail.as_view(), name="submission_detail"),
]
