"""Profiles, networks, addresses and what search engines may index."""

import json
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from catalogue.index.changes import current_version
from catalogue.listing.page import PAGE_SIZE
from catalogue.models import Cluster, OldSlug, ShowcaseItem, SocialLink, Term
from catalogue.profile.similar import similar_clusters
from catalogue.services.clusters import ClusterNotPublishable, archive_clusters, publish_clusters
from consortium.models import Page, Project
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    """Return the visible words of a page."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def json_ld(response: Any) -> dict[str, Any]:
    """Return the structured data of a page."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def png(width: int = 10, height: int = 10, kind: str = "PNG") -> bytes:
    """Return a picture."""
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind)
    return file.getvalue()


# --- profile ---


def test_profile_shows_all_that_is_known(client: Client) -> None:
    country = CountryFactory(code="ES", name="Spain")
    cluster = ClusterFactory(
        published=True, name="Full Cluster", slug="full", acronym="FC", former_names="Old Club\nOlder Club",
        country=country, region=RegionFactory(country=country, name="Galicia"), place="Vigo", latitude="42.2", longitude="-8.7",
        precision="seat", founded=2001, description="We **test** lasers.", benefits="* cheap beams", website="https://www.full.example/en",
        email="hello@full.example", phone="+34 900 000 000", members=1200, members_qualifier="at_least", members_as_of=date(2025, 3, 1),
        members_sme=900, members_research=20, staff="4.5", quality_label="gold", quality_evidence="https://label.example/1",
        quality_expires_on=timezone.localdate() + timedelta(days=30), core_cybersecurity=True, is_priority=True,
        confirmed_on=date(2026, 5, 4), terms=[TermFactory(name="Photonics"), TermFactory(vocabulary="sector", name="Optics")],
        networks=[NetworkFactory(name="Light Net")],
    )  # fmt: skip
    cluster.target_markets.add(CountryFactory(code="JP", name="Japan"))
    ShowcaseItem.objects.create(cluster=cluster, kind="project", title="Beam Project", url="https://beam.example")
    SocialLink.objects.create(cluster=cluster, kind="mastodon", url="https://social.example/@full")

    response = client.get("/clusters/full/")

    text = text_of(response)
    for words in (
        "Full Cluster", "FC", "Old Club, Older Club", "Vigo, Galicia, Spain", "Priority", "Gold label", "We test lasers.", "cheap beams",
        "full.example", "hello@full.example", "+34 900 000 000", "at least 1,200", "as of March 2025", "900 SMEs",
        "20 research organisations", "4.5 full-time equivalents", "2001", "Cybersecurity", "4 May 2026", "Photonics", "Optics",
        "Light Net", "Japan", "Beam Project", "Mastodon", str(cluster.public_id),
    ):  # fmt: skip
        assert words in text, words
    assert "<strong>test</strong>" in response.content.decode()


def test_empty_parts_of_a_profile_are_hidden(client: Client) -> None:
    ClusterFactory(published=True, name="Bare", slug="bare")

    text = text_of(client.get("/clusters/bare/"))

    for label in (
        "Acronym", "Formerly", "Region", "Verticals", "Sectors", "Members", "Own staff", "Founded", "Quality label", "Target markets",
        "Website", "E-mail ", "Phone", "Elsewhere", "Benefits", "Showcase", "Networks ", "Similar clusters", "Core activity", "None",
    ):  # fmt: skip
        assert label not in text.replace("Networks Submit", "").replace("Share by e-mail", ""), label
    assert "Not confirmed by the cluster yet" in text


def contact_links(client: Client, **values: Any) -> list[tuple[str, str]]:
    """Return words and addresses of the ways to reach a cluster, first of all on its profile."""
    Project.objects.update_or_create(pk=1, defaults={"name": "Portal", "contact_email": "office@portal.example"})
    ClusterFactory(published=True, slug="alpine", summary="Its summary.", **values)
    page = client.get("/clusters/alpine/").content.decode()
    section = page[page.index('<section class="contact"') :].partition("</section>")[0]
    assert page.index(section) < page.index('<p class="lead">Its summary.')
    links = re.findall(r'<a class="button[^"]*" href="([^"]*)"[^>]*>(.*?)</a>', section)
    return [(re.sub(r"<[^>]+>", "", words), address) for address, words in links]


