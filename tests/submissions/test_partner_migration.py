"""Submissions of partners from before keys were the partner's."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)


def migrated(name: str):
    """Migrate the catalogue to ``name`` and return the models of that moment."""
    executor = MigrationExecutor(connection)
    executor.migrate([("catalogue", name)])
    return MigrationExecutor(connection).loader.project_state([("catalogue", name)]).apps


@pytest.fixture
def before():
    """Return the models of the migration before, and bring the database up to date afterwards."""
    try:
        yield migrated("0017_import_choices")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("catalogue"))


def test_of_one_key_through_two_tokens_the_first_submission_keeps_it(before):
    partners = [before.get_model("consortium", "Partner").objects.create(short_name=name) for name in ("A", "B")]
    tokens = [
        before.get_model("submissions", "PartnerToken").objects.create(partner=partner, label=label, digest=label)
        for partner, label in [(partners[0], "old"), (partners[0], "new"), (partners[1], "other")]
    ]
    rows = before.get_model("submissions", "Submission").objects
    for token, key in [(0, "key-1"), (1, "key-1"), (2, "key-1"), (1, "key-2"), (None, "")]:
        token = None if token is None else tokens[token]
        rows.create(kind="new", name="Alpine", partner_token=token, idempotency_key=key)

    after = migrated("0020_submission_once_per_partner").get_model("submissions", "Submission").objects

    assert list(after.order_by("pk").values_list("partner__short_name", "idempotency_key")) == [
        ("A", "key-1"), ("A", ""), ("B", "key-1"), ("A", "key-2"), (None, ""),
    ]  # fmt: skip
