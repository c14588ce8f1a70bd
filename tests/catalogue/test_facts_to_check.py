"""Facts from outside the portal: staff's alone, taken over by one click or marked with a note."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Cluster, FactProposal
from catalogue.services.proposals import ProposalNotOpen, confirm_website
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "admin:catalogue_factproposal_changelist"


def proposal(cluster: Cluster, **values: Any) -> FactProposal:
    url = "https://found.example/"
    return FactProposal.objects.create(
        **{
            "cluster": cluster, "kind": "website", "text": url, "url": url, "year": "2018", "evidence": "A list.",
            "confidence": "medium", **values,
        }
    )  # fmt: skip


def confirm(client: Client, row: FactProposal, method: str = "post") -> int:
    return getattr(client, method)(reverse("admin:catalogue_factproposal_confirm", args=[row.pk])).status_code


def test_a_website_becomes_public_by_one_click_of_staff(client: Client) -> None:
    row = proposal(ClusterFactory(published=True, slug="alpine"))
    for path in ("/clusters/alpine/", "/api/v1/clusters/alpine/", "/clusters/"):
        assert b"found.example" not in client.get(path).content
    editor = sign_in("catalogue editor")
    assert "formaction" in editor.get(reverse(LIST)).content.decode()

    assert confirm(editor, row) == 302

    row.refresh_from_db()
    assert (row.status, row.decided_by is not None) == ("done", True)
    assert row.cluster.website == "https://found.example/"
    assert row.cluster.history.first().history_change_reason == "Website confirmed; A list."
    source = client.get("/api/v1/clusters/alpine/").json()["sources"][0]
    assert (source["field"], source["origin"], source["label"]) == (
        "website", "web", "public web text, 2018, confirmed by staff",
    )  # fmt: skip
    assert "formaction" not in editor.get(reverse(LIST), {"status": "all"}).content.decode()


@pytest.mark.parametrize("role", ["reviewer", "engagement officer", "read-only"])
def test_who_may_not_change_clusters_reads_only(role: str) -> None:
    row = proposal(ClusterFactory())
    reader = sign_in(role)

    page = reader.get(reverse(LIST)).content.decode()

    assert "https://found.example/" in page
    assert "formaction" not in page
    assert confirm(reader, row) == 403
    assert confirm(sign_in("catalogue editor"), row, "get") == 405
    row.refresh_from_db()
    assert (row.status, row.cluster.website) == ("open", "")


def test_another_website_and_a_second_click_are_refused() -> None:
    cluster = ClusterFactory(website="https://own.example/")
    row, merger = proposal(cluster), proposal(cluster, kind="succession", text="Merged", url="")

    with pytest.raises(ProposalNotOpen, match=r"has a website already: https://own\.example/"):
        confirm_website(proposal=row, by=None)
    with pytest.raises(ProposalNotOpen, match="Only a website"):
        confirm_website(proposal=merger, by=None)
    Cluster.objects.update(website="")
    confirm_website(proposal=row, by=None)
    with pytest.raises(ProposalNotOpen, match="marked as done before"):
        confirm_website(proposal=row, by=None)


def test_a_fact_is_marked_and_the_cluster_stays_as_it_is() -> None:
    cluster = ClusterFactory(status="archived")
    row = proposal(cluster, kind="succession", text="Merged with others", url="")
    editor, address = sign_in("catalogue editor"), reverse("admin:catalogue_factproposal_change", args=[row.pk])
    history = cluster.history.count()

    refused = editor.post(address, {"status": "dismissed", "note": " "}).content.decode()
    assert "Say why it is dismissed" in refused
    assert editor.post(address, {"status": "dismissed", "note": "Not the same body."}).status_code == 302

    row.refresh_from_db()
    assert (row.status, row.note, row.decided_by is not None) == ("dismissed", "Not the same body.", True)
    editor.get(reverse("admin:index"))  # shows the message that names the fact
    cluster.refresh_from_db()
    assert (cluster.status, cluster.history.count()) == ("archived", history)
    assert "Merged with others" not in editor.get(reverse(LIST)).content.decode()
    panel = reverse("admin:catalogue_cluster_change", args=[cluster.pk])
    assert "Merged with others" not in editor.get(panel).content.decode()
    assert editor.post(address, {"status": "open", "note": ""}).status_code == 302
    assert "Merged with others" in editor.get(panel).content.decode()
