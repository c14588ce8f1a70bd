"""Submissions, and the people who sent them or may, in the search over everything."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Min, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from submissions.models import ClusterEditor, Submission
from submissions.review.queue import Queue
from workplace.search import Found, Hit, SearchSource, exactness


def find_submissions(request: HttpRequest, text: str, limit: int) -> Found:
    """Return what the queue finds in all submissions; of equal names the newest first."""
    queue = Queue({"q": text, "status": "all"}, request.user)  # type: ignore[arg-type]  # who may see it is signed in
    rows = queue.rows()
    best = rows.order_by(exactness(Q(name__iexact=text)), "-last_move_at", "-pk").select_related("country")
    return Found(
        [
            Hit(
                reverse("admin:submissions_submission_change", args=[row.pk]), str(row),
                " · ".join(part for part in (row.country.name if row.country else "", row.get_status_display()) if part),
            )
            for row in best.defer("payload", "base", "decisions", "checks")[:limit]
        ],
        rows.count(),
        _queue_url(q=text, status="all"),
    )  # fmt: skip


def find_people(request: HttpRequest, text: str, limit: int) -> Found:
    """Return the addresses that sent something or are known to speak for a cluster, found by address or name.

    Who may see only submissions or only editors gets only these. An anonymised submission has no address any more.
    """
    # Two kinds of rows name people; both are asked for in the same columns.
    sent = _sent() if _may_see_submissions(request) else _sent().none()
    editors = _editors() if _may_see_editors(request) else _editors().none()
    parts = [_matching(sent, text), _matching(editors, text)]
    ranks: dict[str, int] = {}
    for part in parts:
        groups = part.values("address").annotate(rank=Min(exactness(_is_exactly(text)))).order_by("rank", "address")
        for group in groups[:limit]:
            ranks[group["address"]] = min(group["rank"], ranks.get(group["address"], 1))
    best = sorted(ranks, key=lambda address: (ranks[address], address))[:limit]
    addresses = parts[0].order_by().values_list("address").union(parts[1].order_by().values_list("address"))
    return Found(_people(best, sent, editors), addresses.count())


def _people(addresses: list[str], sent: QuerySet[Any], editors: QuerySet[Any]) -> list[Hit]:
    """Return a hit for each address: two queries."""
    about: dict[str, dict[str, Any]] = {address: {"names": {}, "editor": None, "clusters": []} for address in addresses}
    counts: dict[str, int] = defaultdict(int)
    for row in sent.filter(address__in=addresses).values("address", "person").annotate(number=Count("pk")):
        about[row["address"]]["names"][row["person"]] = True
        counts[row["address"]] += row["number"]
    for row in editors.filter(address__in=addresses).order_by("pk").values("pk", "address", "person", "cluster__name"):
        about[row["address"]]["names"][row["person"]] = True
        about[row["address"]]["editor"] = row["pk"]
        about[row["address"]]["clusters"].append(row["cluster__name"])
    hits = []
    for address, known in about.items():
        number, clusters = counts[address], known["clusters"]
        url = (
            _queue_url(q=address, status="all")
            if number
            else reverse("admin:submissions_clustereditor_change", args=[known["editor"]])
        )
        remark = [
            ", ".join(name for name in known["names"] if name),
            f"{number} submission{'' if number == 1 else 's'}" if number else "",
            f"editor of {', '.join(clusters[:3])}{' …' if len(clusters) > 3 else ''}" if clusters else "",
        ]
        hits.append(Hit(url, address, " · ".join(part for part in remark if part)))
    return hits


def _sent() -> QuerySet[Any]:
    rows = Submission.objects.sent().exclude(submitter_email="")
    return rows.annotate(address=F("submitter_email"), person=F("submitter_name")).order_by()


def _editors() -> QuerySet[Any]:
    return ClusterEditor.objects.annotate(address=F("email"), person=F("name")).order_by()


def _matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    for word in text.split():
        rows = rows.filter(Q(address__icontains=word) | Q(person__icontains=word))
    return rows


def _is_exactly(text: str) -> Q:
    return Q(address__iexact=text) | Q(person__iexact=text)


def _queue_url(**query: str) -> str:
    return f"{reverse('admin:submissions_submission_changelist')}?{urlencode(query)}"


def _may_see_submissions(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("submissions.view_submission"))


def _may_see_editors(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("submissions.view_clustereditor"))


SUBMISSIONS = SearchSource(
    "submissions", "Submissions", find_submissions, _may_see_submissions,
    "name, reference, sender, cluster that they are about", order=20,
)  # fmt: skip
PEOPLE = SearchSource(
    "people", "People and addresses", find_people,
    lambda request: _may_see_submissions(request) or _may_see_editors(request),
    "name and e-mail of senders and of cluster editors", order=30,
)  # fmt: skip
