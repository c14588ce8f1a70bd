"""Answers for operators and load balancers: is the process alive, and can it do its work?"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.background import problems

# A probe that waits longer than the load balancer does is of no use.
TIMEOUT = 2


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the portal can answer people and 503 otherwise, with what is wrong.

    The status is "degraded", with 200, where only the background work is late.
    """
    checks = {name: check() or "ok" for name, check in CHECKS.items()}
    failing = any(outcome != "ok" for outcome in checks.values())
    # Late work is said and fails nothing: taking the web process out of service would not bring the worker back.
    late = check_background_work()
    status = "failing" if failing else "degraded" if late else "ok"
    checks["background work"] = late or "ok"
    return JsonResponse({"status": status, "checks": checks}, status=503 if failing else 200)


def check_database() -> str:
    """Ask the database something; the answer is what is wrong, or nothing."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        # Only the kind of the error: its text can name host, user and password.
        return f"does not answer ({type(error).__name__})"
    return ""


def check_broker() -> str:
    """See whether tasks can be queued; the answer is what is wrong, or nothing."""
    if settings.REDIS_URL:
        try:
            with redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
            ) as client:
                client.ping()
        except (redis.RedisError, OSError) as error:
            return f"Redis does not answer ({type(error).__name__})"
        return ""
    folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return f"the folder of the queue cannot be written ({type(error).__name__})"
    return ""


def check_migrations() -> str:
    """Count the migrations that wait; the answer is what is wrong, or nothing."""
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        return f"cannot be read ({type(error).__name__})"
    if waiting == 1:
        return "1 migration waits; run: make migrate"
    return f"{waiting} migrations wait; run: make migrate" if waiting else ""


def check_background_work() -> str:
    """Return what of the background work is late, or nothing."""
    try:
        return " ".join(str(problem) for problem in problems())
    except Error as error:
        return f"cannot be read ({type(error).__name__})"


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "broker": check_broker,
    "migrations": check_migrations,
}
