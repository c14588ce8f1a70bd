"""Proposed values: one list of fields, the same rules as the database, nothing lost on the way."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalogue.models import Cluster
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, NAMES
from submissions.fields.form import ProfileForm, broken_rules, check_values
from submissions.fields.values import as_text, changed_names, read_values, with_values, write_lists, write_values
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.both_databases

EMPTY = {spec.name: spec.empty for spec in FIELDS}


def test_every_field_is_one_of_the_cluster():
    """A field that the cluster does not have could be proposed and never be taken over."""
    assert len(set(NAMES)) == len(NAMES)
    lists = {"verticals", "sectors", "emerging_industries", "technology_fields", "s3_priorities", "networks"}
    columns = {field.name for field in Cluster._meta.get_fields()}
    assert set(NAMES) - lists <= columns


@pytest.mark.django_db
def test_values_read_as_json_and_written_again_are_the_same(django_assert_num_queries):
    region = RegionFactory(country=CountryFactory(code="AT"))
    cluster = ClusterFactory(
        name="One", summary="Two.", country=region.country, region=region, members=12, members_qualifier="at_least", staff=Decimal("2.50"),
        members_as_of=date(2025, 5, 1), latitude=Decimal("47.2600"), longitude=Decimal("11.3900"), precision="seat",
        quality_label="gold", quality_evidence="https://label.example/", quality_expires_on=date(2030, 1, 1),
        website="https://one.example/", email="a@one.example", core_cybersecurity=True, former_names="Old\nOlder",
    )  # fmt: skip
    cluster.terms.set([TermFactory(), TermFactory(vocabulary="sector")])
    cluster.target_markets.set([CountryFactory(code="DE")])
    NetworkFactory().clusters.add(cluster)
    values = read_values(cluster)
    assert values["staff"] == "2.5"
    assert values["latitude"] == "47.26"

    choices = Choices.load()
    payload, errors = check_values({name: value for name, value in values.items() if name != "logo"}, choices=choices)
    assert errors == {}
    assert changed_names(payload, values) == []

    copy = Cluster(name="x", slug="copy")
    write_values(copy, payload, choices)
    copy.save()
    write_lists(copy, payload, choices)
    assert {**read_values(Cluster.objects.get(pk=copy.pk)), "logo": ""} == values
    with django_assert_num_queries(4):
        for row in with_values(Cluster.objects.all()):
            read_values(row)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"members": "many"}, "members"),
        ({"members": -1}, "members"),
        ({"members": 10, "members_sme": 8, "members_large": 8}, "members"),
        ({"members_qualifier": "roughly"}, "members_qualifier"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "ftp://files.example/"}, "website"),
        ({"email": "ada at one.example"}, "email"),
        ({"founded": 1492}, "founded"),
        ({"founded": 2999}, "founded"),
        ({"members_as_of": "2999-01-01"}, "members_as_of"),
        ({"members_as_of": "31.02.2020"}, "members_as_of"),
        ({"verticals": ["nonsense"]}, "verticals"),
        ({"verticals": "nonsense"}, "verticals"),
        ({"country": "XX"}, "country"),
        ({"name": "Two\nlines"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"summary": "x" * 601}, "summary"),
        ({"phone": "<script>"}, "phone"),
        ({"staff": "NaN"}, "staff"),
        ({"latitude": "47"}, "latitude"),
        ({"latitude": "91", "longitude": "1", "precision": "seat"}, "latitude"),
        ({"quality_label": "gold"}, "quality_label"),
        ({"quality_expires_on": "2030-01-01"}, "quality_expires_on"),
        ({"status": "published"}, "status"),
        ({"name": "A\x00B"}, "name"),
    ],
)
def test_a_wrong_value_has_its_message_beside_its_field(values, field):
    CountryFactory(code="AT")
    given_values = {"country": "AT", "name": "One", "summary": "Two.", **values}
    _payload, errors = check_values(given_values, choices=Choices.load())
    assert field in errors, errors
    assert all(message.strip() for message in errors[field])


@pytest.mark.django_db
def test_a_number_of_members_alone_is_an_exact_one():
    _payload, errors = check_values({"members": 12}, choices=Choices.load(), base=EMPTY)
    assert errors == {"members": ["Say what the number of members is: exactly, at least, approximately."]}
    payload, errors = check_values({"members": 12, "members_qualifier": ""}, choices=Choices.load(), base=EMPTY)
    assert (payload["members_qualifier"], errors) == ("exact", {})


@pytest.mark.django_db
def test_values_as_text_for_readers():
    term = TermFactory(name="Health", slug="health")
    choices = Choices.load()
    words = {name: as_text(BY_NAME[name], value, choices) for name, value in {
        "verticals": [term.slug, "gone"], "members": 1200, "founded": 2009, "members_as_of": "2025-05-01",
        "core_cybersecurity": False, "phone": "", "quality_label": "none", "members_qualifier": "at_least",
    }.items()}  # fmt: skip
    assert words == {
        "verticals": "gone; Health", "members": "1,200", "founded": "2009", "members_as_of": "1 May 2025",
        "core_cybersecurity": "no", "phone": "", "quality_label": "", "members_qualifier": "at least",
    }  # fmt: skip


@pytest.mark.django_db
def test_only_the_fields_asked_for_are_on_the_form():
    form = ProfileForm({"name": "One", "phone": "1"}, names=["name"], choices=Choices.load())
    assert list(form.fields) == ["name"]
    assert form.json_values() if form.is_valid() else form.errors == {"name": "One"}


class RulesAgree(TestCase):
    """The rules in Python and the constraints of the database are the same rules."""

    @given(
        members=st.none() | st.integers(0, 20),
        qualifier=st.sampled_from(["", "exact", "at_least", "approximately"]),
        split=st.lists(st.none() | st.integers(0, 12), min_size=4, max_size=4),
        label=st.sampled_from(["none", "bronze", "gold"]),
        evidence=st.sampled_from(["", "https://label.example/"]),
        expires=st.sampled_from([None, "2030-01-01"]),
        latitude=st.sampled_from([None, "47.2"]),
        longitude=st.sampled_from([None, "11.4"]),
        precision=st.sampled_from(["", "seat"]),
    )
    def test_rules_are_those_of_the_database_for_any_combination(
        self, members, qualifier, split, label, evidence, expires, latitude, longitude, precision
    ):
        CountryFactory(code="AT")
        values: dict[str, Any] = {
            **EMPTY, "name": "One", "country": "AT", "members": members, "members_qualifier": qualifier,
            **dict(zip(["members_sme", "members_large", "members_research", "members_public"], split, strict=True)),
            "quality_label": label, "quality_evidence": evidence, "quality_expires_on": expires,
            "latitude": latitude, "longitude": longitude, "precision": precision,
        }  # fmt: skip
        choices = Choices.load()
        cluster = Cluster(slug="one")
        write_values(cluster, values, choices)
        try:
            cluster.validate_constraints()
            is_allowed = True
        except ValidationError:
            is_allowed = False
        assert (not broken_rules(values, choices)) == is_allowed, broken_rules(values, choices)