def test_profile_begins_with_how_to_reach_the_cluster(client: Client) -> None:
    values = {"website": "https://www.alpine.example/en", "email": "hello@alpine.example", "phone": "+43 1 23"}

    assert contact_links(client, **values, contact_email="hidden@alpine.example") == [
        ("Website alpine.example", "https://www.alpine.example/en"),
        ("E-mail hello@alpine.example", "mailto:hello@alpine.example"),
        ("Phone +43 1 23", "tel:+43123"),
        ("Ask the consortium", "/clusters/alpine/ask/"),
    ]


def test_profile_without_contact_says_so_and_what_helps(client: Client) -> None:
    assert contact_links(client) == [
        ("Ask the consortium", "/clusters/alpine/ask/"), ("You know it? Tell us", "/clusters/alpine/update/"),
    ]  # fmt: skip
    assert "We know no website, e-mail or phone of this cluster." in text_of(client.get("/clusters/alpine/"))


def test_similar_clusters_come_after_contact_and_facts(client: Client) -> None:
    term = TermFactory()
    for slug in ("one", "two"):
        ClusterFactory(published=True, slug=slug, terms=[term])
    page = client.get("/clusters/one/").content.decode()

    assert page.index('id="contact"') < page.index('class="facts-list"') < page.index('id="similar"')


def test_expired_quality_label_is_not_shown(client: Client) -> None:
    ClusterFactory(
        published=True, slug="late", quality_label="gold", quality_evidence="https://label.example/1",
        quality_expires_on=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip

    assert "Gold" not in text_of(client.get("/clusters/late/"))


def test_structured_data_and_link_preview(client: Client) -> None:
    ClusterFactory(
        published=True, name="A </script><b>Club</b>", slug="a-club", acronym="AC", country=CountryFactory(code="SE"),
        website="https://a.example", founded=1999, summary="Tests & more.",
    )  # fmt: skip

    response = client.get("/clusters/a-club/")

    data = json_ld(response)
    assert data["@type"] == "Organization"
    assert data["name"] == "A </script><b>Club</b>"
    assert data["alternateName"] == ["AC"]
    assert (data["url"], data["foundingDate"]) == ("https://a.example", "1999")
    assert data["address"] == {"@type": "PostalAddress", "addressCountry": "SE"}
    html = response.content.decode()
    assert '<link rel="canonical" href="http://testserver/clusters/a-club/">' in html
    assert '<meta property="og:description" content="Tests &amp; more.">' in html
    assert "<b>Club</b>" not in html


@pytest.mark.parametrize("name", ["A </script >", "A <!-- <script>", "A & B", "A ]]>"])
def test_structured_data_holds_no_sign_of_markup(client: Client, name: str) -> None:
    # "</script >" ends the element as well, and after "<!-- <script>" its own end does not end it.
    ClusterFactory(published=True, name=name, slug="a-club")

    for path in ("/clusters/a-club/", "/clusters/"):
        html = client.get(path).content.decode()
        data = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]

        assert json.loads(data)
        assert not set(data) & set("<>&")


def test_markdown_cannot_bring_code_in(client: Client) -> None:
    ClusterFactory(
        published=True,
        slug="evil",
        description=(
            "<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n[click](javascript:alert(1)) "
            "![pixel](https://spy.example/p.png)\n\n# Big\n\n[good](https://good.example)"
        ),
    )

    html = client.get("/clusters/evil/").content.decode()
    body = html[html.index('<div class="prose">') : html.index("</article>")]

    assert "<script" not in body
    assert "<img" not in body
    assert 'href="javascript' not in body
    assert "<h2>Big</h2>" in body
    assert '<a href="https://good.example" rel="nofollow noopener">good</a>' in body


# --- addresses ---


def test_renamed_cluster_keeps_its_old_addresses_and_its_id(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="first")
    public_id = cluster.public_id
    for slug in ("second", "third"):
        cluster = Cluster.objects.get(pk=cluster.pk)
        cluster.slug = slug
        cluster.save()

    for old in ("first", "second"):
        response = client.get(f"/clusters/{old}/")
        assert (response.status_code, response["Location"]) == (301, "/clusters/third/")
    assert client.get(f"/clusters/id/{public_id}/")["Location"] == "/clusters/third/"
    assert Cluster.objects.get().public_id == public_id


@pytest.mark.parametrize("fields", [["name"], ["slug"], ["status", "updated_at"]])
def test_partly_read_cluster_with_a_new_slug_keeps_its_old_address(client: Client, fields: list[str]) -> None:
    pk = ClusterFactory(published=True, slug="first").pk
    before = Cluster.objects.get(pk=pk).updated_at

    cluster = Cluster.objects.only(*fields).get(pk=pk)
    cluster.slug = "second"
    cluster.save()

    assert client.get("/clusters/first/")["Location"] == "/clusters/second/"
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["first"]
    assert Cluster.objects.get(pk=pk).updated_at > before


