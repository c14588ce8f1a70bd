"""The partner of a submission beside its token."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("consortium", "0001_initial"),
        ("catalogue", "0019_links_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="partner",
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="submissions", to="consortium.partner"),
        ),
    ]
