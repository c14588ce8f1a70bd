"""What was loaded from files; the rows come from the app ``catalogue``, whose migration 0019 copies them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SourceRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(help_text="Lower-case label such as catalogue.cluster.", max_length=60)),
                ("key", models.CharField(help_text="The record's key in its file.", max_length=200)),
                ("object_id", models.CharField(max_length=60)),
                ("values", models.JSONField()),
                ("loaded_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["model", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("model", "key"), name="loading_sourcerecord_unique_key")
                ],
            },
        ),
    ]
