"""Findings and freshness in the workplace: permissions, what pages say, what buttons do."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.models import ClusterMerge
from outbox.models import Message
from quality.findings.data import check_data
from quality.models import FreshnessPlan, FreshnessRequest, QualityFinding
from tests.duplicates.pairs import merged
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import EDITORS, READERS, ROLES, sign_in
from tests.staff import admin_address

pytestmark = pytest.mark.django_db


MAKE: dict[str, Any] = {
    "qualityfinding": lambda: QualityFinding.objects.create(cluster=ClusterFactory(published=True), kind="no_contact"),
    "freshnessrequest": lambda: FreshnessRequest.objects.create(cluster=ClusterFactory(), email="a@c.example"),
    "clustermerge": merged,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", MAKE)
def test_records_are_read_by_readers_and_changed_by_nobody(model: str, role: str) -> None:
    row, client = MAKE[model](), sign_in(role)
    for page, expected in {
        "changelist": READERS,
        "change": READERS,
        "history": READERS,
        "add": set(),
        "delete": set(),
    }.items():
        args = [] if page in ("changelist", "add") else [row.pk]
        response = client.get(admin_address(model, page, *args))
        assert response.status_code == (302 if role == "anonymous" else 200 if role in expected else 403), page
    posted = client.post(admin_address(model, "change", row.pk), {})
    assert posted.status_code == (302 if role == "anonymous" else 403)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask_stop_merge_and_undo(role: str) -> None:
    log, client = merged(), sign_in(role)
    cluster = ClusterFactory(published=True, email="a@c.example")
    FreshnessPlan.objects.create(pk=1)
    refused = 302 if role == "anonymous" else 403
    pages = [
        (f"{reverse('admin:catalogue_cluster_ask')}?ids={cluster.pk}", EDITORS),
        (f"{reverse('admin:catalogue_cluster_merge')}?ids={cluster.pk}", EDITORS),
        (f"{reverse('admin:catalogue_cluster_merge')}?ids={cluster.pk},{log.target_id}", EDITORS),
        (reverse("admin:quality_freshnessplan_change", args=[1]), READERS),
    ]
    for address, allowed in pages:
        assert client.get(address).status_code == (200 if role in allowed else refused), address
    acts = [
        (reverse("admin:quality_freshnessplan_switch", args=[1]), {"is_on": "0"}),
        (reverse("admin:catalogue_cluster_ask"), {"ids": str(cluster.pk)}),
        (reverse("admin:duplicates_clustermerge_undo", args=[log.pk]), {}),
        (reverse("admin:catalogue_cluster_merge"), {"ids": f"{cluster.pk},{log.source_id}", "reason": "One."}),
    ]
    statuses = {address: client.post(address, data).status_code for address, data in acts}
    assert set(statuses.values()) == ({302} if role in EDITORS | {"anonymous"} else {403})
    done = role in EDITORS
    log.refresh_from_db()
    assert (FreshnessPlan.current().is_on, Message.objects.count(), log.undone_at is not None) == (
        not done,
        int(done),
        done,
    )
    assert ClusterMerge.objects.count() == 1 + done


def test_a_reader_sees_no_buttons() -> None:
    log, client = merged(), sign_in("read-only")
    FreshnessPlan.objects.create(pk=1)
    cluster = reverse("admin:catalogue_cluster_change", args=[log.target_id])
    for address in (
        cluster, reverse("admin:duplicates_clustermerge_change", args=[log.pk]),
        reverse("admin:quality_freshnessplan_change", args=[1]),
    ):  # fmt: skip
        page = client.get(address).content.decode()
        assert "/merge/?" not in page
        assert "/undo/" not in page
        assert "/switch/" not in page
        assert "/ask/" not in page


# --- findings ---


def test_findings_are_on_the_page_of_the_cluster_and_filter_the_list() -> None:
    silent = ClusterFactory(published=True, name="Silent", confirmed_on=timezone.localdate())
    fine = ClusterFactory(
        published=True, name="Fine", email="a@c.example", members=3, members_qualifier="exact", place="Graz",
        latitude="47.07", longitude="15.43", precision="seat", confirmed_on=timezone.localdate(),
    )  # fmt: skip
    ClusterFactory(name="Unpublished")
    check_data()
    client = sign_in("read-only")

    def found(query: str) -> set[str]:
        response = client.get(f"{reverse('admin:catalogue_cluster_changelist')}?{query}")
        return {cluster.name for cluster in response.context["cl"].result_list}

    assert found("findings=any") == found("findings=no_contact") == found("findings=missing_members") == {"Silent"}
    assert found("findings=none") == {"Fine"}
    assert found("findings=dead_website") == set()
    assert found("findings=nonsense") == {"Silent", "Fine", "Unpublished"}
    page = client.get(reverse("admin:catalogue_cluster_change", args=[silent.pk])).content.decode()
    assert "No public e-mail and no known editor" in page
    page = client.get(reverse("admin:catalogue_cluster_change", args=[fine.pk])).content.decode()
    assert re.search(r"Nothing was found at the last check, \d+ \w+ \d{4}, \d\d:\d\d\.", page)


def test_the_list_of_findings_counts_by_kind_and_its_numbers_lead_to_the_rows() -> None:
    for name in ("A", "B"):
        ClusterFactory(published=True, name=name)
    check_data()
    QualityFinding.objects.filter(cluster__name="B", kind="no_contact").update(closed_at=timezone.now())
    client = sign_in("read-only")
    address = reverse("admin:quality_qualityfinding_changelist")

    response = client.get(address)

    kinds = {label: (url, count) for url, label, count in response.context["kinds"]}
    assert kinds["No contact"] == ("?kind__exact=no_contact", 1)
    assert kinds["Website does not answer"][1] == 0
    assert kinds["Number of members missing"][1] == 2
    for url, count in kinds.values():
        assert client.get(address + url).context["cl"].result_count == count
    assert client.get(f"{address}?state=closed").context["cl"].result_count == 1
    assert client.get(f"{address}?state=all").context["cl"].result_count == 8
    first = sign_in("superuser").get(reverse("admin:index")).context["figures"][-1]
    assert (first.number, first.label) == (2, "profiles with findings")


def test_pages_before_the_first_check_do_not_say_that_all_is_well() -> None:
    cluster = ClusterFactory(published=True, name="Silent")
    client = sign_in("superuser")
    listed, start = reverse("admin:quality_qualityfinding_changelist"), reverse("admin:index")
    change = reverse("admin:catalogue_cluster_change", args=[cluster.pk])

    assert "profiles with findings: not checked yet, next check at 4:05" in client.get(start).content.decode()
    page = client.get(listed).content.decode()
    assert "Nothing was checked yet: the first check is at 4:05." in page
    assert "0 findings" not in page
    assert "Open findings by kind" not in page
    assert "Not checked yet; the next check is at 4:05." in client.get(change).content.decode()

    check_data()

    assert "not checked yet" not in client.get(start).content.decode()
    assert "Last check: " in client.get(listed).content.decode()
    new = ClusterFactory(published=True, name="New")
    Cluster.objects.filter(pk=new.pk).update(published_at=timezone.now())
    page = client.get(reverse("admin:catalogue_cluster_change", args=[new.pk])).content.decode()
    assert "Not checked yet; the next check is at 4:05." in page


def test_list_without_findings_says_when_the_last_check_was() -> None:
    check_data()
    page = sign_in("read-only").get(reverse("admin:quality_qualityfinding_changelist")).content.decode()
    assert re.search(r"Nothing was found at the last check, .*, \d\d:\d\d\. The next check is at 4:05\.", page)
    assert "0 findings" not in page


def test_a_finding_is_said_once() -> None:
    ClusterFactory(published=True, name="Silent", confirmed_on=timezone.localdate())
    old = ClusterFactory(published=True, name="Old", email="o@c.example", members=3, members_qualifier="exact")
    check_data()
    client = sign_in("read-only")
    address = reverse("admin:quality_qualityfinding_changelist")

    page = client.get(address).content.decode()

    assert "The number of members is not known." not in page
    assert "Never confirmed." in page
    assert "Closed at" not in page
    old.findings.update(closed_at=timezone.now())
    assert "Closed at" in client.get(f"{address}?state=closed").content.decode()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("freshnessrequest", "No cluster was asked yet."),
        ("clustermerge", "No two clusters were merged yet."),
        ("clustereditor", "No cluster has a known editor yet."),
    ],
)
def test_an_empty_list_says_what_to_do_and_a_search_without_result_how_to_go_back(model: str, words: str) -> None:
    client, address = sign_in("superuser"), admin_address(model, "changelist")

    page = client.get(address).content.decode()
    found = client.get(f"{address}?q=zzz").content.decode()

    assert words in page
    assert 'class="paginator"' not in page
    assert 'name="action"' not in page
    assert "fits “zzz”. <a href=" in found
    assert words not in found


# --- freshness ---


def test_the_plan_counts_all_that_are_due_and_its_numbers_lead_to_them() -> None:
    for number in range(65):
        ClusterFactory(published=True, name=f"Silent {number:02}")
    for number in range(22):
        ClusterFactory(published=True, name=f"Next {number:02}", email=f"office{number}@next.example")
    asked = ClusterFactory(published=True, name="Asked", email="a@c.example")
    FreshnessRequest.objects.create(cluster=asked, email="a@c.example")
    ClusterFactory(published=True, name="Fresh", email="f@c.example", confirmed_on=timezone.localdate())
    client = sign_in("catalogue editor")

    response = client.get(reverse("admin:quality_freshnessplan_changelist"), follow=True)

    page = response.content.decode()
    outcomes = response.context["outcomes"]
    assert [(label, count) for _url, label, count in outcomes] == [
        ("Due, can be asked now", 22),
        ("Due, but without address", 65),
        ("Due, asked already or answered by a submission", 1),
    ]
    assert [client.get(url).context["cl"].result_count for url, _label, _count in outcomes] == [22, 65, 1]
    assert [candidate.email for candidate in response.context["outlook"].first] == [
        f"office{number}@next.example" for number in range(20)
    ]
    assert "88 profiles are due, 22 of them can be asked now: 20 a day, in this order. The first 20:" in page
    assert "Silent 00" not in page, "a number that leads to the list, no list of the same sentence"
    assert "It has not run yet." in page
    assert "Stop asking" in page


def test_the_plan_says_what_to_do_when_nobody_can_be_asked() -> None:
    ClusterFactory(published=True, name="Silent")
    client = sign_in("catalogue editor")

    page = client.get(reverse("admin:quality_freshnessplan_changelist"), follow=True).content.decode()

    assert "The one profile that is due cannot be asked now." in page
    assert "?asking=silent" in page
    Cluster.objects.update(confirmed_on=timezone.localdate())
    page = client.get(reverse("admin:quality_freshnessplan_changelist"), follow=True).content.decode()
    assert "Nobody: every published profile was confirmed recently enough." in page
    assert "?asking=silent" not in page


def test_stopping_and_starting_the_plan_is_in_its_history() -> None:
    client = sign_in("catalogue editor")
    client.get(reverse("admin:quality_freshnessplan_changelist"))
    address = reverse("admin:quality_freshnessplan_switch", args=[1])
    client.get(address)
    assert FreshnessPlan.current().is_on  # GET does nothing
    page = client.post(address, {"is_on": "0"}, follow=True).content.decode()
    assert "Start asking" in page
    client.post(address, {"is_on": "1"})

    rows = FreshnessPlan.current().history.all()
    assert [row.history_change_reason for row in rows][:2] == ["Started", "Stopped"]
    assert rows[0].history_user.username == "catalogue editor"
    changed = {"cap": "5", "ask_after_days": "180", "again_after_days": "30"}
    client.post(reverse("admin:quality_freshnessplan_change", args=[1]), changed)
    plan = FreshnessPlan.current()
    assert (plan.cap, plan.ask_after_days, plan.again_after_days, plan.is_on) == (5, 180, 30, True)


def test_asking_by_hand_shows_who_and_why_not_and_asks_once() -> None:
    rows = [
        ClusterFactory(published=True, name="Yes", email="y@c.example", confirmed_on=timezone.localdate()),
        ClusterFactory(published=True, name="Silent"),
        ClusterFactory(name="Hidden", email="h@c.example"),
    ]
    client = sign_in("catalogue editor")
    ids = [str(row.pk) for row in rows]

    response = client.post(
        reverse("admin:catalogue_cluster_changelist"), {"action": "ask_now", "_selected_action": ids}
    )

    ask = response.context["ask"]
    assert [line.name for line in ask.possible] == ["Yes"]
    assert {line.name: line.remark for line in ask.refused} == {
        "Silent": "It has no address: no editor, no public e-mail.",
        "Hidden": "It is not published.",
    }
    assert not FreshnessRequest.objects.exists()
    for _ in range(2):
        client.post(reverse("admin:catalogue_cluster_ask"), {"ids": ",".join(ids)})
    request = FreshnessRequest.objects.get()
    assert (request.email, request.asked_by.username) == ("y@c.example", "catalogue editor")
    assert Message.objects.count() == 1
