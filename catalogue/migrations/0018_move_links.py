from django.db import migrations


def move_links(apps, schema_editor):
    """Copy the links with their ids, so that those in mailboxes keep working."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Old = apps.get_model("catalogue", "LinkToken")
    New = apps.get_model("publicforms", "LinkToken")
    types = {
        name: ContentType.objects.get_or_create(app_label="catalogue", model=name)[0]
        for name in ("submission", "cluster")
    }
    rows = (
        New(
            pk=old.pk,
            purpose=old.purpose,
            content_type=types["submission" if old.submission_id else "cluster"],
            object_id=old.submission_id or old.cluster_id,
            email=old.email,
            created_at=old.created_at,
            expires_at=old.expires_at,
            used_at=old.used_at,
        )
        for old in Old.objects.iterator()
    )
    New.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    """The table is deleted in a migration of its own: PostgreSQL alters no table with deferred checks."""

    dependencies = [("catalogue", "0017_import_choices"), ("publicforms", "0001_initial")]

    operations = [migrations.RunPython(move_links, migrations.RunPython.noop, elidable=True)]
