"""Random pairs of clusters with random relations, and a picture of everything around them."""

from datetime import date, timedelta
from random import Random
from typing import Any

from django.apps import apps
from django.utils import timezone

from catalogue.models import Cluster, ClusterFigure, FactProposal, OldSlug, ShowcaseItem, SocialLink
from catalogue.services.sources import Origin, Source, note_sources
from consortium.models import Partner
from duplicates.merging.services import merge
from duplicates.models import ClusterMerge
from publicforms.models import LinkToken
from quality.models import FreshnessRequest, QualityFinding
from submissions.models import ClusterEditor, Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

#: Apps whose rows are compared.
APPS = {"catalogue", "duplicates", "submissions", "imports", "quality", "publicforms"}
#: Changed by every save, or computed: not part of what must be the same again.
CHANGING = {"updated_at", "sort_name", "version"}
#: Grow with every act, undone or not.
LOGS = {"clustermerge", "submissionevent", "cataloguechange"}


def picture() -> dict[str, Any]:
    """Return every row of the apps that keep something about clusters, histories and logs left out."""
    found: dict[str, Any] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in APPS:
            continue
        name = model._meta.model_name or ""
        if name in LOGS or name.startswith("historical"):
            continue
        columns = [field.attname for field in model._meta.concrete_fields if field.name not in CHANGING]
        if model._meta.auto_created:
            columns.remove("id")  # a relation that was taken away and set again
        if name == "factsource":
            columns.remove("id")  # written again too
        found[name] = sorted(map(repr, model._default_manager.values_list(*columns)))
    return found


def random_cluster(chance: Random, number: int, **fixed: Any) -> Cluster:
    """Return a cluster that says some things and not others."""
    country = CountryFactory(code=chance.choice(["AT", "DE", "FR"]))
    maybe = lambda value: value if chance.random() < 0.5 else None  # noqa: E731
    members = maybe(chance.randint(1, 900))
    label = maybe(chance.choice(["bronze", "gold"]))
    has_place = chance.random() < 0.5
    values: dict[str, Any] = {
        "published": chance.random() < 0.6,
        "name": f"Cluster {number} {chance.choice(['Alpha', 'Beta', 'Gamma'])}",
        "acronym": maybe(f"C{number}") or "", "former_names": maybe("Old one\nOlder one") or "",
        "country": country, "region": maybe(RegionFactory(country=country)),
        "place": "Graz" if has_place else "", "latitude": "47.07" if has_place else None,
        "longitude": "15.43" if has_place else None, "precision": "seat" if has_place else "",
        "description": maybe("Much to say.") or "", "website": maybe(f"https://c{number}.example/") or "",
        "email": maybe(f"office@c{number}.example") or "", "founded": maybe(chance.randint(1990, 2020)),
        "members": members, "members_qualifier": chance.choice(["exact", "at_least"]) if members else "",
        "quality_label": label or "none", "quality_evidence": "https://label.example/" if label else "",
        "quality_expires_on": date(2027, 1, 31) if label else None,
        "confirmed_on": maybe(timezone.localdate() - timedelta(days=chance.randint(0, 900))),
        "is_priority": chance.random() < 0.4, "priority_reason": maybe("Because.") or "",
        "is_collaborator": chance.random() < 0.3, "loyal_position": maybe(number + 1), "note": maybe("A note.") or "",
        "core_cybersecurity": chance.random() < 0.3,
    }  # fmt: skip
    return ClusterFactory(**{**values, **fixed})


def hang_on(chance: Random, cluster: Cluster, shared: dict[str, list[Any]]) -> None:
    """Give ``cluster`` some rows of every table; part of them are alike for several clusters."""
    number = cluster.pk
    some = lambda rows: [row for row in rows if chance.random() < 0.5]  # noqa: E731
    cluster.terms.set(some(shared["terms"]))
    cluster.target_markets.set(some(shared["countries"]))
    for network in some(shared["networks"]):
        network.clusters.add(cluster)
    for network in some(shared["networks"])[:1]:
        network.facilitator = cluster
        network.save()
    for email in some(["ada@c.example", "ben@c.example", f"eve@c{number}.example"]):
        ClusterEditor.objects.create(cluster=cluster, email=email)
    for title in some(["Fair", "Congress", f"Day {number}"]):
        ShowcaseItem.objects.create(cluster=cluster, kind="event", title=title)
    for label in some(["Jobs", f"Jobs {number}"]):
        ClusterFigure.objects.create(cluster=cluster, label=label, value="7")
    note_sources(
        cluster=cluster, names=some(["name", "place", "members", "verticals", "showcase_items", "figures", "website"]),
        source=Source(Origin.STAFF, f"staff {number}"),
    )  # fmt: skip
    FactProposal.objects.create(
        cluster=cluster, kind="succession", text=f"Moved {chance.randint(1, 2)}", evidence="A text", confidence="high"
    )
    for url in some(["https://social.example/a", f"https://social.example/{number}"]):
        SocialLink.objects.create(cluster=cluster, kind="other", url=url)
    for kind in some(["no_contact", "missing_place"]):
        QualityFinding.objects.create(cluster=cluster, kind=kind)
    for slug in some([f"old-{number}", f"older-{number}"]):
        OldSlug.objects.create(slug=slug, cluster=cluster)
    now = timezone.now()
    for status in some(["pending", "approved", "withdrawn"]):
        Submission.objects.create(
            kind="update", status=status, target=cluster, name=cluster.name, submitted_at=now, confirmed_at=now,
            decided_at=now if status == "approved" else None,
        )  # fmt: skip
    for _ in some([1, 2]):
        link = LinkToken.objects.create(purpose="freshness", subject=cluster, expires_at=now + timedelta(days=9))
        FreshnessRequest.objects.create(cluster=cluster, email="ada@c.example", link=link)
    for _ in some([1]):
        ClusterFactory(status="archived", successor=cluster)


def random_pair(seed: int) -> tuple[Cluster, Cluster, Random]:
    """Return two clusters with relations, and the chance that made them."""
    chance = Random(seed)  # noqa: S311 - the same pair for the same seed
    shared = {
        "terms": TermFactory.create_batch(3),
        "networks": NetworkFactory.create_batch(3),
        "countries": [CountryFactory(code=code) for code in ("IT", "ES")],
    }
    target, source = (random_cluster(chance, number) for number in (0, 1))
    for cluster in (target, source):
        hang_on(chance, cluster, shared)
    if chance.random() < 0.3:
        partner = Partner.objects.create(short_name=f"P{seed}")
        Cluster.objects.filter(pk=chance.choice([target, source]).pk).update(partner=partner)
    if chance.random() < 0.2:
        Cluster.objects.filter(pk=source.pk).update(successor=target)
    elif chance.random() < 0.2:
        Cluster.objects.filter(pk=target.pk).update(successor=source)
    return Cluster.objects.get(pk=target.pk), Cluster.objects.get(pk=source.pk), chance


def merged() -> ClusterMerge:
    """Return the merge of a cluster named "Source" into one named "Target", both published."""
    target, source = ClusterFactory(published=True, name="Target"), ClusterFactory(published=True, name="Source")
    return merge(target=target, source=source, by=None, reason="One.")