def test_slug_counts_as_changed_only_where_it_is_stored(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="first")
    cluster.slug, cluster.name = "second", "Another name"
    cluster.save(update_fields=["name"])

    assert client.get("/clusters/first/").status_code == 200
    assert not OldSlug.objects.exists()

    cluster.save(update_fields=["slug"])

    assert client.get("/clusters/first/")["Location"] == "/clusters/second/"


def test_copies_older_than_anothers_rename_lose_no_address(client: Client) -> None:
    pk = ClusterFactory(published=True, slug="first").pk
    stale, refreshed = Cluster.objects.get(pk=pk), Cluster.objects.get(pk=pk)
    other = Cluster.objects.get(pk=pk)
    other.slug = "second"
    other.save()

    stale.slug = "third"
    stale.save()
    refreshed.refresh_from_db()
    refreshed.slug = "fourth"
    refreshed.save()

    for old in ("first", "second", "third"):
        assert client.get(f"/clusters/{old}/")["Location"] == "/clusters/fourth/"
    assert set(OldSlug.objects.values_list("slug", flat=True)) == {"first", "second", "third"}


def test_slug_by_bulk_update_is_refused() -> None:
    cluster = ClusterFactory(slug="first")
    cluster.slug = "second"

    with pytest.raises(ValueError, match="old address"):
        Cluster.objects.update(slug="second")
    with pytest.raises(ValueError, match="old address"), transaction.atomic():
        Cluster.objects.bulk_update([cluster], ["slug"])
    assert Cluster.objects.get().slug == "first"


def test_slug_that_comes_back_is_no_redirect_any_more(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="first")
    for slug in ("second", "first"):
        cluster = Cluster.objects.get(pk=cluster.pk)
        cluster.slug = slug
        cluster.save()

    assert client.get("/clusters/first/").status_code == 200
    assert client.get("/clusters/second/")["Location"] == "/clusters/first/"
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["second"]


def test_old_address_of_another_cluster_is_refused() -> None:
    cluster = ClusterFactory(published=True, slug="first")
    cluster.slug = "second"
    cluster.save()
    other = ClusterFactory(slug="other")
    other.slug = "first"

    with pytest.raises(ValidationError, match="address of another cluster"):
        other.full_clean()


def test_archived_profile_leads_to_its_published_successor_only(client: Client) -> None:
    new = ClusterFactory(published=True, slug="new-one")
    ClusterFactory(slug="merged", status="archived", successor=new)
    hidden = ClusterFactory(slug="hidden")
    ClusterFactory(slug="lost", status="archived", successor=hidden)
    ClusterFactory(slug="never-public", successor=new)

    assert client.get("/clusters/merged/")["Location"] == "/clusters/new-one/"
    assert client.get("/clusters/lost/").status_code == 404
    assert client.get("/clusters/never-public/").status_code == 404


def test_slug_is_made_from_the_name_and_is_free() -> None:
    first = ClusterFactory(name="Pôle Łódź & Co")
    second = ClusterFactory(name="Pole Lodz Co")
    reserved = ClusterFactory(name="Facets")

    assert (first.slug, second.slug, reserved.slug) == ("pole-lodz-co", "pole-lodz-co-2", "facets-2")


