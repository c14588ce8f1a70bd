"""The read-only public API: thin views over the filter and the QuerySets of the catalogue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api import examples
from catalogue.api import serializers as shapes
from catalogue.api.base import PublicView
from catalogue.api.description import LIST_WRONG, NOT_FOUND, SUBLIST_WRONG, WRONG
from catalogue.api.pagination import PageNumberPagination
from catalogue.api.parameters import FILTER_PARAMETERS, PAGE_PARAMETERS
from catalogue.api.representation import (
    ATTRIBUTION,
    Answer,
    Links,
    cluster_profile,
    cluster_rows,
    interpretation,
    network_answer,
    network_profile,
)
from catalogue.listing.declared import FACETS
from catalogue.listing.facets import build_facets, facet_counts
from catalogue.listing.filters import ClusterFilter
from catalogue.listing.paginator import OrderedKeys
from catalogue.models import Cluster, Country, Network, Region, Term
from catalogue.succession import cluster_behind, public_cluster

PAGES = ("page", "page_size")
ENDPOINTS = {
    "clusters": "cluster_list",
    "facets": "cluster_facets",
    "countries": "country_list",
    "regions": "region_list",
    "vocabularies": "vocabulary_list",
    "networks": "network_list",
    "schema": "schema",
    "docs": "docs",
}


class Root(PublicView):
    """What there is."""

    @extend_schema(
        operation_id="root",
        tags=["start"],
        summary="List what there is",
        responses={200: shapes.RootSerializer, **WRONG},
    )
    def get(self, request: Request) -> Response:
        """Return the addresses of all lists."""
        origin = request.build_absolute_uri("/")[:-1]
        return Response({key: origin + reverse(f"api:{name}") for key, name in ENDPOINTS.items()})


class _FilteredView(PublicView):
    """A view that takes the parameters of the public list."""

    parameters = None  # the filter checks them

    def filterset(self, request: Request) -> ClusterFilter:
        """Return the filter for the request; raise ``ValidationError`` for anything wrong in it."""
        filterset = ClusterFilter(request.query_params)
        errors = {name: [str(message) for message in messages] for name, messages in filterset.errors.items()}
        errors |= PageNumberPagination().problems(request)
        if "view" in request.query_params:
            errors["view"] = ["“view” chooses how the page looks; the API has no such parameter."]
        if errors:
            raise ValidationError(errors)
        return filterset


class ClusterList(_FilteredView):
    """The clusters of the catalogue."""

    @extend_schema(
        operation_id="clusters_list",
        tags=["clusters"],
        summary="List clusters",
        parameters=[*FILTER_PARAMETERS, *PAGE_PARAMETERS],
        responses={200: shapes.ClusterPageSerializer, **LIST_WRONG},
        examples=[examples.answer("clusters in Spain", examples.CLUSTER_PAGE)],
    )
    def get(self, request: Request) -> Response:
        """Return one page of the clusters that the filters find.

        Several values of one filter mean "any of them", different filters mean "all of them".
        """
        filterset, paginator = self.filterset(request), PageNumberPagination()
        keys = paginator.slice(OrderedKeys(filterset), len(filterset.found), request)
        answer = _page(paginator, cluster_rows(keys, Links.of(request)))
        return Response({**answer, "interpretation": interpretation(filterset), "attribution": ATTRIBUTION})


class ClusterFacets(_FilteredView):
    """Counts beside the filters."""

    @extend_schema(
        operation_id="clusters_facets",
        tags=["clusters"],
        summary="Count clusters by facet",
        parameters=[*FILTER_PARAMETERS, *PAGE_PARAMETERS],
        responses={200: shapes.FacetCountsSerializer, **WRONG},
        examples=[examples.answer("counts with Spain chosen", examples.FACETS)],
    )
    def get(self, request: Request) -> Response:
        """Return the number of clusters for every value of every facet.

        Each facet is counted against all other filters. The parameters are those of the list, so that one
        address serves both; order and page change nothing here.
        """
        filterset = self.filterset(request)
        counts = facet_counts(filterset)
        facets: dict[str, list[Answer]] = {name: [] for name in FACETS}
        for facet in build_facets(filterset, counts):
            facets[facet.name] = [
                {
                    "value": value.value,
                    "label": value.label,
                    "count": value.count,
                    "selected": value.is_selected,
                    "parent": value.parent or None,
                }
                for value in facet.values
            ]
        return Response({"count": counts["total"][""], "facets": facets})


class ClusterDetail(PublicView):
    """One cluster."""

    @extend_schema(
        operation_id="clusters_retrieve",
        tags=["clusters"],
        summary="Read a cluster",
        responses={200: shapes.ClusterProfileSerializer, **NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return the whole profile of a cluster.

        A former slug, and that of an archived cluster with a successor, leads (301) to the present one; the `id` works in place of the slug (302), that of an archived one too.
        """
        profile = cluster_profile(slug, Links.of(request))
        if profile is not None:
            return Response(profile)
        target = cluster_behind(slug)
        if target is None:
            raise NotFound("No cluster of the catalogue has this slug.")
        return HttpResponsePermanentRedirect(reverse("api:cluster_detail", args=[target.slug]))


