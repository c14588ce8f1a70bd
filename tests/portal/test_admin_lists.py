"""The lists of the workplace: constant queries, search, filters, and the first page."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue.index.catalogue_index import current_index
from catalogue.models import FactProposal, PriorityRule, Synonym
from consortium.models import Page, PartnerCountry
from duplicates.merging.services import merge
from imports.models import SpreadsheetImport
from quality.models import FreshnessRequest, QualityFinding
from submissions.fields.definitions import FIELDS
from submissions.models import CannedReason, ClusterEditor, FieldHelp, PrivacyNotice
from submissions.services.partners import issue_token
from submissions.services.state_machine import assign
from tests.factories.catalogue import (
    ClusterFactory,
    CountryFactory,
    EmbedOriginFactory,
    NetworkFactory,
    RegionFactory,
    TermFactory,
)
from tests.factories.consortium import PartnerFactory, UserFactory, sign_in
from tests.factories.submissions import update_of
from tests.project import PACKAGES
from tests.staff import admin_address
from workplace.models import NightlyRun

pytestmark = pytest.mark.django_db


def _cluster(number: int) -> None:
    ClusterFactory(
        published=number % 2 == 0, terms=[TermFactory(), TermFactory()], is_priority=True, members=600 + number,
        members_qualifier="exact", priority_reason="Close to us.",
    )  # fmt: skip


def _region(number: int) -> None:
    ClusterFactory(published=True, region=RegionFactory())


def _network(number: int) -> None:
    clusters = ClusterFactory.create_batch(2)
    NetworkFactory(clusters=clusters, facilitator=clusters[0])


def _rule(number: int) -> None:
    rule = PriorityRule.objects.create(
        kind=PriorityRule.Kind.values[number], description="Because.", more_than_members=500
    )
    rule.terms.add(TermFactory(), TermFactory())
    rule.countries.add(CountryFactory(), CountryFactory())


def _proposal(number: int) -> None:
    FactProposal.objects.create(cluster=ClusterFactory(), kind="succession", text=f"Fact {number}", confidence="high")


def _partner(number: int) -> None:
    partner = PartnerFactory(users=UserFactory.create_batch(2))
    PartnerCountry.objects.create(partner=partner, code=["DE", "FR", "ES"][number])


def _user(number: int) -> None:
    PartnerFactory(users=[UserFactory(groups=[Group.objects.create(name=f"Group {number}")])])


def _attempt(number: int) -> None:
    AccessAttempt.objects.create(username=f"u{number}", ip_address="192.0.2.1", failures_since_start=number)


def _merge(number: int) -> None:
    kept, gone = ClusterFactory.create_batch(2)
    merge(target=kept, source=gone, by=UserFactory(), reason="One.")


def _freshness(number: int) -> None:
    FreshnessRequest.objects.create(cluster=ClusterFactory(), email="a@c.example", asked_by=UserFactory())


def _finding(number: int) -> None:
    QualityFinding.objects.create(cluster=ClusterFactory(published=True), kind="no_contact", text="Nobody.")


def _nightly(number: int) -> None:
    NightlyRun.objects.create(name=f"job {number}", finished_at=timezone.now(), count=number, failed=0)


def _submission(number: int) -> None:
    row = update_of(ClusterFactory(published=True), place=f"Place {number}")
    assign(submissions=[row], to=UserFactory(), by=UserFactory())


def _editor(number: int) -> None:
    ClusterEditor.objects.create(cluster=ClusterFactory(), email=f"e{number}@cluster.example")


def _import(number: int) -> None:
    SpreadsheetImport.objects.create(
        file_name=f"e{number}.csv", status="checked", counts={"new": number}, uploaded_by=UserFactory()
    )


LISTS: list[tuple[str, Callable[[int], Any]]] = [
    ("catalogue_cluster_changelist", _cluster),
    ("catalogue_cluster_priority", _cluster),
    ("catalogue_country_changelist", lambda number: ClusterFactory(published=True)),
    ("catalogue_region_changelist", _region),
    ("catalogue_term_changelist", lambda number: ClusterFactory(terms=[TermFactory()])),
    ("catalogue_network_changelist", _network),
    ("catalogue_priorityrule_changelist", _rule),
    ("catalogue_embedorigin_changelist", lambda number: EmbedOriginFactory()),
    ("catalogue_cluster_map", _cluster),
    (
        "catalogue_synonym_changelist",
        lambda number: Synonym.objects.create(word=f"w{number}", kind="expansion", means="x"),
    ),
    ("catalogue_factproposal_changelist", _proposal),
    (
        "submissions_cannedreason_changelist",
        lambda number: CannedReason.objects.create(use="reject", title=f"E{number}", text="No."),
    ),
    ("submissions_clustereditor_changelist", _editor),
    ("imports_spreadsheetimport_changelist", _import),
    ("duplicates_clustermerge_changelist", _merge),
    ("quality_freshnessrequest_changelist", _freshness),
    ("quality_qualityfinding_changelist", _finding),
    ("submissions_submission_changelist", _submission),
    ("workplace_nightlyrun_changelist", _nightly),
    (
        "submissions_fieldhelp_changelist",
        lambda number: FieldHelp.objects.create(field=FIELDS[number].name, help="One."),
    ),
    (
        "submissions_privacynotice_changelist",
        lambda number: PrivacyNotice.objects.create(version=f"v{number}", text="X"),
    ),
    ("submissions_partnertoken_changelist", lambda number: issue_token(partner=PartnerFactory(), label="Site")),
    ("consortium_partner_changelist", _partner),
    ("consortium_page_changelist", lambda number: Page.objects.create(slug=f"p{number}", title="P", body="x")),
    ("auth_user_changelist", _user),
    ("auth_group_changelist", lambda number: UserFactory(groups=[Group.objects.create(name=f"Group {number}")])),
    ("axes_accessattempt_changelist", _attempt),
]


@pytest.mark.parametrize(("name", "make"), LISTS, ids=[name for name, _make in LISTS])
@pytest.mark.parametrize("query", ["", "?q=e"], ids=["all", "search"])
def test_queries_do_not_grow_with_the_rows(name: str, make: Callable[[int], Any], query: str) -> None:
    client, address = sign_in("superuser"), reverse(f"admin:{name}") + query
    counts = []
    make(0)
    client.get(address)  # content types are read once per process
    for wanted in (1, 3):
        for number in range(1, wanted):
            make(number)
        current_index()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert response.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_every_list_of_the_workplace_is_in_the_test_above() -> None:
    from django.contrib import admin

    tested = {name for name, _make in LISTS} | {
        # These lead to their only row.
        "consortium_project_changelist",
        "quality_freshnessplan_changelist",
        "submissions_submissionpolicy_changelist",
    }

    for model in admin.site._registry:
        if model._meta.app_label in {*PACKAGES, "auth", "axes"} - {"outbox"}:
            assert f"{model._meta.app_label}_{model._meta.model_name}_changelist" in tested


def _found(client: Any, query: str, name: str = "catalogue_cluster_changelist") -> set[str]:
    response = client.get(f"{reverse(f'admin:{name}')}?{query}")
    assert response.status_code == 200, response.headers
    return {str(row) for row in response.context["cl"].result_list}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("munchen", {"Cluster München"}),
        ("München", {"Cluster München"}),
        ("lodz", {"Łódź Net"}),
        ("barcelna", {"Barcelona Tech"}),
        ("old+name", {"Łódź Net"}),
        ("health", {"Barcelona Tech"}),
        ("zzzzzz", set()),
        ("cluster", {"Cluster München", "Łódź Net", "Barcelona Tech"}),  # the word of the trade says nothing
    ],
)
@pytest.mark.parametrize("name", ["catalogue_cluster_changelist", "catalogue_cluster_priority"])
@pytest.mark.both_databases
def test_search_forgives_accents_and_typos_in_unpublished_clusters_too(typed: str, names: set[str], name: str) -> None:
    ClusterFactory(name="Cluster München", country__name="Germany", country__code="DE")
    ClusterFactory(name="Łódź Net", former_names="Old Name\nOlder Name", country__name="Poland", country__code="PL")
    ClusterFactory(name="Barcelona Tech", terms=[TermFactory(name="Health")], published=True)

    assert _found(sign_in("read-only"), f"q={typed}", name) == names


def test_note_says_what_a_misspelt_word_was_taken_for() -> None:
    ClusterFactory(name="Barcelona Tech")

    page = sign_in("read-only").get(reverse("admin:catalogue_cluster_changelist"), {"q": "barcelna"}).content.decode()

    assert "“barcelna” as <strong>barcelona</strong>" in page


def test_autocomplete_finds_without_accents() -> None:
    ClusterFactory(name="Łódź Net")
    RegionFactory(name="Baden-Württemberg")
    client = sign_in("catalogue editor")

    found = []
    for model, field, typed in [("network", "clusters", "lodz"), ("cluster", "region", "baden wurtt")]:
        query = {"app_label": "catalogue", "model_name": model, "field_name": field, "term": typed}
        results = client.get(reverse("admin:autocomplete"), query).json()["results"]
        found += [result["text"] for result in results]

    assert found == ["Łódź Net", "Baden-Württemberg"]


@pytest.mark.parametrize("typed", ["", " ", "\x00", "%", "_", "'", "…", "a" * 3000])
@pytest.mark.parametrize("name", ["cluster", "region", "network", "term"])
@pytest.mark.both_databases
def test_odd_search_texts_are_answered(name: str, typed: str) -> None:
    client = sign_in("superuser")
    fields = {"cluster": ("network", "clusters"), "region": ("cluster", "region"), "term": ("cluster", "terms")}

    assert client.get(admin_address(name, "changelist"), {"q": typed}).status_code in (200, 302)
    if name in fields:
        model, field = fields[name]
        query = {"app_label": "catalogue", "model_name": model, "field_name": field, "term": typed}
        assert client.get(reverse("admin:autocomplete"), query).status_code == 200


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=published", {"A"}),
        ("status=unpublished", {"B", "C"}),
        ("status=archived", {"C"}),
        ("priority=true", {"B"}),
        ("priority=false", {"A", "C"}),
        ("loyal=true", {"A"}),
        ("loyal=false", {"B", "C"}),
        ("vertical=health", {"A"}),
        ("country__code__exact=DE", {"A"}),
        ("core_cybersecurity__exact=1", {"C"}),
        ("quality_label__exact=gold", {"B"}),
        ("confirmed=recently", {"A"}),
        ("confirmed=overdue", {"B", "C"}),
        ("confirmed=never", {"C"}),
        ("status=unpublished&priority=true", {"B"}),
        ("status=nonsense", {"A", "B", "C"}),
    ],
)
@pytest.mark.both_databases
def test_filters(query: str, names: set[str]) -> None:
    today = timezone.localdate()
    ClusterFactory(
        name="A", published=True, loyal_position=1, confirmed_on=today - timedelta(days=365), country__code="DE",
        terms=[TermFactory(name="Health", slug="health"), TermFactory()],
    )  # fmt: skip
    ClusterFactory(
        name="B", is_priority=True, confirmed_on=today - timedelta(days=366),
        quality_label="gold", quality_evidence="https://label.example/", quality_expires_on=today,
    )  # fmt: skip
    ClusterFactory(name="C", status="archived", core_cybersecurity=True)

    assert _found(sign_in("read-only"), query) == names


@pytest.mark.parametrize("model", ["country", "region", "term", "network"])
def test_number_of_clusters_leads_to_the_list_behind_it(model: str) -> None:
    rows = {"country": CountryFactory(), "region": RegionFactory(), "term": TermFactory(), "network": NetworkFactory()}
    for number in range(3):
        ClusterFactory(
            name=f"C{number}", published=number > 0, country=rows["country"], region=rows["region"],
            terms=[rows["term"]], networks=[rows["network"]],
        )  # fmt: skip
    ClusterFactory(name="elsewhere", published=True)
    client = sign_in("read-only")

    page = client.get(admin_address(model, "changelist"), {"q": rows[model].name}).content.decode()
    links = re.findall(r'<td class="field-clusters_(\w+)"><a href="[^"]*\?([^"]*)">(\d+)</a>', page)

    assert [(kind, number) for kind, _query, number in links] == [("known", "3"), ("published", "2")]
    assert _found(client, links[0][1].replace("&amp;", "&")) == {"C0", "C1", "C2"}
    assert _found(client, links[1][1].replace("&amp;", "&")) == {"C1", "C2"}


def test_first_page_costs_the_same_for_any_number_of_clusters() -> None:
    client, counts = sign_in("superuser"), []
    client.get(reverse("admin:index"))
    for number in (1, 3):
        ClusterFactory.create_batch(number, is_priority=True)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:index"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_first_page_has_no_numbers_for_those_who_may_not_see_clusters() -> None:
    ClusterFactory(is_priority=True)

    page = sign_in("member").get(reverse("admin:index"))

    assert page.context["figures"] == []
    assert "Ask a coordinator" in page.content.decode()


def test_sections_in_order_with_the_priority_view() -> None:
    apps = sign_in("superuser").get(reverse("admin:index")).context["app_list"]

    names = [app["name"] for app in apps]
    assert names == ["Submissions", "Catalogue", "Outbox", "Consortium", "Access"]
    assert [model["name"] for model in apps[0]["models"]][:2] == ["Submissions", "Imports"]
    assert [model["name"] for model in apps[1]["models"]][:2] == ["Clusters", "Priority view"]
    assert [model["name"] for model in apps[-1]["models"]] == ["Groups", "Users", "Failed sign-ins"]


def test_pages_of_the_workplace_hold_no_inline_script_or_style() -> None:
    cluster = ClusterFactory(published=True)
    client = sign_in("superuser")
    pages = [
        reverse("admin:index"),
        reverse("admin:catalogue_cluster_changelist"),
        reverse("admin:catalogue_cluster_priority"),
        reverse("admin:catalogue_cluster_change", args=[cluster.pk]),
        reverse("admin:catalogue_cluster_history", args=[cluster.pk]),
        reverse("admin:catalogue_cluster_delete", args=[cluster.pk]),
        f"{reverse('admin:catalogue_cluster_decide', args=['archive'])}?ids={cluster.pk}",
        reverse("admin:auth_group_changelist"),
    ]

    for address in pages:
        page = client.get(address).content.decode()
        assert " style=" not in page, address
        assert "<style" not in page, address
        assert "<script>" not in page, address
        assert " onclick=" not in page, address
