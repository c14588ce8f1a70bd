"""Public addresses of the form, of links in mails and of the submitter's page."""

from django.urls import path

from submissions.views import begin, links, sent, status, steps, update

app_name = "submissions"

urlpatterns = [
    path("clusters/<slug:slug>/update/", update.cluster_update, name="cluster_update"),
    path("submit/", begin.submit, name="submit"),
    path("submit/similar/", begin.similar, name="submit_similar"),
    path("submit/link/", links.link_again, name="link_again"),
    path("submit/link/<str:token>/logo/", links.link_logo, name="link_logo"),
    path("submit/form/<str:token>/logo/", steps.draft_logo, name="draft_logo"),
    path("submit/form/<str:token>/<slug:step>/", steps.submit_step, name="submit_step"),
    path("submit/sent/<str:token>/", sent.submit_sent, name="submit_sent"),
    path("submit/status/<str:token>/", status.submission_status, name="submission_status"),
    path("submit/status/<str:token>/logo/", status.submission_logo, name="submission_logo"),
    path("submit/status/<str:token>/change/", status.submission_change, name="submission_change"),
]
