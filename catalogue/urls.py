"""Public addresses of the catalogue."""

from django.urls import path, re_path

from catalogue.views import outputs, pages
from catalogue.views.submit import begin, sent, status, steps, update
from catalogue.views.submit import links as link_pages

app_name = "catalogue"

urlpatterns = [
    path("clusters/", pages.cluster_list, name="cluster_list"),
    path("clusters/map/", pages.cluster_map, name="cluster_map"),
    path("clusters/side-by-side/", pages.cluster_compare, name="cluster_compare"),
    re_path(r"^clusters/export\.(?P<kind>csv|xlsx|json|geojson)$", outputs.cluster_export, name="cluster_export"),
    path("clusters/feed.atom", outputs.cluster_feed, name="cluster_feed"),
    path("clusters/embed/", outputs.cluster_embed, name="cluster_embed"),
    path("clusters/suggest/", pages.cluster_suggest, name="cluster_suggest"),
    path("clusters/id/<uuid:public_id>/", pages.cluster_by_id, name="cluster_by_id"),
    path("clusters/<slug:slug>/", pages.cluster_detail, name="cluster_detail"),
    path("clusters/<slug:slug>/logo/", pages.cluster_logo, name="cluster_logo"),
    path("clusters/suggest.json", outputs.search_suggestions, name="search_suggestions"),
    path("opensearch.xml", outputs.opensearch, name="opensearch"),
    path("dataset.jsonld", outputs.dataset, name="dataset"),
    path("clusters/<slug:slug>/update/", update.cluster_update, name="cluster_update"),
    path("submit/", begin.submit, name="submit"),
    path("submit/similar/", begin.similar, name="submit_similar"),
    path("submit/link/", link_pages.link_again, name="link_again"),
    path("submit/link/<str:token>/logo/", link_pages.link_logo, name="link_logo"),
    path("submit/form/<str:token>/logo/", steps.draft_logo, name="draft_logo"),
    path("submit/form/<str:token>/<slug:step>/", steps.submit_step, name="submit_step"),
    path("submit/sent/<str:token>/", sent.submit_sent, name="submit_sent"),
    path("submit/status/<str:token>/", status.submission_status, name="submission_status"),
    path("submit/status/<str:token>/logo/", status.submission_logo, name="submission_logo"),
    path("submit/status/<str:token>/change/", status.submission_change, name="submission_change"),
    path("networks/", pages.network_list, name="network_list"),
    path("networks/<slug:slug>/", pages.network_detail, name="network_detail"),
]
