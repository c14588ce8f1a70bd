"""The priority view: decision beside rules, and rules that words and SQL agree on."""

from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalogue.models import Cluster, Country, PriorityRule, Term
from catalogue.priority import active_rules, explain, rules_condition, suggests_priority
from catalogue.services.clusters import ReasonMissing, set_priority
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from tests.factories.consortium import sign_in

pytestmark = pytest.mark.both_databases

Kind = PriorityRule.Kind


def make_rules() -> None:
    """Store the five rules: large means more than 500 of ICT, low participation is Croatia's."""
    large = PriorityRule.objects.create(kind=Kind.LARGE_ICT, description="Large.", more_than_members=500)
    large.terms.add(TermFactory(name="ICT", slug="ict"))
    greece = PriorityRule.objects.create(kind=Kind.GREECE, description="Greece.")
    greece.countries.add(CountryFactory(code="GR", name="Greece"))
    low = PriorityRule.objects.create(kind=Kind.LOW_H2020, description="Low.")
    low.countries.add(CountryFactory(code="HR", name="Croatia"))
    for kind in (Kind.CORE_ACTIVITY, Kind.COLLABORATOR):
        PriorityRule.objects.create(kind=kind, description="As it says.")


@pytest.fixture
def rules(db: None) -> None:
    """Give the test the five rules."""
    make_rules()


def _rows(query: str = "") -> dict[str, Any]:
    response = sign_in("read-only").get(f"{reverse('admin:catalogue_cluster_priority')}?{query}")
    return {row.name: row for row in response.context["cl"].result_list}


def test_every_rule_is_shown_beside_the_decision_with_its_reason(rules: None) -> None:
    ClusterFactory(
        name="techUK", country__code="GB", country__name="United Kingdom", terms=[Term.objects.get(slug="ict")],
        members=950, members_qualifier="at_least", is_priority=True,
    )  # fmt: skip

    row = _rows()["techUK"]

    assert {result.sentence for result in row.rule_results} == {
        "core activity: cybersecurity is not its core activity",
        "large ICT: at least 950 members, more than 500",
        "collaborator: takes no active part in the project yet",
        "Greece: it is in United Kingdom, not in Greece",
        "low H2020 participation: United Kingdom is not among the countries of the rule (Croatia)",
    }


@pytest.mark.parametrize(
    ("members", "qualifier", "mark", "sentence"),
    [
        (950, "at_least", "met", "large ICT: at least 950 members, more than 500"),
        (500, "at_least", "unknown", "large ICT: at least 500 members, which is not known to be more than 500"),
        (501, "exact", "met", "large ICT: 501 members, more than 500"),
        (500, "exact", "missed", "large ICT: 500 members, not more than 500"),
        (600, "approximately", "met", "large ICT: approximately 600 members, more than 500"),
        (None, "", "unknown", "large ICT: the number of members is not known, more than 500 are asked for"),
    ],
)
def test_sentence_about_size(rules: None, members: int | None, qualifier: str, mark: str, sentence: str) -> None:
    cluster = ClusterFactory(terms=[Term.objects.get(slug="ict")], members=members, members_qualifier=qualifier)
    client = sign_in("read-only")
    pages = [
        client.get(reverse("admin:catalogue_cluster_priority")).content.decode(),
        client.get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).content.decode(),
    ]

    rule, _colon, reason = sentence.partition(": ")
    for page in pages:
        assert f'<li class="rule rule-{mark}"><span class="rule-name">{rule}:</span> {reason}</li>' in page


def test_size_is_large_in_the_database_only_above_the_number(rules: None) -> None:
    terms = [Term.objects.get(slug="ict")]
    for members in (499, 500, 501):
        ClusterFactory(name=f"With {members}", terms=terms, members=members, members_qualifier="exact")
    ClusterFactory(name="Of another field", members=501, members_qualifier="exact")

    found = Cluster.objects.filter(rules_condition(PriorityRule.objects.filter(kind=Kind.LARGE_ICT)))

    assert [cluster.name for cluster in found] == ["With 501"]


def test_filter_separates_both_ways_of_disagreeing(rules: None) -> None:
    ClusterFactory(name="unexplained", is_priority=True)
    ClusterFactory(name="undecided", core_cybersecurity=True)
    ClusterFactory(name="explained", is_priority=True, is_collaborator=True)
    ClusterFactory(name="neither")

    assert set(_rows("rules=disagree")) == {"unexplained", "undecided"}
    assert set(_rows("rules=no_rule")) == {"unexplained"}
    assert set(_rows("rules=no_priority")) == {"undecided"}
    assert set(_rows("rules=agree")) == {"explained", "neither"}


def test_rule_that_is_switched_off_says_nothing(rules: None) -> None:
    PriorityRule.objects.filter(kind=Kind.CORE_ACTIVITY).update(is_active=False)
    ClusterFactory(name="undecided", core_cybersecurity=True)

    assert set(_rows("rules=disagree")) == set()
    assert len(_rows()["undecided"].rule_results) == 4


