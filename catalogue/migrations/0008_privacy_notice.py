"""The first privacy notice of the public form; staff writes later versions."""

from django.db import migrations

TEXT = """\
**What we store.** What you write about the cluster, and about yourself: e-mail address, and if you give them, name and role. When you sent it, when you confirmed your address and when you agreed to this notice. No IP address is stored with it.

**Why.** To check what you send, to write to you about it, and to publish the profile of the cluster.

**What becomes public.** The profile, once a reviewer approved it, with the public e-mail and phone that you give for the cluster. Please give an address of the organisation, not your own. Your name, your role and your own e-mail are never published.

**Who sees it.** The reviewers and coordinators of this project. Nobody else gets it.

**How long.** A form that is not sent or not confirmed is deleted after 14 days. If what you send is not approved, or you take it back, your personal data is removed after the time set by the coordinators, 180 days unless they change it. Of an approved profile, your address is kept so that you can correct the profile later.

**Your choice.** You can take it back at any time before the decision, on the page to which the link in our mail leads. For anything else, also to have your data corrected or deleted, write to the contact address at the foot of this page.
"""


def write(apps, schema_editor):
    """Add the text unless staff wrote one."""
    notices = apps.get_model("catalogue", "PrivacyNotice")
    if not notices.objects.exists():
        notices.objects.create(version="2026-11", text=TEXT)


class Migration(migrations.Migration):
    """Adds the first privacy notice."""

    dependencies = [("catalogue", "0007_imports"), ("catalogue", "0007_upkeep")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
