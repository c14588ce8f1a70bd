"""Addresses of the REST API of the catalogue; `portal/urls.py` puts them below ``/api/``."""

from django.urls import path

from catalogue.api import description, views

urlpatterns = [
    path("docs/", description.docs, name="docs"),
    path("v1/", views.Root.as_view(), name="root"),
    path("v1/schema/", description.SchemaView.as_view(), name="schema"),
    path("v1/clusters/", views.ClusterList.as_view(), name="cluster_list"),
    path("v1/clusters/facets/", views.ClusterFacets.as_view(), name="cluster_facets"),
    path("v1/clusters/<uuid:public_id>/", views.ClusterById.as_view(), name="cluster_by_id"),
    path("v1/clusters/<slug:slug>/", views.ClusterDetail.as_view(), name="cluster_detail"),
    path("v1/countries/", views.CountryList.as_view(), name="country_list"),
    path("v1/regions/", views.RegionList.as_view(), name="region_list"),
    path("v1/vocabularies/", views.VocabularyList.as_view(), name="vocabulary_list"),
    path("v1/vocabularies/<slug:vocabulary>/", views.TermList.as_view(), name="term_list"),
    path("v1/networks/", views.NetworkList.as_view(), name="network_list"),
    path("v1/networks/<slug:slug>/", views.NetworkDetail.as_view(), name="network_detail"),
]
