"""A first set of reasons for reviewers; staff changes, adds and deletes them."""

from django.db import migrations

REASONS = (
    (
        "reject", "Not a cluster",
        "The catalogue lists organisations that gather firms, research and public bodies of a region and a field. "
        "What you sent is about a single organisation, so we cannot list it.",
    ),
    (
        "reject", "Listed already",
        "This cluster is in the catalogue already. Please open its profile and choose “Correct this profile”: what you "
        "add there comes to us in the same way.",
    ),
    (
        "reject", "No sign of activity",
        "We found no sign that the cluster did anything within the last year. Send it again as soon as you can link "
        "news, an event or a project.",
    ),
    (
        "reject", "Outside Europe",
        "The catalogue covers clusters of the countries of Europe, and this one has its seat elsewhere.",
    ),
    (
        "reject", "Advertising",
        "The text advertises products or services. A profile says who gathers in the cluster, in which field and to "
        "what end.",
    ),
    (
        "refuse", "No evidence",
        "We found nothing that confirms this. Send us a page that shows it, and we take it over.",
    ),
    (
        "refuse", "Website says otherwise",
        "The cluster's own website says something else. If the website is out of date, please tell us so.",
    ),
    (
        "refuse", "Advertising",
        "This reads like advertising. Please describe in plain words what the cluster does and for whom.",
    ),
    (
        "refuse", "Personal data",
        "This names a person or a private address. The profile is public, so please give an address of the "
        "organisation.",
    ),
    (
        "changes", "Summary too short",
        "Please tell in two or three sentences who gathers in the cluster, in which field, and to what end. Visitors "
        "read this first.",
    ),
    (
        "changes", "Members: how many, and when counted",
        "Please give the number of members, say whether it is exact, and when it was counted.",
    ),
    (
        "changes", "Website does not open",
        "The website did not open for us. Please check its address, or give another one.",
    ),
    (
        "changes", "In English, please",
        "Please write this in English: visitors of the catalogue come from many countries.",
    ),
)  # fmt: skip


def add_reasons(apps, schema_editor):
    """Write the reasons that are not there yet."""
    model = apps.get_model("catalogue", "CannedReason")
    for position, (use, title, text) in enumerate(REASONS, start=1):
        model.objects.get_or_create(use=use, title=title, defaults={"text": text, "position": position})


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0009_upkeep")]

    operations = [migrations.RunPython(add_reasons, migrations.RunPython.noop)]
