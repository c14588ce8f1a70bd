"""The partner of submissions that came before. A migration of its own: PostgreSQL alters no table it just wrote to."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Store the partner; of one key that came by two tokens, only the first submission keeps it, as answers do."""
    Submission = apps.get_model("catalogue", "Submission")
    tokens = apps.get_model("catalogue", "PartnerToken").objects.filter(pk=OuterRef("partner_token"))
    rows = Submission.objects.exclude(partner_token=None)
    rows.update(partner=Subquery(tokens.values("partner")[:1]))
    seen = set()
    for row in rows.exclude(idempotency_key="").order_by("pk").only("partner", "idempotency_key").iterator():
        key = (row.partner_id, row.idempotency_key)
        if key in seen:
            Submission.objects.filter(pk=row.pk).update(idempotency_key="")
        seen.add(key)


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0018_submission_partner"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