class ClusterById(PublicView):
    """One cluster by its stable id."""

    @extend_schema(exclude=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        """Lead to the profile, or that of the successor; not for ever, since the slug may change."""
        row = Cluster.objects.select_related("successor").filter(public_id=public_id).first()
        target = public_cluster(row) if row else None
        if target is None:
            raise NotFound("No cluster of the catalogue has this id.")
        return HttpResponseRedirect(reverse("api:cluster_detail", args=[target.slug]))


class CountryList(PublicView):
    """The countries."""

    parameters = PAGES

    @extend_schema(
        operation_id="countries_list",
        tags=["filters"],
        summary="List countries",
        parameters=PAGE_PARAMETERS,
        responses={200: shapes.CountryPageSerializer, **LIST_WRONG},
    )
    def get(self, request: Request) -> Response:
        """Return the countries with clusters in the catalogue or with Horizon 2020 figures."""
        # Any other country is known to the portal only because of clusters that are not public.
        is_public = Q(cluster_count__gt=0) | Q(h2020_contribution__isnull=False) | Q(h2020_participations__isnull=False)
        counted = Country.objects.annotate(cluster_count=_published("clusters"))
        countries = counted.filter(is_public).order_by("sort_name", "code")
        links = Links.of(request)
        fields = ("code", "name", "h2020_contribution", "h2020_participations", "cluster_count")
        return _listed(
            request, countries.values(*fields), lambda row: {**row, **links.filtered("country", row["code"])}
        )


class RegionList(PublicView):
    """The regions."""

    parameters = PAGES

    @extend_schema(
        operation_id="regions_list",
        tags=["filters"],
        summary="List regions",
        parameters=PAGE_PARAMETERS,
        responses={200: shapes.RegionPageSerializer, **LIST_WRONG},
    )
    def get(self, request: Request) -> Response:
        """Return the regions with clusters in the catalogue."""
        regions = Region.objects.with_published_clusters()
        links = Links.of(request)
        fields = ("slug", "name", "country_id", "country__name", "cluster_count", "local_name", "nuts")
        return _listed(
            request,
            regions.values(*fields),
            lambda row: {
                "slug": row["slug"],
                "name": row["name"],
                "country": {"code": row["country_id"], "name": row["country__name"]},
                "local_name": row["local_name"],
                "nuts": [code for code in row["nuts"].split(";") if code],
                "cluster_count": row["cluster_count"],
                **links.filtered("region", row["slug"]),
            },
        )


class VocabularyList(PublicView):
    """The vocabularies."""

    parameters = PAGES

    @extend_schema(
        operation_id="vocabularies_list",
        tags=["filters"],
        summary="List vocabularies",
        parameters=PAGE_PARAMETERS,
        responses={200: shapes.VocabularyPageSerializer, **LIST_WRONG},
    )
    def get(self, request: Request) -> Response:
        """Return the controlled vocabularies, each of which is a filter of the same name."""
        counted = Term.objects.order_by().values_list("vocabulary").annotate(Count("pk"))
        counts: dict[str, int] = dict(counted)
        paginator = PageNumberPagination()
        page = paginator.slice(Term.Vocabulary.choices, len(Term.Vocabulary.choices), request)
        origin = request.build_absolute_uri("/")[:-1]
        rows = [
            {
                "vocabulary": value,
                "name": label,
                "term_count": counts.get(value, 0),
                "api_url": origin + reverse("api:term_list", args=[value]),
            }
            for value, label in page
        ]
        return Response(_page(paginator, rows))


class TermList(PublicView):
    """The terms of a vocabulary."""

    parameters = PAGES

    @extend_schema(
        operation_id="terms_list",
        tags=["filters"],
        summary="List the terms of a vocabulary",
        parameters=PAGE_PARAMETERS,
        responses={200: shapes.TermPageSerializer, **SUBLIST_WRONG},
    )
    def get(self, request: Request, vocabulary: str) -> Response:
        """Return the terms of a vocabulary with the number of their clusters."""
        if vocabulary not in Term.Vocabulary.values:
            raise NotFound(f"There is no such vocabulary. There are {', '.join(Term.Vocabulary.values)}.")
        counted = Term.objects.filter(vocabulary=vocabulary).annotate(cluster_count=_published("clusters"))
        terms = counted.order_by("sort_name", "slug")
        links = Links.of(request)
        return _listed(
            request,
            terms.values("slug", "name", "cluster_count"),
            lambda row: {**row, **links.filtered(vocabulary, row["slug"])},
        )


class NetworkList(PublicView):
    """The networks."""

    parameters = PAGES

    @extend_schema(
        operation_id="networks_list",
        tags=["networks"],
        summary="List networks",
        parameters=PAGE_PARAMETERS,
        responses={200: shapes.NetworkPageSerializer, **LIST_WRONG},
    )
    def get(self, request: Request) -> Response:
        """Return the networks of clusters."""
        links = Links.of(request)
        networks = Network.objects.with_cluster_counts()
        return _listed(request, networks, lambda network: network_answer(network, links))


class NetworkDetail(PublicView):
    """One network."""

    @extend_schema(
        operation_id="networks_retrieve",
        tags=["networks"],
        summary="Read a network",
        responses={200: shapes.NetworkProfileSerializer, **NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return a network with its clusters of the catalogue."""
        network = Network.objects.with_cluster_counts().select_related("facilitator").filter(slug=slug).first()
        if network is None and Network.objects.filter(slug=slug.lower()).exists():
            return HttpResponsePermanentRedirect(reverse("api:network_detail", args=[slug.lower()]))
        if network is None:
            raise NotFound("No network has this slug.")
        return Response(network_profile(network, Links.of(request)))


def _published(path: str) -> Count:
    return Count(path, filter=Q(**{f"{path}__status": Cluster.Status.PUBLISHED}), distinct=True)


def _listed(request: Request, queryset: QuerySet, build: Any) -> Response:
    paginator = PageNumberPagination()
    return Response(_page(paginator, [build(row) for row in paginator.slice(queryset, queryset.count(), request)]))


def _page(paginator: PageNumberPagination, rows: list[Answer]) -> Answer:
    return {
        "count": paginator.total,
        "next": paginator.get_next_link(),
        "previous": paginator.get_previous_link(),
        "results": rows,
    }
