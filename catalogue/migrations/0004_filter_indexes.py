"""Indexes from which filters and counts are answered without reading the wide rows of clusters."""

from django.db import migrations, models

_LINKS = "catalogue_cluster_terms_by_term"


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_embed_origin")]
    operations = [
        migrations.AddIndex(
            "cluster",
            models.Index(fields=["status", "country", "region", "is_priority", "id"], name="cluster_facets"),
        ),
        migrations.RunSQL(
            f"CREATE INDEX {_LINKS} ON catalogue_cluster_terms (term_id, cluster_id)", f"DROP INDEX {_LINKS}"
        ),
    ]
