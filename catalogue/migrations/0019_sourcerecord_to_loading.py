"""``SourceRecord`` moves to the app ``loading``, with its rows and its permissions."""

from django.db import migrations

_COPY = (
    'INSERT INTO {to}_sourcerecord (model, "key", object_id, "values", loaded_at) '
    'SELECT model, "key", object_id, "values", loaded_at FROM {of}_sourcerecord ORDER BY id'
)


def _content_type(of, to):
    def change(apps, schema_editor):
        types = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
        # An earlier "migrate" of one app may have made the new one already; it has no rights of anybody yet.
        if types.filter(app_label=of, model="sourcerecord").exists():
            types.filter(app_label=to, model="sourcerecord").delete()
            types.filter(app_label=of, model="sourcerecord").update(app_label=to)

    return change


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0018_merge_target_source"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("loading", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(_content_type("catalogue", "loading"), _content_type("loading", "catalogue")),
        migrations.RunSQL(
            _COPY.format(of="catalogue", to="loading"),
            [_COPY.format(of="loading", to="catalogue"), "DELETE FROM loading_sourcerecord"],
        ),
        migrations.DeleteModel("SourceRecord"),
    ]
