"""Public addresses of the catalogue."""

from django.urls import path, re_path

from catalogue.views import outputs, pages

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
    path("networks/", pages.network_list, name="network_list"),
    path("networks/<slug:slug>/", pages.network_detail, name="network_detail"),
]
