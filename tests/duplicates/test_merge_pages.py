"""Merging in the workplace: choosing, comparing, merging, undoing."""

import re

import pytest
from django.urls import reverse

from catalogue.models import Cluster, ShowcaseItem
from duplicates.merging.services import merge
from duplicates.merging.snapshots import SOURCE, TARGET, fingerprint
from duplicates.merging.undo import undo
from duplicates.models import ClusterMerge
from quality.models import FreshnessRequest
from tests.duplicates.pairs import merged
from tests.factories.catalogue import ClusterFactory, TermFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import update_of

pytestmark = pytest.mark.django_db


def test_merging_from_the_list_through_the_comparison_and_back() -> None:
    target = ClusterFactory(published=True, name="Alpha", phone="1", former_names="Old")
    source = ClusterFactory(
        published=True, name="Beta", phone="2", email="b@b.example", terms=[TermFactory(name="Health")]
    )
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    client = sign_in("catalogue editor")
    listed = client.post(
        reverse("admin:catalogue_cluster_changelist"),
        {"action": "merge_two", "_selected_action": [str(target.pk), str(source.pk)]},
    )
    page = client.get(listed["Location"])
    comparison = page.context["comparison"]

    assert {choice.name: (choice.keep, choice.take, choice.is_taken) for choice in comparison.choices} == {
        "name": ("Alpha", "Beta", False), "phone": ("1", "2", False), "email": ("", "b@b.example", True),
        "place": (f"{target.country}", f"{source.country}", False),
    }  # fmt: skip
    assert ("Terms", ["Health"]) in [(part.label, part.added) for part in comparison.joined]
    assert ("Former names", ["Beta"]) in [(part.label, part.added) for part in comparison.joined]
    assert ("showcase items", 1) in comparison.moves
    data = {
        "ids": page.context["ids"], "seen": comparison.fingerprint, "reason": "One.", "field-phone": "take",
        "field-name": "keep",
    }  # fmt: skip

    done = client.post(reverse("admin:catalogue_cluster_merge"), data, follow=True)

    target.refresh_from_db()
    assert (target.name, target.phone, target.email) == ("Alpha", "2", "b@b.example")
    assert "Undo the merge" in done.content.decode()
    moved = done.content.decode()
    assert moved.index("What moved") < moved.index('class="closelink"')
    assert "Fair" in moved
    form = client.get(reverse("admin:catalogue_cluster_change", args=[target.pk])).content.decode()
    assert "Merged with Beta …" in form
    log = ClusterMerge.objects.get()
    assert log.merged_by.username == "catalogue editor"
    undone = client.post(reverse("admin:duplicates_clustermerge_undo", args=[log.pk]), {"reason": "Two."}, follow=True)
    assert "are two clusters again" in undone.content.decode()
    source.refresh_from_db()
    assert source.status == "published"
    again = client.post(reverse("admin:duplicates_clustermerge_undo", args=[log.pk]), {}, follow=True)
    assert "It was undone already." in again.content.decode()


def test_moved_rows_link_to_their_pages() -> None:
    target, source = ClusterFactory(published=True, name="Target"), ClusterFactory(published=True, name="Source")
    row = update_of(source, email="ada@c.example", place="Graz")
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    asked = FreshnessRequest.objects.create(cluster=source, email="a@c.example")
    deleted = FreshnessRequest.objects.create(cluster=source, email="b@c.example")
    log = merge(target=target, source=source, by=None, reason="One.")
    deleted.delete()

    page = sign_in("read-only").get(reverse("admin:duplicates_clustermerge_change", args=[log.pk]))

    moved = {part.label: [url for _words, url in part.lines] for part in page.context["moved"] if part.lines}
    assert moved == {
        "submissions": [reverse("admin:submissions_submission_change", args=[row.pk])],
        "freshness requests": [reverse("admin:quality_freshnessrequest_change", args=[asked.pk]), ""],
        "showcase items": [""],
    }


