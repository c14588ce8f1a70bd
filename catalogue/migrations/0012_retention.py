"""How long more kinds of data are kept, and a privacy notice that says so, after the first one."""

from importlib import import_module

from django.db import migrations, models

VERSION = "2026-12"
CHANGES = (
    (
        "A form that is not sent or not confirmed is deleted after 14 days.",
        "A form that is not sent or not confirmed is deleted after 14 days. If somebody used your address and you say "
        "so, it is deleted from it at once.",
    ),
    (
        "Of an approved profile, your address is kept so that you can correct the profile later.",
        "Of what is approved, it is removed after 730 days unless they change it; only the address under which you may "
        "correct the profile later stays with the profile, until you tell us to delete it. Links in our mails are "
        "deleted 30 days after they end, and the mails themselves after a year.",
    ),
)


def write(apps, schema_editor):
    """Add the next version if the first one is in force as it was written; staff's own text is staff's to change."""
    first = import_module("catalogue.migrations.0008_privacy_notice").TEXT
    notices = apps.get_model("catalogue", "PrivacyNotice")
    latest = notices.objects.order_by("-in_force_from", "-pk").first()
    if latest is None or latest.text != first:
        return
    text = first
    for old, new in CHANGES:
        text = text.replace(old, new)
    notices.objects.create(version=VERSION, text=text)


class Migration(migrations.Migration):
    """Adds the periods and the notice."""

    dependencies = [
        ('catalogue', '0011_submission_decided_against'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalsubmissionpolicy',
            name='keep_approved_days',
            field=models.PositiveSmallIntegerField(default=730, help_text="Since the decision. The submitter's page ends with it.", verbose_name='keep personal data of approved ones (days)'),
        ),
        migrations.AddField(
            model_name='historicalsubmissionpolicy',
            name='keep_files_days',
            field=models.PositiveSmallIntegerField(default=90, help_text='After the last step of their import: then the file and the contents of its rows are deleted.', verbose_name='keep spreadsheets (days)'),
        ),
        migrations.AddField(
            model_name='historicalsubmissionpolicy',
            name='keep_links_days',
            field=models.PositiveSmallIntegerField(default=30, help_text='Used or too old, with the mails that hold them. As long as they are kept, they offer a new one.', verbose_name='keep links that do not work any more (days)'),
        ),
        migrations.AddField(
            model_name='submissionpolicy',
            name='keep_approved_days',
            field=models.PositiveSmallIntegerField(default=730, help_text="Since the decision. The submitter's page ends with it.", verbose_name='keep personal data of approved ones (days)'),
        ),
        migrations.AddField(
            model_name='submissionpolicy',
            name='keep_files_days',
            field=models.PositiveSmallIntegerField(default=90, help_text='After the last step of their import: then the file and the contents of its rows are deleted.', verbose_name='keep spreadsheets (days)'),
        ),
        migrations.AddField(
            model_name='submissionpolicy',
            name='keep_links_days',
            field=models.PositiveSmallIntegerField(default=30, help_text='Used or too old, with the mails that hold them. As long as they are kept, they offer a new one.', verbose_name='keep links that do not work any more (days)'),
        ),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
