"""Fields of a profile are declared once: every output has what is declared, and nothing else."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from catalogue.admin.declared import with_declared_fields
from catalogue.api.description import api_schema
from catalogue.models import Cluster
from catalogue.profile.declaration import FormField, Kind, ProfileField, Step
from catalogue.profile.fields import FIELDS
from duplicates.merging.fields import merge_fields
from imports.rows.headings import guess_columns
from submissions.fields.choices import Choices
from submissions.fields.definitions import NAMES
from submissions.fields.form import ProfileForm
from submissions.fields.values import read_values
from submissions.models import Submission
from submissions.review.difference import difference
from tests.catalogue.test_api_schema import add_lists, full_cluster

pytestmark = pytest.mark.django_db
#: What is about the cluster as such and no field of its profile.
OWN_KEYS = {"id", "slug", "name", "url", "api_url"}


@pytest.fixture
def cluster() -> Cluster:
    """Return a published cluster that says something everywhere."""
    cluster = full_cluster()
    add_lists(cluster)
    return cluster


def keys(*, in_rows: bool) -> set[str]:
    return {key.key or field.name for field in FIELDS for key in field.api if key.in_rows == in_rows}


def test_every_fact_is_on_the_profile_of_a_full_cluster(client: Client, cluster: Cluster) -> None:
    page = client.get(cluster.get_absolute_url()).content.decode()

    labels = [part.label or field.label for field in FIELDS if (part := field.fact)]
    labels = [label if isinstance(label, str) else label(cluster) for label in labels]
    assert [label for label in labels if f"<dt>{escape(label)}</dt>" not in page] == []
    assert page.count("<dt>") == len(labels) + cluster.figures.count()


def test_every_row_is_in_a_comparison_of_a_full_cluster(client: Client, cluster: Cluster) -> None:
    comparison = client.get(f"/clusters/side-by-side/?c={cluster.slug}").context["comparison"]

    declared = {part.label or field.label for field in FIELDS if (part := field.comparison)}
    assert {row.label for row in comparison.rows} == declared


def test_every_key_is_answered_and_described(client: Client, cluster: Cluster) -> None:
    profile = client.get(f"/api/v1/clusters/{cluster.slug}/").json()
    row = next(row for row in client.get("/api/v1/clusters/").json()["results"] if row["slug"] == cluster.slug)

    assert set(row) == OWN_KEYS | keys(in_rows=True)
    assert set(profile) == set(row) | keys(in_rows=False) | {"attribution"}
    assert [name for name in keys(in_rows=True) | keys(in_rows=False) if profile[name] in (None, "", [])] == []
    schemas = api_schema()["components"]["schemas"]
    assert set(schemas["ClusterRow"]["properties"]) == set(row)
    assert set(schemas["ClusterProfile"]["properties"]) == set(profile)


def test_every_column_is_exported_with_a_value_of_a_full_cluster(client: Client, cluster: Cluster) -> None:
    file = client.get("/clusters/export.json?q=full")
    record = json.loads(b"".join(file.streaming_content))["results"][0]  # type: ignore[attr-defined]

    declared = {column.name for field in FIELDS for column in field.columns}
    assert set(record) == declared | {"id", "slug", "url", "credit"}
    assert [name for name in declared if record[name] in (None, "", [])] == []


def test_every_property_is_in_the_structured_data(client: Client, cluster: Cluster) -> None:
    page = client.get(cluster.get_absolute_url())

    declared = {field.schema_org.name for field in FIELDS if field.schema_org}
    assert declared <= set(json.loads(page.context["json_ld"]))


def test_every_proposable_field_is_on_the_form_in_the_review_and_on_the_staff_form(
    admin_client: Client, cluster: Cluster
) -> None:
    proposable = {field.name for field in FIELDS if field.form}
    choices = Choices.load()
    form = ProfileForm(names=NAMES, choices=choices)
    proposal = Submission(kind=Submission.Kind.NEW, payload=read_values(cluster))
    page = admin_client.get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).content.decode()

    assert set(form.fields) == proposable == set(NAMES)
    changed = {row.name for row in difference(proposal, choices).changed}
    assert changed == proposable
    columns = {field.name for field in FIELDS if field.form and field.is_own_column}
    assert [name for name in columns if f'name="{name}"' not in page] == []


@pytest.mark.parametrize(
    ("heading", "name"),
    [(heading, field.name) for field in FIELDS if field.form for heading in (field.name, *field.headings)],
)
def test_declared_heading_means_its_field(heading: str, name: str) -> None:
    expected = "" if name == "logo" else name

    assert guess_columns([heading]) == [expected]


def new_field(**values: Any) -> ProfileField:
    """Return the declaration of a column that no form knows yet."""
    return ProfileField("found_via", "Found via", form=FormField(**{"step": Step.MEMBERS, "kind": Kind.TEXT, **values}))


def test_new_field_comes_last_under_its_heading_of_the_staff_form() -> None:
    fieldsets = [("Who it is", {"fields": ["name"]}), ("Members and staff", {"fields": [("members", "staff")]})]

    assert with_declared_fields(fieldsets, (new_field(),)) == [
        ("Who it is", {"fields": ["name"]}),
        ("Members and staff", {"fields": [("members", "staff"), "found_via"]}),
    ]


def test_new_field_is_chosen_by_itself_in_a_merge() -> None:
    declared = ProfileField("note", "Note", form=FormField(Step.WHAT, Kind.LONG))

    assert [field for field in merge_fields((*FIELDS, declared)) if field.name == "note"] == [
        field for field in merge_fields((declared,)) if field.columns == ("note",)
    ]
    assert merge_fields((*FIELDS, declared))[-1].columns == ("note",)
    assert len(merge_fields((*FIELDS, declared))) == len(merge_fields(FIELDS)) + 1


def test_no_output_has_a_declared_name_twice() -> None:
    names = [field.name for field in FIELDS]
    api = [key.key or field.name for field in FIELDS for key in field.api]
    columns = [column.name for field in FIELDS for column in field.columns]

    assert (sorted(set(names)), sorted(set(api)), sorted(set(columns))) == (sorted(names), sorted(api), sorted(columns))