@pytest.mark.parametrize("path", ["/nothing/", "/clusters/nothing/", "/networks/nothing/", "/clusters/id/not-a-uuid/"])
def test_wrong_address_helps_on(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert "leads nowhere" in text_of(response)
    assert 'action="/clusters/"' in response.content.decode()


def test_fault_page_asks_nothing_of_the_database(
    client: Client, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    def break_(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("catalogue.views.pages.ClusterListing", break_)
    client.raise_request_exception = False

    current_version()
    with django_assert_num_queries(1):  # the version; the page of the fault asks for nothing
        response = client.get("/clusters/")

    assert response.status_code == 500
    assert "The fault is ours" in text_of(response)


# --- logo ---


def test_logo_of_published_cluster_only(client: Client) -> None:
    file = SimpleUploadedFile("logo.png", png(), "image/png")
    ClusterFactory(published=True, slug="shown", logo=file)
    ClusterFactory(slug="hidden", logo=SimpleUploadedFile("logo.png", png(), "image/png"))

    shown = client.get("/clusters/shown/logo/")

    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/png"
    assert b"".join(shown.streaming_content) == png()
    assert client.get("/clusters/hidden/logo/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("logo.png", b"<svg onload=alert(1)>", "must be PNG, JPEG or WebP, this one is SVG"),
        ("logo.svg", png(), "svg"),
        ("logo.png", png(kind="GIF"), "must be PNG, JPEG or WebP"),
        ("logo.png", png(2001, 1), "2001 × 1 pixels"),
        ("logo.png", png() + b"0" * 1_000_000, "larger than 1 MB"),
    ],
)
def test_wrong_logo_is_refused_with_the_remedy(name: str, content: bytes, message: str) -> None:
    cluster = ClusterFactory.build(country=CountryFactory(), slug="x", logo=SimpleUploadedFile(name, content))

    with pytest.raises(ValidationError) as refused:
        cluster.full_clean()

    assert message in " ".join(refused.value.message_dict["logo"])


# --- constraints, publishing ---


@pytest.mark.parametrize(
    "values",
    [
        {"status": "secret"},
        {"status": "published", "summary": ""},
        {"latitude": "10"},
        {"latitude": "91", "longitude": "0", "precision": "seat"},
        {"members": 5},
        {"members_qualifier": "exact"},
        {"members": 5, "members_qualifier": "exact", "members_sme": 4, "members_public": 2},
        {"quality_label": "gold"},
        {"quality_expires_on": "2030-01-01"},
        {"founded": 1500},
        {"loyal_position": 0},
        {"name": ""},
    ],
)
def test_database_refuses_contradictory_values(values: dict[str, Any]) -> None:
    cluster = ClusterFactory(name="Sound")

    with pytest.raises(IntegrityError), transaction.atomic():
        Cluster.objects.filter(pk=cluster.pk).update(**values)


def test_region_must_lie_in_the_country() -> None:
    cluster = ClusterFactory.build(country=CountryFactory(), region=RegionFactory(), slug="x")

    with pytest.raises(ValidationError, match="Choose a region of this country"):
        cluster.full_clean()


def test_publishing_is_all_or_nothing() -> None:
    good = ClusterFactory(summary="Good.")
    bad = ClusterFactory(name="Bad One")

    with pytest.raises(ClusterNotPublishable, match="Bad One lacks a summary"):
        publish_clusters(clusters=[good, bad])

    assert not Cluster.objects.published().exists()
    assert publish_clusters(clusters=[good]) == [good]
    assert publish_clusters(clusters=[good]) == []
    first = Cluster.objects.get(pk=good.pk).published_at
    archive_clusters(clusters=[good])
    publish_clusters(clusters=[good])
    assert Cluster.objects.get(pk=good.pk).published_at == first


# --- similar, networks ---


def test_similar_clusters_come_with_their_reason() -> None:
    rare, common = TermFactory(name="Photonics"), TermFactory(name="ICT")
    country = CountryFactory(name="Italy")
    region = RegionFactory(country=country, name="Liguria")
    network = NetworkFactory(name="Light Net")
    me = ClusterFactory(published=True, country=country, region=region, terms=[rare, common], networks=[network])
    for _ in range(6):
        ClusterFactory(published=True, terms=[common])
    twin = ClusterFactory(published=True, country=country, region=region, terms=[rare, common], name="Twin")
    mate = ClusterFactory(published=True, networks=[network], name="Mate")
    neighbour = ClusterFactory(published=True, country=country, region=region, name="Neighbour")
    ClusterFactory(published=True, country=country, name="Only the same country")
    ClusterFactory(country=country, region=region, terms=[rare, common], networks=[network], name="Unpublished")

    found = similar_clusters(me)

    reasons = {similar.cluster.name: similar.reason for similar in found}
    assert found[0].cluster == twin
    assert reasons[twin.name] == "Both work on Photonics and ICT; both are in Liguria"
    assert reasons[mate.name] == "Both belong to Light Net"
    assert reasons[neighbour.name] == "Both are in Liguria"
    assert "Only the same country" not in reasons
    assert "Unpublished" not in reasons


def test_profile_has_a_constant_number_of_queries(client: Client, django_assert_num_queries: Any) -> None:
    counts = []
    term, network = TermFactory(), NetworkFactory()
    ClusterFactory(published=True, slug="one", terms=[term], networks=[network])
    for _ in range(2):
        ClusterFactory.create_batch(
            2, published=True, terms=[term, TermFactory()], networks=[network, NetworkFactory()]
        )
        with django_assert_num_queries(15) as captured:
            client.get("/clusters/one/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_network_names_but_never_links_or_counts_the_unpublished(client: Client) -> None:
    shown = ClusterFactory(published=True, name="Shown One")
    hidden = ClusterFactory(name="Hidden One", slug="hidden-one")
    NetworkFactory(
        name="Mixed",
        slug="mixed",
        description="Hidden One leads it.",
        facilitator=hidden,
        clusters=[shown, hidden],
        stated_members=9,
    )

    page = client.get("/networks/mixed/")
    listing = client.get("/networks/")

    assert "Hidden One leads it." in text_of(page)
    assert "1 cluster in the catalogue" in text_of(page)
    assert "Facilitator" not in text_of(page)
    assert "states 9 member clusters" in text_of(page)
    assert "1 cluster in the catalogue" in text_of(listing)
    assert "hidden-one" not in page.content.decode() + listing.content.decode()


# --- home, suggestions, sitemap ---


def test_home_counts_the_published_only(client: Client) -> None:
    country, term = CountryFactory(name="Norway"), TermFactory(name="Oceans")
    ClusterFactory.create_batch(2, published=True, country=country, terms=[term], is_priority=True)
    ClusterFactory(
        country=CountryFactory(name="Hidden Land"), terms=[TermFactory(name="Hidden Field")], is_priority=True
    )

    response = client.get("/")

    figures = response.context["figures"]
    assert (figures.clusters, figures.countries, figures.verticals, figures.priority) == (2, 1, 1, 2)
    assert "Hidden" not in text_of(response)
    assert "Norway 2" in text_of(response)


def test_map_of_the_home_page_shades_countries_of_published_clusters_only(client: Client) -> None:
    ClusterFactory(published=True, country=CountryFactory(code="NO", name="Norway"))
    ClusterFactory(country=CountryFactory(code="SE", name="Sweden"))

    countries = client.get("/").context["map"].countries

    assert [country.outline.code for country in countries if country.shade] == ["NO"]


def test_empty_catalogue_offers_a_way_on(client: Client) -> None:
    assert "make load" in text_of(client.get("/"))
    assert "No cluster fits" in text_of(client.get("/clusters/"))
    assert "No network is listed yet" in text_of(client.get("/networks/"))


def test_suggestions_offer_filters_and_clusters(client: Client) -> None:
    germany = CountryFactory(code="DE", name="Germany")
    ClusterFactory(published=True, name="German Photonics", slug="gp", country=germany)
    ClusterFactory(name="Germane Secrets", slug="secrets", country=germany)

    html = client.get("/clusters/suggest/?q=germ").content.decode()

    assert re.findall(r'data-url="([^"]+)"', html) == ["/clusters/?country=DE", "/clusters/gp/"]
    assert "Cluster in Germany" in html
    assert client.get("/clusters/suggest/?q=g").content.decode().strip() == ""
    assert "gp" in client.get("/clusters/suggest/?q=photnics").content.decode()


def test_sitemap_and_robots_name_public_pages_only(client: Client) -> None:
    ClusterFactory(published=True, slug="shown")
    ClusterFactory(slug="hidden")
    ClusterFactory(slug="old", status="archived")
    NetworkFactory(slug="net")
    Page.objects.create(slug="about", title="About", body="Text.")

    sitemap = client.get("/sitemap.xml").content.decode()
    robots = client.get("/robots.txt").content.decode()

    assert re.findall("<loc>http://testserver(.*?)</loc>", sitemap) == [
        "/",
        "/clusters/",
        "/clusters/map/",
        "/networks/",
        "/clusters/shown/",
        "/networks/net/",
        "/about/",
    ]
    assert "Sitemap: http://testserver/sitemap.xml" in robots


def test_nothing_of_an_unpublished_cluster_leaks(client: Client) -> None:
    """One unpublished cluster with a word of its own in every field; no public answer may hold the word."""
    country = CountryFactory(code="QX", name="Leakland")
    region = RegionFactory(country=country, name="Leakregion", slug="leakregion")
    network = NetworkFactory(name="Open Net", slug="open-net")
    term = TermFactory(name="Space", slug="space")
    shown = ClusterFactory(published=True, slug="shown", terms=[term], networks=[network])
    for status in ("identified", "archived"):
        leak = ClusterFactory(
            name=f"Leakname {status}", slug=f"leakslug-{status}", acronym="Leakacronym", former_names="Leakformer", status=status,
            country=country, region=region, place="Leakplace", latitude="1", longitude="1", precision="seat", summary="Leaksummary",
            website="https://leakweb.example", terms=[term], networks=[network], is_priority=True, successor=shown,
        )  # fmt: skip
        network.facilitator = leak
        network.save()
    paths = [
        "/", "/clusters/", "/clusters/?view=table", "/clusters/?sort=-members", "/clusters/?q=leakname", "/clusters/?q=leaknmae",
        "/clusters/?vertical=space", "/clusters/?network=open-net", "/clusters/?priority=true", "/clusters/suggest/?q=leak",
        "/clusters/suggest/?q=leaknmae", "/clusters/shown/", "/networks/", "/networks/open-net/", "/sitemap.xml",
        "/api/v1/clusters/", "/api/v1/clusters/?q=leakname", "/api/v1/clusters/facets/", "/api/v1/clusters/shown/",
        "/api/v1/countries/?page_size=200", "/api/v1/regions/", "/api/v1/networks/", "/api/v1/networks/open-net/", "/api/v1/vocabularies/",
    ]  # fmt: skip

    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        body = (
            response.content.decode()
            .lower()
            .replace("leaknmae", "")
            .replace("“leakname”", "")
            .replace('value="leakname"', "")
            .replace('"leakname"', "")  # the API gives back what was typed
        )
        body = re.sub(r"q=leak\w*", "", body)
        if "api/v1/countries" in path:
            body = body.replace("leakland", "")  # the name of a country is no secret, its count is
        assert "leak" not in body, path
    assert client.get("/clusters/?vertical=space").context["listing"].total == 1
    assert Term.objects.get().clusters.count() == 3


def test_redirect_of_an_old_slug_is_not_cached(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="first")
    cluster.slug = "second"
    cluster.save()

    response = client.get("/clusters/first/")

    # Browsers would keep it for ever, and go round in a circle once the slug comes back.
    assert (response.status_code, response["Cache-Control"]) == (301, "no-cache")


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/clusters/Gaia/", "/clusters/gaia/"),
        ("/clusters/FIRST/", "/clusters/gaia/"),
        ("/clusters/GAIA/update/", "/clusters/gaia/update/"),
        ("/networks/CONETIC/", "/networks/conetic/"),
        ("/api/v1/clusters/GAIA/", "/api/v1/clusters/gaia/"),
        ("/api/v1/networks/Conetic/", "/api/v1/networks/conetic/"),
        ("/About/", "/about/"),
        ("/Clusters/", "/clusters/"),
    ],
)
def test_address_in_other_letters_leads_to_the_right_one(client: Client, typed: str, right: str) -> None:
    cluster = ClusterFactory(published=True, slug="first", networks=[NetworkFactory(slug="conetic")])
    cluster.slug = "gaia"
    cluster.save()

    assert [client.get(path).headers.get("Location", "") for path in (typed, right)] == [right, ""]
    assert client.get(typed.replace("update/", "")).status_code == 301
    assert client.get("/clusters/NOBODY/").status_code == client.get("/networks/NOBODY/").status_code == 404
    assert client.get("/clusters/side-by-side/?c=GAIA").context["comparison"].clusters == [cluster]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/clusters/",
        "/clusters/suggest/",
        "/clusters/export.csv",
        "/clusters/map/",
        "/networks/",
        "/robots.txt",
        "/sitemap.xml",
    ],
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_pages_that_only_answer_say_so(path: str, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "HEAD"}


def test_page_to_print_has_all_clusters_up_to_a_bound(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(PAGE_SIZE + 2):
        ClusterFactory(published=True, name=f"Cluster {number:02}")

    page = client.get("/clusters/?sort=-name&view=print")
    monkeypatch.setattr("catalogue.listing.page.PRINTED", 25)
    first, second = (client.get(f"/clusters/?view=print{more}") for more in ("", "&page=2"))

    assert [cluster.name for cluster in page.context["listing"].page] == [f"Cluster {n:02}" for n in range(25, -1, -1)]
    assert [len(one.context["listing"].page) for one in (first, second)] == [25, 1]
    assert "1 more cluster of this list is not on this page. A file has all of them" in first.content.decode()
    assert "not on this page" not in page.content.decode()


def test_title_follows_the_search(client: Client) -> None:
    response = client.get("/clusters/?q=lasers", headers={"HX-Request": "true", "HX-Target": "results"})

    assert "<title>“lasers” – Clusters" in response.content.decode()
