"""Two clusters become one: what moves, where addresses lead, what is refused, how it is undone."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalogue import merging as registry
from catalogue.models import Cluster, ClusterEditor, OldSlug, ShowcaseItem
from catalogue.services.clusters import archive_clusters
from catalogue.services.merging import (
    MergeChanged,
    MergeNotPossible,
    UndoNotPossible,
    merge,
    undo,
    what_keeps_from_undoing,
)
from catalogue.services.merging.fields import FIELDS
from catalogue.services.merging.merge import seen_now, what_moves
from consortium.models import Partner
from tests.catalogue.upkeep.pairs import picture, random_pair
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory
from tests.factories.consortium import UserFactory
from tests.factories.submissions import accept_all, update_of

WHY = "Two spellings of one name."


def fused(kept: Cluster, gone: Cluster, **options: Any) -> Any:
    log = merge(kept=kept, gone=gone, by=None, reason=WHY, **options)
    kept.refresh_from_db()
    gone.refresh_from_db()
    return log


class Pairs(TestCase):
    """Over random pairs with random relations."""

    @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 10**6))
    def test_undoing_gives_back_everything_and_nothing_of_the_merged_one_is_public(self, seed):
        kept, gone, chance = random_pair(seed)
        choices = {field.name: chance.choice(["keep", "take"]) for field in FIELDS if chance.random() < 0.5}
        was_public = "published" in (kept.status, gone.status)
        before = picture()
        chosen = {"take": gone, "keep": kept}.get(choices.get("summary", ""))
        if was_public and chosen and not chosen.summary:
            with pytest.raises(MergeNotPossible, match="A published cluster needs a summary"):
                merge(kept=kept, gone=gone, by=None, reason=WHY, choices=choices)
            assert picture() == before
            return
        log = merge(kept=kept, gone=gone, by=None, reason=WHY, choices=choices)

        assert not Cluster.objects.published().filter(pk=gone.pk).exists()
        assert Cluster.objects.published().filter(pk=kept.pk).exists() == was_public
        expected = 301 if was_public else 404
        assert self.client.get(gone.get_absolute_url()).status_code == expected
        assert what_moves(gone) == [] or {label for label, _count in what_moves(gone)} <= {
            "editors", "showcase items", "social links",
        }  # fmt: skip
        assert log.undone_at is None
        undo(merge=log, by=None)
        assert picture() == before


pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_what_moves_and_what_is_joined() -> None:
    shared, own = TermFactory(), TermFactory()
    kept = ClusterFactory(published=True, name="Alpha Route", terms=[shared], former_names="Older")
    network = NetworkFactory()
    gone = ClusterFactory(published=True, name="Alpha-Route Hyperfrequences", terms=[shared, own], networks=[network])
    led = NetworkFactory(facilitator=gone)
    gone.target_markets.set([CountryFactory(code="IT")])
    ClusterEditor.objects.create(cluster=kept, email="ada@alpha.example")
    for email in ("ada@alpha.example", "ben@alpha.example"):
        ClusterEditor.objects.create(cluster=gone, email=email)
    ShowcaseItem.objects.create(cluster=gone, kind="event", title="Fair")
    OldSlug.objects.create(slug="alpha-once", cluster=gone)
    before = ClusterFactory(status="archived", successor=gone)
    submission = update_of(gone, place="Graz")

    fused(kept, gone)

    assert set(kept.terms.all()) == {shared, own}
    assert [country.code for country in kept.target_markets.all()] == ["IT"]
    assert list(kept.networks.all()) == [network]
    assert not gone.networks.exists()
    led.refresh_from_db()
    assert led.facilitator == kept
    assert [editor.email for editor in kept.editors.all()] == ["ada@alpha.example", "ben@alpha.example"]
    assert [item.title for item in kept.showcase_items.all()] == ["Fair"]
    assert OldSlug.objects.get(slug="alpha-once").cluster == kept
    before.refresh_from_db()
    submission.refresh_from_db()
    assert (before.successor, submission.target) == (kept, kept)
    assert kept.former_name_list == ["Older", "Alpha-Route Hyperfrequences"]
    assert (gone.status, gone.successor) == ("archived", kept)
    assert Cluster.objects.published().search("hyperfrequences").get() == kept
    assert Cluster.objects.published().search(own.name).filter(pk=kept.pk).exists()


def test_fields_are_kept_or_taken_as_chosen_and_else_what_says_something() -> None:
    kept = ClusterFactory(published=True, name="A", email="", phone="1", website="https://a.example/")
    region = RegionFactory()
    gone = ClusterFactory(
        published=True, name="B", email="b@b.example", phone="2", website="https://b.example/", region=region,
        country=region.country, members=12, members_qualifier="exact", members_sme=9, place="Graz",
        latitude="47.07", longitude="15.43", precision="seat",
    )  # fmt: skip

    fused(kept, gone, choices={"name": "take", "website": "take"})

    assert (kept.name, kept.email, kept.phone, kept.website) == ("B", "b@b.example", "1", "https://b.example/")
    assert (kept.members, kept.members_qualifier, kept.members_sme) == (12, "exact", 9)
    assert (kept.country, kept.region, kept.place, str(kept.latitude)) == (region.country, region, "Graz", "47.0700")
    assert kept.former_names == "A"  # its own name, since the other one's was taken


def test_loyal_place_and_partner_go_to_the_one_that_stays() -> None:
    kept = ClusterFactory(loyal_position=7)
    gone = ClusterFactory(loyal_position=2, is_priority=True, priority_reason="Close.", is_collaborator=True)
    partner = Partner.objects.create(short_name="Alpha")
    Cluster.objects.filter(pk=gone.pk).update(partner=partner)

    log = fused(kept, gone)

    assert (kept.loyal_position, kept.partner, kept.is_priority, kept.priority_reason) == (2, partner, True, "Close.")
    assert (gone.loyal_position, gone.partner, gone.is_priority, gone.is_collaborator) == (None, None, False, False)
    undo(merge=log, by=None)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.loyal_position, kept.partner, gone.loyal_position, gone.partner) == (7, None, 2, partner)


def test_an_identified_one_that_takes_in_a_published_one_becomes_public() -> None:
    kept, gone = ClusterFactory(name="Kept"), ClusterFactory(published=True)

    fused(kept, gone)

    assert list(Cluster.objects.published()) == [kept]
    assert kept.published_at == gone.published_at


def test_every_old_address_leads_to_the_one_that_stays(client: Client) -> None:
    kept = ClusterFactory(published=True, name="Kept")
    gone = ClusterFactory(published=True, name="Gone")
    gone.slug = "gone-anew"
    gone.save()

    fused(kept, gone)

    for slug in ("gone", "gone-anew"):
        page = client.get(f"/clusters/{slug}/")
        assert (page.status_code, page["Location"]) == (301, "/clusters/kept/")
        assert client.get(f"/clusters/{slug}/logo/").status_code == 404
        answer = client.get(f"/api/v1/clusters/{slug}/")
        assert answer.status_code in (301, 302)
        assert "/api/v1/clusters/kept/" in answer["Location"]
        assert "Kept" in client.get(f"/clusters/side-by-side/?c={slug}").content.decode()
    assert client.get(f"/clusters/id/{gone.public_id}/")["Location"] == "/clusters/kept/"
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
        assert "gone-anew" not in text


def test_the_id_of_the_merged_one_leads_on_everywhere_as_its_slug_does(client: Client) -> None:
    kept, gone, hidden = (
        ClusterFactory(published=True, name="Kept"), ClusterFactory(published=True, name="Gone"),
        ClusterFactory(name="Hidden"),
    )  # fmt: skip
    fused(kept, gone)
    archive_clusters(clusters=[hidden])
    Cluster.objects.filter(pk=hidden.pk).update(successor=gone)

    for row in (gone, hidden):
        answer = client.get(f"/api/v1/clusters/{row.public_id}/")
        assert (answer.status_code, answer["Location"]) == (302, "/api/v1/clusters/kept/")
    assert client.get(f"/api/v1/clusters/{kept.public_id}/")["Location"] == "/api/v1/clusters/kept/"
    archive_clusters(clusters=[kept])
    assert client.get(f"/api/v1/clusters/{gone.public_id}/").status_code == 404


def test_the_logo_of_the_merged_one_leads_on(client: Client) -> None:
    kept = ClusterFactory(published=True, name="Kept", logo="logos/kept.png")
    gone = ClusterFactory(published=True, name="Gone", logo="logos/gone.png")

    fused(kept, gone)

    answer = client.get("/clusters/gone/logo/")
    assert (answer.status_code, answer["Location"]) == (301, "/clusters/kept/logo/")
    assert answer["Cache-Control"] == "no-cache"
    Cluster.objects.filter(pk=kept.pk).update(logo="")
    assert client.get("/clusters/gone/logo/").status_code == 404
    assert client.get("/clusters/kept/logo/").status_code == 404


def test_a_shared_comparison_of_two_that_became_one_shows_it_once(client: Client) -> None:
    kept, gone, third = (ClusterFactory(published=True, name=name) for name in ("Kept", "Gone", "Third"))
    gone.slug = "gone-anew"
    gone.save()
    fused(kept, gone)

    for query in ("c=gone&c=kept&c=third", "c=kept&c=gone&c=third", "c=gone&c=gone-anew&c=third"):
        comparison = client.get(f"/clusters/side-by-side/?{query}").context["comparison"]
        assert (comparison.clusters, comparison.notices) == ([kept, third], [])


def test_both_histories_say_what_happened_and_who_did_it() -> None:
    kept, gone = ClusterFactory(name="Kept"), ClusterFactory(name="Gone", terms=[TermFactory(name="Health")])
    counts = kept.history.count(), gone.history.count()
    person = UserFactory()

    log = merge(kept=kept, gone=gone, by=person, reason=WHY)

    assert (kept.history.count(), gone.history.count()) == (counts[0] + 1, counts[1] + 1)
    assert kept.history.first().history_change_reason == f"Merged into this: Gone. {WHY}"
    assert gone.history.first().history_change_reason == f"Merged into Kept: {WHY}"
    assert {row.history.first().history_user for row in (kept, gone)} == {person}
    assert [row.term.name for row in kept.history.first().terms.all()] == ["Health"]
    undo(merge=log, by=person, reason="They are two after all.")
    assert gone.history.first().history_change_reason == "Merge of Gone into Kept undone. They are two after all."


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
        (lambda kept, gone: Cluster.objects.filter(pk=kept.pk).update(phone="+43 1"), "Kept was changed since: phone."),
        (lambda kept, gone: kept.terms.add(TermFactory()), "Kept was changed since: terms."),
        (lambda kept, gone: Cluster.objects.filter(pk=gone.pk).update(note="x"), "Gone was changed since: note."),
        (lambda kept, gone: kept.showcase_items.all().delete(), "showcase items: “Fair” was deleted."),
        (lambda kept, gone: kept.editors.update(is_active=False), "editors: “ada@g.example” was changed."),
        (
            lambda kept, gone: accept_all(kept.submissions.get()),
            "submissions: “Update: Gone” was decided since: approved.",
        ),
    ],
)
def test_a_touched_result_cannot_be_undone_and_says_what_changed(touch: Any, words: str) -> None:
    kept, gone = ClusterFactory(published=True, name="Kept"), ClusterFactory(published=True, name="Gone")
    ShowcaseItem.objects.create(cluster=gone, kind="event", title="Fair")
    ClusterEditor.objects.create(cluster=gone, email="ada@g.example")
    update_of(gone, place="Graz")
    log = fused(kept, gone)
    assert what_keeps_from_undoing(log) == []

    touch(kept, gone)
    after = picture()

    log.refresh_from_db()
    assert words in what_keeps_from_undoing(log)
    with pytest.raises(UndoNotPossible):
        undo(merge=log, by=None)
    assert picture() == after


def test_what_came_after_the_merge_stays_with_the_one_that_stayed() -> None:
    kept, gone = ClusterFactory(published=True), ClusterFactory(published=True)
    log = fused(kept, gone)
    new = update_of(kept, place="Linz")

    undo(merge=log, by=None)

    new.refresh_from_db()
    assert new.target == kept


def test_a_loyal_place_given_to_a_third_cluster_keeps_from_undoing() -> None:
    kept, gone = ClusterFactory(loyal_position=5), ClusterFactory(loyal_position=2)
    log = fused(kept, gone)
    ClusterFactory(name="Third", loyal_position=5)

    assert what_keeps_from_undoing(log) == [
        "Third has got the place in the list of loyal clusters that would be given back."
    ]


def test_what_is_refused() -> None:
    partners = [Partner.objects.create(short_name=name) for name in ("P", "Q")]
    one, other = (ClusterFactory(name=name, partner=partner) for name, partner in zip("AB", partners, strict=True))
    with pytest.raises(MergeNotPossible, match="two partners of the consortium \\(P and Q\\)"):
        fused(one, other)
    with pytest.raises(MergeNotPossible, match="one cluster already"):
        fused(one, one)
    with pytest.raises(MergeNotPossible, match="Say why"):
        merge(kept=one, gone=ClusterFactory(), by=None, reason=" ")
    with pytest.raises(MergeNotPossible, match="nothing to choose called “status”"):
        fused(one, ClusterFactory(), choices={"status": "take"})
    archived = ClusterFactory(name="C", status="archived")
    with pytest.raises(MergeNotPossible, match="C is archived"):
        fused(archived, ClusterFactory())
    middle = ClusterFactory(successor=other)
    way = ClusterFactory(name="D", successor=middle)
    with pytest.raises(MergeNotPossible, match="The successors of D lead to B"):
        fused(way, other)
    gone = ClusterFactory(name="E")
    fused(one, gone)
    with pytest.raises(MergeNotPossible, match="E was merged into another cluster before"):
        fused(ClusterFactory(), gone)
    kept, empty = ClusterFactory(published=True), ClusterFactory(summary="")
    with pytest.raises(MergeNotPossible, match="needs a summary"):
        fused(kept, empty, choices={"summary": "take"})


def test_a_page_that_is_out_of_date_merges_nothing() -> None:
    kept, gone = ClusterFactory(), ClusterFactory()
    seen = seen_now(kept, gone)
    archive_clusters(clusters=[gone])
    before = picture()

    with pytest.raises(MergeChanged):
        fused(kept, gone, seen=seen)

    assert picture() == before


def test_other_rooms_move_their_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    class Guests:
        name, label = "guests", "guests"

        def __init__(self) -> None:
            self.of: dict[str, int] = {}

        def count(self, gone: Cluster) -> int:
            return list(self.of.values()).count(gone.pk)

        def move(self, gone: Cluster, kept: Cluster, *, told: str) -> list[dict[str, Any]]:
            moved = [{"who": who, "from": gone.pk} for who, pk in self.of.items() if pk == gone.pk]
            self.of.update({record["who"]: kept.pk for record in moved})
            return moved

        def changed(self, records: list[dict[str, Any]]) -> list[str]:
            return [f"guest {record['who']} left." for record in records if record["who"] not in self.of]

        def undo(self, records: list[dict[str, Any]], *, told: str) -> None:
            self.of.update({record["who"]: record["from"] for record in records})

    monkeypatch.setattr(registry, "_providers", {})
    guests = Guests()
    registry.register(guests)
    registry.register(guests)
    with pytest.raises(ValueError, match="two providers named guests"):
        registry.register(Guests())
    kept, gone = ClusterFactory(), ClusterFactory()
    guests.of = {"ada": gone.pk, "ben": kept.pk}
    assert ("guests", 1) in what_moves(gone)

    log = fused(kept, gone)
    assert guests.of == {"ada": kept.pk, "ben": kept.pk}
    undo(merge=log, by=None)
    assert guests.of == {"ada": gone.pk, "ben": kept.pk}

    log = fused(kept, gone)
    del guests.of["ada"]
    assert what_keeps_from_undoing(log) == ["guest ada left."]


def test_loading_the_files_again_parts_nothing(data: None) -> None:
    from django.conf import settings as django_settings

    from catalogue.services.loading import load_all

    kept, gone = Cluster.objects.published().filter(partner=None, networks__isnull=False).distinct()[:2]
    fused(kept, gone)
    before = picture()

    load_all(folder=django_settings.FIXTURE_DATA_DIR)

    after = picture()
    assert {name for name in before if before[name] != after[name]} <= {"sourcerecord"}
