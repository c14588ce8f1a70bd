"""Public addresses of the catalogue."""

from django.urls import path

from catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("clusters/", views.cluster_list, name="cluster_list"),
    path("clusters/suggest/", views.cluster_suggest, name="cluster_suggest"),
    path("clusters/id/<uuid:public_id>/", views.cluster_by_id, name="cluster_by_id"),
    path("clusters/<slug:slug>/", views.cluster_detail, name="cluster_detail"),
    path("clusters/<slug:slug>/logo/", views.cluster_logo, name="cluster_logo"),
    path("networks/", views.network_list, name="network_list"),
    path("networks/<slug:slug>/", views.network_detail, name="network_detail"),
]
