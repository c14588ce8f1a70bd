"""The trigram index that answers ``LIKE '% word%'`` on PostgreSQL; SQLite scans instead."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

_INDEXES = {"cluster_search_text_trgm": "search_text", "cluster_search_name_trgm": "search_name"}


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, column in _INDEXES.items():
        schema_editor.execute(f"CREATE INDEX {name} ON catalogue_cluster USING gin ({column} gin_trgm_ops)")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in _INDEXES:
        schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [TrigramExtension(), migrations.RunPython(create, drop)]
