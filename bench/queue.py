"""``make bench-queue``: queries and times of the review queue with 50 and with 5,000 submissions that wait.

Seeded; SQLite in a temporary folder unless TEST_DATABASE_URL names a PostgreSQL that may hold a test database. The
pages are asked for by Django's test client, so these are times of the server alone. Fails if a page takes more
queries with 5,000 than with 50.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from typing import Any

SIZES, SEED, ASKED = (50, 5_000), 20_261_121, 7
PAGES = {
    "queue": "",
    "last full page": "?page={last}",
    "filtered": "?kind=new&channel=form",
    "searched": "?q=cluster%207",
    "review page": "{first}/change/",
}


def main() -> int:
    """Print the table; 1 if queries grow with the queue."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
    os.environ.setdefault("TEST_ROUND", "sqlite")
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("bench"), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:submissions_submission_changelist")
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in PAGES}
    for size in SIZES:
        first = _fill(size)
        for name, page in PAGES.items():
            found[name].append(_measured(client, address + page.format(last=size // 50, first=first)))
    print(f"{'page':16}" + "".join(f"{f'{size:,} waiting':>24}" for size in SIZES))
    for name, figures in found.items():
        print(
            f"{name:16}" + "".join(f"{queries:>10} queries {1000 * seconds:>4.0f} ms" for queries, seconds in figures)
        )
    grows = [name for name, figures in found.items() if figures[-1][0] > figures[0][0]]
    if grows:
        print(f"More queries with more submissions: {', '.join(grows)}")
    return 1 if grows else 0


def _measured(client: Any, address: str) -> tuple[int, float]:
    """Return the queries of one answer and the median time of several."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    number = len(queries)  # the next request empties the log
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")
    times = []
    for _ in range(ASKED):
        started = time.perf_counter()
        client.get(address)
        times.append(time.perf_counter() - started)
    return number, statistics.median(times)


def _fill(size: int) -> int:
    """Make submissions until ``size`` wait, and return the key of the oldest."""
    from datetime import timedelta

    from django.utils import timezone

    from bench.words import COUNTRIES
    from catalogue.models import Cluster, Country
    from submissions.models import Submission

    chance, now = random.Random(SEED), timezone.now()
    for code, name, *_place in COUNTRIES:
        Country.objects.get_or_create(code=code, defaults={"name": name})
    if not Cluster.objects.exists():
        for number in range(50):
            Cluster(name=f"Cluster {number}", country_id=chance.choice(COUNTRIES)[0], place="Exampletown").save()
    clusters = list(Cluster.objects.all())
    have, rows = Submission.objects.count(), []
    for number in range(have, size):
        target = chance.choice(clusters) if number % 2 else None
        since = now - timedelta(hours=size - number)
        rows.append(
            Submission(
                kind="update" if target else "new", status="pending", target=target,
                name=target.name if target else f"New cluster {number}",
                country_id=target.country_id if target else chance.choice(COUNTRIES)[0],
                payload={"place": f"Town {number}", "members": number, "members_qualifier": "exact"},
                base={"place": "Exampletown"} if target else {}, submitter_email=f"person-{number}@cluster.example",
                submitted_at=since, email_confirmed_at=since, confirmed_at=since, created_at=since,
            )
        )  # fmt: skip
    Submission.objects.bulk_create(rows, batch_size=500)
    return Submission.objects.in_queue().values_list("pk", flat=True)[0]


if __name__ == "__main__":
    sys.exit(main())
