"""Where facts are from: noted by whoever writes them, shown on the profile, in API and exports."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from catalogue.models import Cluster, ClusterFigure, FactSource
from catalogue.services.sources import Origin, Source, note_sources
from tests.catalogue.test_admin_cluster import _form
from tests.factories.catalogue import ClusterFactory, TermFactory
from tests.factories.consortium import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
REPORT = Source(Origin.REPORT, "report D4.5", "2019-06")
TOWN = Source(Origin.TOWN, "from the town")


def sources(cluster: Cluster) -> dict[str, str]:
    return {source.field: source.text for source in FactSource.objects.filter(cluster=cluster)}


def test_a_source_is_noted_once_for_a_field_and_goes_with_its_value() -> None:
    cluster = ClusterFactory(
        website="https://a.example/", place="Graz", acronym="", members=4, members_qualifier="exact"
    )
    names = ["website", "place", "precision", "members_sme", "members", "acronym", "note", "is_priority", "slug"]

    note_sources(cluster=cluster, names=names, source=REPORT)
    assert sources(cluster) == dict.fromkeys(["website", "place", "members"], "report D4.5, June 2019")

    cluster.website = ""
    cluster.save()
    note_sources(cluster=cluster, names=["website", "place"], source=TOWN)
    assert sources(cluster) == {"place": "from the town", "members": "report D4.5, June 2019"}


def test_the_database_holds_one_source_for_a_field() -> None:
    cluster = ClusterFactory()
    wrong: list[dict[str, Any]] = [{}, {"field": "phone", "origin": "rumour"}, {"field": "phone", "as_of": "June 2019"}]
    FactSource.objects.create(cluster=cluster, field="name", origin="staff", label="staff")
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            FactSource.objects.create(
                **{"cluster": cluster, "field": "name", "origin": "staff", "label": "staff", **values}
            )


def test_the_form_of_staff_notes_what_it_changed() -> None:
    sector = TermFactory(vocabulary="sector")
    vertical = TermFactory()
    cluster = ClusterFactory(published=True, website="https://a.example/", terms=[vertical], phone="+43 1 23456")
    note_sources(cluster=cluster, names=["summary", "website", "phone", "verticals"], source=REPORT)

    form = _form(cluster, website="https://b.example/", terms=[vertical.pk, sector.pk], note="For us.")
    figure = {"label": "Jobs represented", "value": "1000", "qualifier": "at_least"}
    form |= {"figures-TOTAL_FORMS": "1", **{f"figures-0-{name}": value for name, value in figure.items()}}
    response = sign_in("catalogue editor").post(reverse("admin:catalogue_cluster_change", args=[cluster.pk]), form)

    assert response.status_code == 302
    today = f"staff, {date_format(timezone.localdate(), 'j F Y')}"
    assert sources(cluster) == {
        "summary": "report D4.5, June 2019", "verticals": "report D4.5, June 2019",
        "website": today, "sectors": today, "figures": today,
    }  # fmt: skip
    assert cluster.figures.get().text == "at least 1,000"


def test_profile_api_and_exports_say_where_facts_are_from(client: Client) -> None:
    cluster = ClusterFactory(published=True, benefits="- Contacts", description="Long.", website="https://a.example/")
    ClusterFigure.objects.create(cluster=cluster, label="Projects funded", value="475", as_of="2016-06")
    note_sources(cluster=cluster, names=["benefits", "summary", "description", "figures"], source=REPORT)
    note_sources(cluster=cluster, names=["website"], source=Source(Origin.WEB, "public web text", "2020"))
    hidden = ClusterFactory(website="https://secret.example/")
    note_sources(cluster=hidden, names=["website"], source=Source(Origin.WEB, "secret text"))

    page = client.get(cluster.get_absolute_url()).content.decode()
    assert page.count("Source: report D4.5, June 2019") == 3  # texts, benefits, figures
    assert "Source: public web text, 2020" in page
    assert "June 2016" in page
    profile = client.get(f"/api/v1/clusters/{cluster.slug}/").json()
    assert [(source["field"], source["origin"], source["as_of"]) for source in profile["sources"]] == [
        ("benefits", "report", "2019-06"), ("description", "report", "2019-06"), ("figures", "report", "2019-06"),
        ("summary", "report", "2019-06"), ("website", "web", "2020"),
    ]  # fmt: skip
    assert profile["figures"] == [
        {"label": "Projects funded", "value": "475", "qualifier": "exact", "note": "", "as_of": "2016-06"}
    ]
    export = b"".join(client.get("/clusters/export.json").streaming_content).decode()  # type: ignore[attr-defined]
    row = json.loads(export)["results"][0]
    assert row["figures"] == ["Projects funded: 475"]
    assert row["sources"] == [
        "Summary: report D4.5, June 2019", "Description: report D4.5, June 2019",
        "Benefits for members: report D4.5, June 2019", "Further figures: report D4.5, June 2019",
        "Website: public web text, 2020",
    ]  # fmt: skip
    assert "secret" not in export
