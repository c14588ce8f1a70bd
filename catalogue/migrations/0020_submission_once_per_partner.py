"""One idempotency key, one submission of a partner."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0019_fill_submission_partner"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="submission", name="catalogue_submission_once_per_key"),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(condition=models.Q(("idempotency_key", ""), _negated=True), fields=("partner", "idempotency_key"), name="catalogue_submission_once_per_key"),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(condition=models.Q(("idempotency_key", ""), ("partner__isnull", False), _connector="OR"), name="catalogue_submission_key_of_partner"),
        ),
    ]
