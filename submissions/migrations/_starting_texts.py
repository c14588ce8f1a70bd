"""The first privacy notice and the first reasons for reviewers; staff changes, adds and deletes them."""

NOTICE_VERSION = "2026-11"
NOTICE = """\
**What we store.** What you write about the cluster, and about yourself: e-mail address, and if you give them, name and role. When you sent it, when you confirmed your address and when you agreed to this notice. No IP address is stored with it.

**Why.** To check what you send, to write to you about it, and to publish the profile of the cluster.

**What becomes public.** The profile, once a reviewer approved it, with the public e-mail and phone that you give for the cluster. Please give an address of the organisation, not your own. Your name, your role and your own e-mail are never published.

**Who sees it.** The reviewers and coordinators of this project. Nobody else gets it.

**How long.** A form that is not sent or not confirmed is deleted after 14 days. If somebody used your address and you say so, it is deleted from it at once. If what you send is not approved, or you take it back, your personal data is removed after the time set by the coordinators, 180 days unless they change it. Of what is approved, it is removed after 730 days unless they change it; only the address under which you may correct the profile later stays with the profile, until you tell us to delete it. Links in our mails are deleted 30 days after they end, and the mails themselves after a year.

**Your choice.** You can take it back at any time before the decision, on the page to which the link in our mail leads. For anything else, also to have your data corrected or deleted, write to the contact address at the foot of this page.
"""

#: Use, title and text.
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


def write(apps, schema_editor):
    """Write the notice and the reasons that are not there yet."""
    apps.get_model("submissions", "PrivacyNotice").objects.get_or_create(
        version=NOTICE_VERSION, defaults={"text": NOTICE}
    )
    model = apps.get_model("submissions", "CannedReason")
    for position, (use, title, words) in enumerate(REASONS, start=1):
        model.objects.get_or_create(use=use, title=title, defaults={"text": words, "position": position})
