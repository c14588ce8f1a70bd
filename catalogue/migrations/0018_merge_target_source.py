"""The two clusters of a merge are its target and its source."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0021_nightly_run")]

    operations = [
        migrations.RemoveConstraint("clustermerge", "catalogue_clustermerge_two_clusters"),
        migrations.RemoveConstraint("clustermerge", "catalogue_clustermerge_gone_once"),
        migrations.RenameField("clustermerge", "kept", "target"),
        migrations.RenameField("clustermerge", "gone", "source"),
        migrations.AddConstraint(
            "clustermerge",
            models.CheckConstraint(
                condition=~models.Q(target=models.F("source")), name="catalogue_clustermerge_two_clusters"
            ),
        ),
        migrations.AddConstraint(
            "clustermerge",
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(undone_at=None), name="catalogue_clustermerge_source_once"
            ),
        ),
    ]