def test_parameters_of_a_rule_can_be_changed_and_its_kind_cannot(rules: None) -> None:
    rule, health = PriorityRule.objects.get(kind=Kind.LARGE_ICT), TermFactory(name="Health")
    form = {
        "description": "Large.",
        "is_active": "on",
        "more_than_members": "300",
        "terms": [health.pk],
        "kind": "greece",
    }

    response = sign_in("catalogue editor").post(reverse("admin:catalogue_priorityrule_change", args=[rule.pk]), form)

    assert response.status_code == 302
    rule.refresh_from_db()
    assert (rule.kind, rule.more_than_members, list(rule.terms.all())) == (Kind.LARGE_ICT, 300, [health])


def test_large_ict_without_a_number_is_refused_with_a_reason(rules: None) -> None:
    rule = PriorityRule.objects.get(kind=Kind.LARGE_ICT)

    response = sign_in("catalogue editor").post(
        reverse("admin:catalogue_priorityrule_change", args=[rule.pk]), {"description": "Large.", "is_active": "on"}
    )

    assert "The rule “large ICT” needs a number of members." in response.content.decode()
    rule.refresh_from_db()
    assert rule.more_than_members == 500


@pytest.mark.django_db
class TestSetPriority:
    """The service behind the decision."""

    def test_stores_decision_reason_and_history(self) -> None:
        cluster = ClusterFactory()

        changed = set_priority(clusters=[cluster], is_priority=True, reason=" Leads two projects. ")

        cluster.refresh_from_db()
        assert changed == [cluster]
        assert (cluster.is_priority, cluster.priority_reason) == (True, "Leads two projects.")
        assert cluster.history.first().history_change_reason == "Priority given"

    def test_same_decision_again_writes_no_version(self) -> None:
        cluster = ClusterFactory(is_priority=True, priority_reason="Because.")

        changed = set_priority(clusters=[cluster], is_priority=True, reason="Because.")

        assert changed == []
        assert cluster.history.count() == 1

    def test_without_a_reason_nothing_changes(self) -> None:
        cluster = ClusterFactory()

        with pytest.raises(ReasonMissing):
            set_priority(clusters=[cluster], is_priority=True, reason="  ")

        cluster.refresh_from_db()
        assert not cluster.is_priority

    def test_removal_keeps_the_reason_of_the_removal(self) -> None:
        cluster = ClusterFactory(is_priority=True, priority_reason="Old.")

        set_priority(clusters=[cluster], is_priority=False, reason="Closed down.")

        cluster.refresh_from_db()
        assert (cluster.is_priority, cluster.priority_reason) == (False, "Closed down.")
        assert cluster.history.first().history_change_reason == "Priority removed"


CLUSTERS = st.lists(
    st.fixed_dictionaries(
        {
            "is_priority": st.booleans(),
            "core_cybersecurity": st.booleans(),
            "is_collaborator": st.booleans(),
            "country": st.sampled_from(["GR", "HR", "DE"]),
            "size": st.one_of(
                st.none(),
                st.tuples(
                    st.sampled_from([0, 499, 500, 501, 950]), st.sampled_from(["exact", "at_least", "approximately"])
                ),
            ),
            "terms": st.sets(st.sampled_from(["ict", "health"])),
        }
    ),
    max_size=6,
)


class TestWordsAndSqlAgree(TestCase):
    """For any clusters and any switched-on rules, the filter finds what a plain recount finds."""

    @given(facts=CLUSTERS, active=st.sets(st.sampled_from(Kind.values)))
    @settings(max_examples=examples(60), deadline=None)
    def test_filter_equals_recount(self, facts: list[dict[str, Any]], active: set[str]) -> None:
        make_rules()
        PriorityRule.objects.exclude(kind__in=active).update(is_active=False)
        CountryFactory(code="DE")
        TermFactory(name="Health", slug="health")
        terms = {term.slug: term for term in Term.objects.all()}
        for number, fact in enumerate(facts):
            members, qualifier = fact.pop("size") or (None, "")
            chosen = [terms[slug] for slug in fact.pop("terms")]
            country = Country.objects.get(code=fact.pop("country"))
            ClusterFactory(
                name=f"C{number}", members=members, members_qualifier=qualifier, country=country, terms=chosen, **fact
            )

        rules = active_rules()
        met = {row.name: suggests_priority(explain(row, rules)) for row in Cluster.objects.all()}
        decided = dict(Cluster.objects.values_list("name", "is_priority"))

        assert {row.name for row in Cluster.objects.filter(rules_condition(rules))} == {n for n in met if met[n]}
        assert {row.name for row in Cluster.objects.exclude(rules_condition(rules))} == {n for n in met if not met[n]}
        assert set(_rows("rules=disagree")) == {name for name in met if met[name] != decided[name]}
        assert set(_rows("rules=agree")) == {name for name in met if met[name] == decided[name]}
        assert set(_rows("rules=no_rule")) == {name for name in met if decided[name] and not met[name]}
        assert set(_rows("rules=no_priority")) == {name for name in met if met[name] and not decided[name]}
