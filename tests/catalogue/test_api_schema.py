"""The OpenAPI description: free of warnings, true to the filter and true to real answers."""

import io
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from catalogue.api import examples
from catalogue.api.description import api_schema, schema_of_today
from catalogue.api.representation import TERM_KEYS
from catalogue.api.urls import urlpatterns as catalogue_urls
from catalogue.listing.declared import SORT_CHOICES
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster, ClusterFigure, FactSource, ShowcaseItem, SocialLink, Term
from catalogue.profile.declaration import Kind
from catalogue.profile.fields import FIELDS
from submissions.api.urls import urlpatterns as submission_urls
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.django_db
PAGED = {f"/api/v1/{name}/" for name in ("clusters", "countries", "regions", "vocabularies", "networks")}
NOT_DESCRIBED = {"docs", "schema", "cluster_by_id"}


SAMPLES = {
    Kind.TEXT: "Text",
    Kind.LONG: "Text",
    Kind.MARKDOWN: "Text",
    Kind.URL: "https://full.example/more",
    Kind.EMAIL: "more@full.example",
    Kind.WHOLE: 7,
    Kind.DECIMAL: "7.5",
    Kind.DATE: date(2019, 5, 1),
    Kind.FLAG: True,
}


def full_cluster(**values: Any) -> Cluster:
    """Return a cluster with every field, list and relation filled; a declared column not named here gets a sample."""
    country = CountryFactory(code="DE", name="Germany", h2020_contribution=1_000, h2020_participations=2)
    if "successor" not in values:
        values["successor"] = ClusterFactory(published=True, slug="next-cluster", name="Next Cluster", country=country)
    forms = {field.name: field.form for field in FIELDS if field.form and field.is_own_column}
    return ClusterFactory(
        **{
            **{name: SAMPLES[form.kind] for name, form in forms.items() if form.kind in SAMPLES},
            "published": True,
            "slug": "full-cluster",
            "name": "Full Cluster",
            "acronym": "FC",
            "former_names": "Old Full\nOlder Full",
            "country": country,
            "region": RegionFactory(country=country, slug="bavaria", name="Bavaria", nuts="DE2"),
            "place": "Munich",
            "place_local_name": "München",
            "latitude": "48.1374",
            "longitude": "11.5755",
            "precision": "seat",
            "summary": "Brings firms and researchers together.",
            "description": "**Bold** words",
            "benefits": "* one",
            "website": "https://full.example/",
            "email": "office@full.example",
            "phone": "+49 89 0000",
            "logo": "logos/full.png",
            "founded": 1999,
            "members": 120,
            "members_qualifier": "at_least",
            "members_as_of": date(2019, 5, 1),
            "members_sme": 80,
            "members_large": 10,
            "members_research": 20,
            "members_public": 5,
            "staff": "7.5",
            "quality_label": "gold",
            "quality_evidence": "https://labels.example/1",
            "quality_expires_on": timezone.localdate() + timedelta(days=1),
            "confirmed_on": date(2020, 1, 2),
            "core_cybersecurity": True,
            "is_priority": True,
            "priority_reason": "secret-reason",
            "note": "secret-note",
            "found_via": "secret-found-via",
            "loyal_position": 1,
            "is_collaborator": True,
            "terms": [
                TermFactory(vocabulary=vocabulary, slug=f"{vocabulary}-term", name=f"{vocabulary} term")
                for vocabulary in Term.Vocabulary.values
            ],
            "networks": [NetworkFactory(slug="full-network", name="Full Network", stated_members=5)],
            **values,
        }
    )