def test_refused_merge_is_shown_with_the_choices_made() -> None:
    target = ClusterFactory(published=True, name="Alpha", phone="1")
    source = ClusterFactory(published=True, name="Beta", phone="2")
    client = sign_in("catalogue editor")
    address = reverse("admin:catalogue_cluster_merge")
    page = client.get(f"{address}?ids={target.pk},{source.pk}")
    data = {"ids": f"{target.pk},{source.pk}", "seen": page.context["comparison"].fingerprint, "field-phone": "take"}

    response = client.post(address, data)
    assert "Say why these two are one" in response.content.decode()
    assert re.search(r'name="field-phone" value="take" checked', response.content.decode())
    Cluster.objects.filter(pk=source.pk).update(phone="3")
    response = client.post(address, {**data, "reason": "One."})
    assert "changed since you opened this page" in response.content.decode()
    assert not ClusterMerge.objects.exists()
    assert client.get(f"{address}?ids={target.pk},{source.pk},{ClusterFactory().pk}").status_code == 404
    assert client.get(f"{address}?ids=x").status_code == 404


def test_changed_merge_says_why_it_cannot_be_undone() -> None:
    log = merged()
    Cluster.objects.filter(pk=log.target_id).update(phone="9")

    page = (
        sign_in("catalogue editor").get(reverse("admin:duplicates_clustermerge_change", args=[log.pk])).content.decode()
    )

    assert "Target was changed since: phone." in page
    assert "Undo the merge" not in page


@pytest.mark.parametrize(
    ("query", "names"), [("", {"Photonic"}), ("q=mobility", {"Mobility"}), ("q=zzzz", set()), ("q=\x00", {"Photonic"})]
)
def test_choosing_the_other_one(query: str, names: set[str]) -> None:
    cluster = ClusterFactory(name="Photonics Cluster Graz", website="https://photonics.example/")
    home = cluster.country
    ClusterFactory(name="Photonic Cluster of Graz", website="https://www.photonics.example/en", country=home)
    ClusterFactory(name="Mobility Network")
    ClusterFactory(name="Photonics Cluster Graz", country=home, status="archived")

    page = sign_in("catalogue editor").get(f"{reverse('admin:catalogue_cluster_merge')}?ids={cluster.pk}&{query}")

    assert {row.name.partition(" ")[0] for row, _url, _reason in page.context["rows"]} == names


def test_of_two_ticked_clusters_the_published_one_stays() -> None:
    identified = ClusterFactory(name="Alpha")
    published = ClusterFactory(published=True, name="Beta")
    data = {"action": "merge_two", "_selected_action": [str(identified.pk), str(published.pk)]}

    listed = sign_in("catalogue editor").post(reverse("admin:catalogue_cluster_changelist"), data)

    assert listed["Location"].endswith(f"?ids={published.pk},{identified.pk}")


def test_one_or_three_ticks_are_no_pair() -> None:
    rows = ClusterFactory.create_batch(3)
    client = sign_in("catalogue editor")
    for ticked in (rows[:1], rows):
        data = {"action": "merge_two", "_selected_action": [str(row.pk) for row in ticked]}
        page = client.post(reverse("admin:catalogue_cluster_changelist"), data, follow=True).content.decode()
        assert "Tick exactly two clusters" in page


def test_a_merge_logged_before_a_column_was_added_can_be_undone() -> None:
    log = merged()
    for state in (log.before[TARGET], log.before[SOURCE], log.before["after"][TARGET], log.before["after"][SOURCE]):
        del state["phone"]
    log.after = fingerprint(log.before["after"])
    log.save()

    undo(merge=log, by=None)

    log.refresh_from_db()
    assert log.undone_at


def test_keys_with_leading_zeros_are_the_same_clusters() -> None:
    one, other = ClusterFactory(), ClusterFactory()

    page = sign_in("catalogue editor").get(reverse("admin:catalogue_cluster_merge"), {"ids": f"0{one.pk},{other.pk}"})

    assert one.name in page.content.decode()


def test_a_cluster_of_which_only_the_country_is_known_is_not_in_the_place_of_others() -> None:
    cluster = ClusterFactory(
        name="Known Somewhere", place="Madrid", latitude="40.4", longitude="-3.7", precision="country"
    )
    ClusterFactory(name="Somewhere Else", country=cluster.country, place="Madrid", latitude="40.4", longitude="-3.7", precision="seat")  # fmt: skip

    page = sign_in("catalogue editor").get(reverse("admin:catalogue_cluster_merge"), {"ids": cluster.pk})

    assert "Same place" not in page.content.decode()
