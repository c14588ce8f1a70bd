"""Two clusters become one: what moves, where addresses lead, what is refused, how it is undone."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalogue.models import Cluster, OldSlug, ShowcaseItem
from catalogue.services.clusters import archive_clusters
from catalogue.services.sources import Origin, Source, note_sources
from consortium.models import Partner
from duplicates.merging.exceptions import MergeChanged, MergeNotPossible, UndoNotPossible
from duplicates.merging.fields import FIELDS
from duplicates.merging.services import current_fingerprint, merge, rows_to_move
from duplicates.merging.undo import undo, undo_blockers
from submissions.models import ClusterEditor
from tests.catalogue.searching import search
from tests.duplicates.pairs import picture, random_pair
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory
from tests.factories.consortium import UserFactory
from tests.factories.submissions import accept_all, update_of

WHY = "Two spellings of one name."


def fused(target: Cluster, source: Cluster, **options: Any) -> Any:
    log = merge(target=target, source=source, by=None, reason=WHY, **options)
    target.refresh_from_db()
    source.refresh_from_db()
    return log


class Pairs(TestCase):
    """Over random pairs with random relations."""

    @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 10**6))
    def test_undoing_gives_back_everything_and_nothing_of_the_merged_one_is_public(self, seed):
        target, source, chance = random_pair(seed)
        choices = {field.name: chance.choice(["keep", "take"]) for field in FIELDS if chance.random() < 0.5}
        was_public = "published" in (target.status, source.status)
        before = picture()
        chosen = {"take": source, "keep": target}.get(choices.get("summary", ""))
        if was_public and chosen and not chosen.summary:
            with pytest.raises(MergeNotPossible, match="A published cluster needs a summary"):
                merge(target=target, source=source, by=None, reason=WHY, choices=choices)
            assert picture() == before
            return
        log = merge(target=target, source=source, by=None, reason=WHY, choices=choices)

        assert not Cluster.objects.published().filter(pk=source.pk).exists()
        assert Cluster.objects.published().filter(pk=target.pk).exists() == was_public
        expected = 301 if was_public else 404
        assert self.client.get(source.get_absolute_url()).status_code == expected
        assert rows_to_move(source) == [] or {label for label, _count in rows_to_move(source)} <= {
            "editors", "showcase items", "further figures", "social links", "facts to check",
        }  # fmt: skip
        assert log.undone_at is None
        undo(merge=log, by=None)
        assert picture() == before


pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_sources_go_with_the_values_and_come_back() -> None:
    target = ClusterFactory(name="Alpha", website="", place="Graz", terms=[TermFactory()])
    source = ClusterFactory(name="Alpha Net", website="https://a.example/", place="Linz", summary="Ours.")
    for cluster, label in ((target, "staff"), (source, "a report")):
        source_of = Source(Origin.REPORT, label)
        note_sources(cluster=cluster, names=["name", "website", "place", "summary", "verticals"], source=source_of)
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    note_sources(cluster=source, names=["showcase_items"], source=Source(Origin.REPORT, "a report"))
    before = [set(cluster.fact_sources.values_list("field", "label")) for cluster in (target, source)]

    log = merge(target=target, source=source, by=None, reason="One.", choices={"summary": "take", "place": "keep"})

    assert dict(target.fact_sources.values_list("field", "label")) == {
        "name": "staff", "place": "staff", "verticals": "staff",
        "website": "a report", "summary": "a report", "showcase_items": "a report",
    }  # fmt: skip
    undo(merge=log, by=None)
    assert [set(cluster.fact_sources.values_list("field", "label")) for cluster in (target, source)] == before


def test_merge_moves_rows_and_combines_lists() -> None:
    shared, own = TermFactory(), TermFactory()
    target = ClusterFactory(published=True, name="Alpha Route", terms=[shared], former_names="Older")
    network = NetworkFactory()
    source = ClusterFactory(published=True, name="Alpha-Route Hyperfrequences", terms=[shared, own], networks=[network])
    led = NetworkFactory(facilitator=source)
    source.target_markets.set([CountryFactory(code="IT")])
    ClusterEditor.objects.create(cluster=target, email="ada@alpha.example")
    for email in ("ada@alpha.example", "ben@alpha.example"):
        ClusterEditor.objects.create(cluster=source, email=email)
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    OldSlug.objects.create(slug="alpha-once", cluster=source)
    before = ClusterFactory(status="archived", successor=source)
    submission = update_of(source, place="Graz")

    fused(target, source)

    assert set(target.terms.all()) == {shared, own}
    assert [country.code for country in target.target_markets.all()] == ["IT"]
    assert list(target.networks.all()) == [network]
    assert not source.networks.exists()
    led.refresh_from_db()
    assert led.facilitator == target
    assert [editor.email for editor in target.editors.all()] == ["ada@alpha.example", "ben@alpha.example"]
    assert [item.title for item in target.showcase_items.all()] == ["Fair"]
    assert OldSlug.objects.get(slug="alpha-once").cluster == target
    before.refresh_from_db()
    submission.refresh_from_db()
    assert (before.successor, submission.target) == (target, target)
    assert target.former_name_list == ["Older", "Alpha-Route Hyperfrequences"]
    assert (source.status, source.successor) == ("archived", target)
    assert search("hyperfrequences") == [target]
    assert target in search(own.name)


def test_fields_are_chosen_and_by_default_the_one_that_is_not_empty() -> None:
    target = ClusterFactory(published=True, name="A", email="", phone="1", website="https://a.example/")
    region = RegionFactory()
    source = ClusterFactory(
        published=True, name="B", email="b@b.example", phone="2", website="https://b.example/", region=region,
        country=region.country, members=12, members_qualifier="exact", members_sme=9, place="Graz",
        latitude="47.07", longitude="15.43", precision="seat",
    )  # fmt: skip

    fused(target, source, choices={"name": "take", "website": "take"})

    assert (target.name, target.email, target.phone, target.website) == ("B", "b@b.example", "1", "https://b.example/")
    assert (target.members, target.members_qualifier, target.members_sme) == (12, "exact", 9)
    assert (target.country, target.region, target.place, str(target.latitude)) == (
        region.country,
        region,
        "Graz",
        "47.0700",
    )
    assert target.former_names == "A"  # its own name, since the other one's was taken


def test_loyal_place_and_partner_go_to_the_one_that_stays() -> None:
    target = ClusterFactory(loyal_position=7)
    source = ClusterFactory(loyal_position=2, is_priority=True, priority_reason="Close.", is_collaborator=True)
    partner = Partner.objects.create(short_name="Alpha")
    Cluster.objects.filter(pk=source.pk).update(partner=partner)

    log = fused(target, source)

    assert (target.loyal_position, target.partner, target.is_priority, target.priority_reason) == (
        2,
        partner,
        True,
        "Close.",
    )
    assert (source.loyal_position, source.partner, source.is_priority, source.is_collaborator) == (
        None,
        None,
        False,
        False,
    )
    undo(merge=log, by=None)
    target.refresh_from_db()
    source.refresh_from_db()
    assert (target.loyal_position, target.partner, source.loyal_position, source.partner) == (7, None, 2, partner)


def test_an_identified_one_that_takes_in_a_published_one_becomes_public() -> None:
    target, source = ClusterFactory(name="Kept"), ClusterFactory(published=True)

    fused(target, source)

    assert list(Cluster.objects.published()) == [target]
    assert target.published_at == source.published_at


def test_every_old_address_leads_to_the_one_that_stays(client: Client) -> None:
    target = ClusterFactory(published=True, name="Kept")
    source = ClusterFactory(published=True, name="Gone")
    source.slug = "gone-renamed"
    source.save()

    fused(target, source)

    for slug in ("gone", "gone-renamed"):
        page = client.get(f"/clusters/{slug}/")
        assert (page.status_code, page["Location"]) == (301, "/clusters/kept/")
        assert client.get(f"/clusters/{slug}/logo/").status_code == 404
        answer = client.get(f"/api/v1/clusters/{slug}/")
        assert answer.status_code in (301, 302)
        assert "/api/v1/clusters/kept/" in answer["Location"]
        assert "Kept" in client.get(f"/clusters/side-by-side/?c={slug}").content.decode()
    assert client.get(f"/clusters/id/{source.public_id}/")["Location"] == "/clusters/kept/"
    for address in (
        "/clusters/",
        "/clusters/embed/",
        "/clusters/export.csv",
        "/clusters/export.json",
        "/clusters/feed.atom",
    ):
        answer = client.get(address)
        text = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert "Kept" in text
        assert "gone-renamed" not in text


def test_the_id_of_the_merged_one_leads_on_everywhere_as_its_slug_does(client: Client) -> None:
    target, source, hidden = (
        ClusterFactory(published=True, name="Kept"), ClusterFactory(published=True, name="Gone"),
        ClusterFactory(name="Hidden"),
    )  # fmt: skip
    fused(target, source)
    archive_clusters(clusters=[hidden])
    Cluster.objects.filter(pk=hidden.pk).update(successor=source)

    for row in (source, hidden):
        answer = client.get(f"/api/v1/clusters/{row.public_id}/")
        assert (answer.status_code, answer["Location"]) == (302, "/api/v1/clusters/kept/")
    assert client.get(f"/api/v1/clusters/{target.public_id}/")["Location"] == "/api/v1/clusters/kept/"
    archive_clusters(clusters=[target])
    assert client.get(f"/api/v1/clusters/{source.public_id}/").status_code == 404


def test_the_logo_of_the_merged_one_leads_on(client: Client) -> None:
    target = ClusterFactory(published=True, name="Kept", logo="logos/kept.png")
    source = ClusterFactory(published=True, name="Gone", logo="logos/gone.png")

    fused(target, source)

    answer = client.get("/clusters/gone/logo/")
    assert (answer.status_code, answer["Location"]) == (301, "/clusters/kept/logo/")
    assert answer["Cache-Control"] == "no-cache"
    Cluster.objects.filter(pk=target.pk).update(logo="")
    assert client.get("/clusters/gone/logo/").status_code == 404
    assert client.get("/clusters/kept/logo/").status_code == 404


def test_a_shared_comparison_of_two_that_became_one_shows_it_once(client: Client) -> None:
    target, source, third = (ClusterFactory(published=True, name=name) for name in ("Kept", "Gone", "Third"))
    source.slug = "gone-renamed"
    source.save()
    fused(target, source)

    for query in ("c=gone&c=kept&c=third", "c=kept&c=gone&c=third", "c=gone&c=gone-renamed&c=third"):
        comparison = client.get(f"/clusters/side-by-side/?{query}").context["comparison"]
        assert (comparison.clusters, comparison.notices) == ([target, third], [])


def test_both_histories_say_what_happened_and_who_did_it() -> None:
    target, source = ClusterFactory(name="Kept"), ClusterFactory(name="Gone", terms=[TermFactory(name="Health")])
    counts = target.history.count(), source.history.count()
    person = UserFactory()

    log = merge(target=target, source=source, by=person, reason=WHY)

    assert (target.history.count(), source.history.count()) == (counts[0] + 1, counts[1] + 1)
    assert target.history.first().history_change_reason == f"Merged into this: Gone. {WHY}"
    assert source.history.first().history_change_reason == f"Merged into Kept: {WHY}"
    assert {row.history.first().history_user for row in (target, source)} == {person}
    assert [row.term.name for row in target.history.first().terms.all()] == ["Health"]
    undo(merge=log, by=person, reason="They are two after all.")
    assert source.history.first().history_change_reason == "Merge of Gone into Kept undone. They are two after all."


def test_a_chain_leads_to_its_end_and_is_undone_from_its_end(client: Client) -> None:
    first, second, third = (ClusterFactory(published=True, name=name) for name in ("First", "Second", "Third"))
    before = picture()
    one = fused(first, second)  # second → first
    two = fused(third, first)  # first → third
    assert client.get("/clusters/second/")["Location"] == "/clusters/third/"
    assert client.get("/clusters/first/")["Location"] == "/clusters/third/"

    with pytest.raises(UndoNotPossible, match="First was changed since: status, successor"):
        undo(merge=one, by=None)
    undo(merge=two, by=None)
    undo(merge=one, by=None)

    assert picture() == before


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (
            lambda target, source: Cluster.objects.filter(pk=target.pk).update(phone="+43 1"),
            "Kept was changed since: phone.",
        ),
        (lambda target, source: target.terms.add(TermFactory()), "Kept was changed since: terms."),
        (lambda target, source: Cluster.objects.filter(pk=source.pk).update(note="x"), "Gone was changed since: note."),
        (lambda target, source: target.showcase_items.all().delete(), "showcase items: “Fair” was deleted."),
        (lambda target, source: target.editors.update(is_active=False), "editors: “ada@g.example” was changed."),
        (
            lambda target, source: accept_all(target.submissions.get()),
            "submissions: “Update: Gone” was decided since: approved.",
        ),
    ],
)
def test_undo_of_a_changed_result_is_refused_with_the_change(touch: Any, words: str) -> None:
    target, source = ClusterFactory(published=True, name="Kept"), ClusterFactory(published=True, name="Gone")
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    ClusterEditor.objects.create(cluster=source, email="ada@g.example")
    update_of(source, place="Graz")
    log = fused(target, source)
    assert undo_blockers(log) == []

    touch(target, source)
    after = picture()

    log.refresh_from_db()
    assert words in undo_blockers(log)
    with pytest.raises(UndoNotPossible):
        undo(merge=log, by=None)
    assert picture() == after


def test_undo_leaves_rows_created_after_the_merge_with_the_target() -> None:
    target, source = ClusterFactory(published=True), ClusterFactory(published=True)
    log = fused(target, source)
    new = update_of(target, place="Linz")

    undo(merge=log, by=None)

    new.refresh_from_db()
    assert new.target == target


def test_a_loyal_place_given_to_a_third_cluster_keeps_from_undoing() -> None:
    target, source = ClusterFactory(loyal_position=5), ClusterFactory(loyal_position=2)
    log = fused(target, source)
    ClusterFactory(name="Third", loyal_position=5)

    assert undo_blockers(log) == ["Third has got the place in the list of loyal clusters that would be given back."]


def test_merge_is_refused_with_the_reason() -> None:
    partners = [Partner.objects.create(short_name=name) for name in ("P", "Q")]
    one, other = (ClusterFactory(name=name, partner=partner) for name, partner in zip("AB", partners, strict=True))
    with pytest.raises(MergeNotPossible, match="two partners of the consortium \\(P and Q\\)"):
        fused(one, other)
    with pytest.raises(MergeNotPossible, match="one cluster already"):
        fused(one, one)
    with pytest.raises(MergeNotPossible, match="Say why"):
        merge(target=one, source=ClusterFactory(), by=None, reason=" ")
    with pytest.raises(MergeNotPossible, match="nothing to choose called “status”"):
        fused(one, ClusterFactory(), choices={"status": "take"})
    archived = ClusterFactory(name="C", status="archived")
    with pytest.raises(MergeNotPossible, match="C is archived"):
        fused(archived, ClusterFactory())
    middle = ClusterFactory(successor=other)
    way = ClusterFactory(name="D", successor=middle)
    with pytest.raises(MergeNotPossible, match="The successors of D lead to B"):
        fused(way, other)
    source = ClusterFactory(name="E")
    fused(one, source)
    with pytest.raises(MergeNotPossible, match="E was merged into another cluster before"):
        fused(ClusterFactory(), source)
    target, empty = ClusterFactory(published=True), ClusterFactory(summary="")
    with pytest.raises(MergeNotPossible, match="needs a summary"):
        fused(target, empty, choices={"summary": "take"})


def test_a_page_that_is_out_of_date_merges_nothing() -> None:
    target, source = ClusterFactory(), ClusterFactory()
    shown = current_fingerprint(target, source)
    archive_clusters(clusters=[source])
    before = picture()

    with pytest.raises(MergeChanged):
        fused(target, source, shown=shown)

    assert picture() == before


def test_loading_the_files_again_parts_nothing(data: None) -> None:
    from django.conf import settings as django_settings

    from loading.load import load_all

    target, source = Cluster.objects.published().filter(partner=None, networks__isnull=False).distinct()[:2]
    fused(target, source)
    before = picture()

    load_all(folder=django_settings.FIXTURE_DATA_DIR)

    assert picture() == before