def add_lists(cluster: Cluster) -> None:
    """Give the cluster a showcase, figures, sources, social links and target markets."""
    ShowcaseItem.objects.create(cluster=cluster, kind="event", title="Fair", date="2019-06", note="Speaker")
    ClusterFigure.objects.create(cluster=cluster, label="Jobs represented", value="700000", qualifier="approximately")
    FactSource.objects.create(cluster=cluster, field="members", origin="report", label="report D4.5", as_of="2019-06")
    ShowcaseItem.objects.create(cluster=cluster, kind="project", title="Grant", url="https://grant.example/")
    SocialLink.objects.create(cluster=cluster, kind="linkedin", url="https://social.example/full")
    cluster.target_markets.add(CountryFactory(code="FR", name="France"))
    network = cluster.networks.get()
    network.facilitator = cluster
    network.save()


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description with every object closed: a key that is not described is an error."""
    closed = deepcopy(schema)
    for component in closed["components"]["schemas"].values():
        if component.get("type") == "object" and "additionalProperties" not in component:
            component["additionalProperties"] = False
            assert set(component["required"]) == set(component["properties"])
    return closed


def problems(operation: str, status: str, answer: Any) -> list[str]:
    """Return where ``answer`` differs from what the description says of ``operation``."""
    schema = strict(api_schema())
    operations = {get["operationId"]: get for path in schema["paths"].values() for get in path.values()}
    content = operations[operation]["responses"][status]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**content, "components": schema["components"]}, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


def test_schema_is_valid_and_without_warnings() -> None:
    output, warnings = io.StringIO(), io.StringIO()

    call_command("spectacular", validate=True, fail_on_warn=True, stdout=output, stderr=warnings)

    described = yaml.safe_load(output.getvalue())
    assert described["openapi"].startswith("3.1")
    assert warnings.getvalue() == ""


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", "*/*", "application/json"),
        ("", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("", "application/yaml", "application/yaml"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("?format=json", "*/*", "application/json"),
    ],
)
def test_schema_comes_as_json_and_yaml(client: Client, query: str, accept: str, content_type: str) -> None:
    response = client.get(f"/api/v1/schema/{query}", headers={"accept": accept})

    assert response.headers["Content-Type"].partition(";")[0] == content_type
    assert yaml.safe_load(response.content) == schema_of_today()


def test_schema_names_every_address() -> None:
    expected = {
        "/api/" + str(route.pattern).replace("<slug:", "{").replace("<uuid:", "{").replace(">", "}")
        for route in [*catalogue_urls, *submission_urls]
        if route.name not in NOT_DESCRIBED
    }

    assert set(api_schema()["paths"]) == expected


@pytest.mark.parametrize("path", ["/api/v1/clusters/", "/api/v1/clusters/facets/"])
def test_schema_describes_every_parameter_of_the_filter(path: str) -> None:
    parameters = {item["name"]: item for item in api_schema()["paths"][path]["get"]["parameters"]}

    assert set(parameters) == {*ClusterFilter.base_filters, "page", "page_size"}
    assert all(item["description"] for item in parameters.values())
    assert parameters["sort"]["schema"]["enum"] == [value for value, _label in SORT_CHOICES]
    assert parameters["priority"]["schema"]["enum"] == ["true", "false"]
    several = {name for name, item in parameters.items() if item["schema"]["type"] == "array"}
    assert several == {"country", "region", *Term.Vocabulary.values}
    assert all(parameters[name]["explode"] is True and parameters[name]["style"] == "form" for name in several)


def test_schema_documents_errors_tags_and_credit() -> None:
    schema = api_schema()

    for path, methods in schema["paths"].items():
        if "submissions" in path:
            continue  # for partners only; tests/submissions/test_public_api.py
        assert set(methods) == {"get"}
        wanted = {"200", "400", "414", "429"} | ({"404"} if "{" in path or path in PAGED else set())
        assert set(methods["get"]["responses"]) == wanted
        assert len(methods["get"]["tags"]) == 1
        assert methods["get"]["summary"]
    assert "geonames.org" in schema["info"]["description"]


def test_every_vocabulary_has_its_key() -> None:
    assert set(TERM_KEYS) == set(Term.Vocabulary.values)


@pytest.mark.parametrize("is_full", [True, False])
def test_answers_are_as_described(client: Client, is_full: bool) -> None:
    if is_full:
        add_lists(full_cluster())
    else:
        ClusterFactory(published=True, slug="full-cluster", networks=[NetworkFactory(slug="full-network")])

    for operation, name, arguments in [
        ("root", "root", []),
        ("clusters_list", "cluster_list", []),
        ("clusters_facets", "cluster_facets", []),
        ("clusters_retrieve", "cluster_detail", ["full-cluster"]),
        ("countries_list", "country_list", []),
        ("regions_list", "region_list", []),
        ("vocabularies_list", "vocabulary_list", []),
        ("terms_list", "term_list", ["sector"]),
        ("networks_list", "network_list", []),
        ("networks_retrieve", "network_detail", ["full-network"]),
    ]:
        response = client.get(reverse(f"api:{name}", args=arguments))
        assert response.status_code == 200
        assert problems(operation, "200", response.json()) == []


def test_errors_are_as_described(client: Client) -> None:
    wrong = client.get("/api/v1/clusters/?members_min=many&colour=blue")
    missing = client.get("/api/v1/clusters/nobody/")

    assert problems("clusters_list", "400", wrong.json()) == []
    assert problems("clusters_retrieve", "404", missing.json()) == []


def test_a_key_that_is_not_described_would_be_noticed() -> None:
    assert problems("clusters_list", "200", {"count": 0, "surprise": 1})


def test_examples_are_as_described() -> None:
    assert problems("clusters_list", "200", examples.CLUSTER_PAGE) == []
    assert problems("clusters_facets", "200", examples.FACETS) == []
    assert problems("clusters_list", "400", examples.WRONG_PARAMETER) == []


def test_schema_names_the_values_of_filters_that_the_catalogue_knows() -> None:
    ClusterFactory(published=True, country=CountryFactory(code="DE"), networks=[NetworkFactory(slug="north")])
    ClusterFactory(country=CountryFactory(code="FR"))

    found = {p["name"]: p["schema"] for p in schema_of_today()["paths"]["/api/v1/clusters/"]["get"]["parameters"]}

    assert found["country"]["items"]["enum"] == ["DE"]
    assert found["network"]["enum"] == ["north"]
    assert found["sector"]["maxItems"] == 0
