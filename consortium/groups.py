"""The groups of staff and what each may do: the one definition, applied by ``manage.py sync_groups``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction


@dataclass(frozen=True)
class StaffGroup:
    """A group with its permissions as patterns ``app.action_model``; ``*`` matches anything.

    A pattern without any permission is passed over: it may be meant for an app that comes later.
    """

    name: str
    purpose: str
    may: tuple[str, ...]


#: The apps of the catalogue and of what changes it.
CATALOGUE = ("catalogue", "duplicates", "submissions", "imports", "quality")
VIEW_CATALOGUE = tuple(f"{app}.view_*" for app in (*CATALOGUE, "workplace"))
#: Merges are written by the portal alone.
EDIT_CATALOGUE = (
    *VIEW_CATALOGUE,
    *(f"{app}.{action}_*" for app in CATALOGUE if app != "duplicates" for action in ("add", "change")),
)
VIEW_ENGAGEMENT = ("engagement.view_*", "scoring.view_*")
VIEW_CONSORTIUM = "consortium.view_*"
VIEW_OUTBOX = "outbox.view_*"

#: Written by services alone: nobody gets these permissions.
WRITTEN_BY_THE_PORTAL = (
    "*.add_historical*", "*.change_historical*", "*.delete_historical*",
    "*.*_oldslug", "*.*_cataloguechange", "*.*_town", "*.*_townname", "*.*_unansweredword", "*.*_sourcerecord", "*.*_linktoken",
    "*.add_submission", "*.change_submission", "*.delete_submission", "*.*_submissionevent",
    "*.add_clustermerge", "*.change_clustermerge", "*.delete_clustermerge",
    "*.add_qualityfinding", "*.change_qualityfinding", "*.delete_qualityfinding", "*.*_websitecheck",
    "*.*_factsource", "*.add_factproposal", "*.delete_factproposal",
    "*.add_nightlyrun", "*.change_nightlyrun", "*.delete_nightlyrun",
    "*.add_freshnessrequest", "*.change_freshnessrequest", "*.delete_freshnessrequest", "*.delete_freshnessplan",
)  # fmt: skip

GROUPS = (
    StaffGroup(
        "coordinator",
        "Runs the project: everything in catalogue and consortium, and the users of the partners.",
        may=(
            *VIEW_CATALOGUE, *(f"{app}.*" for app in CATALOGUE), "consortium.*", "outbox.*", "engagement.*", "scoring.*",
            "auth.view_user", "auth.change_user", "auth.view_group", "axes.view_accessattempt",
        ),
    ),
    StaffGroup(
        "catalogue editor",
        "Keeps the catalogue, publishes and archives clusters; deletes none.",
        may=(
            *EDIT_CATALOGUE, "catalogue.publish_cluster",
            "catalogue.delete_showcaseitem", "catalogue.delete_sociallink", "catalogue.delete_clusterfigure", "submissions.review_submission",
            "imports.approve_import", "submissions.delete_clustereditor", VIEW_CONSORTIUM,
            VIEW_OUTBOX, "outbox.change_wording",
        ),
    ),
    StaffGroup(
        "reviewer",
        "Decides on submissions: what is accepted becomes public.",
        may=(
            *VIEW_CATALOGUE, "submissions.review_submission", "catalogue.publish_cluster",
            "submissions.add_clustereditor", "submissions.change_clustereditor", VIEW_CONSORTIUM,
        ),
    ),
    StaffGroup(
        "engagement officer",
        "Keeps contact with the clusters; reads the catalogue.",
        may=(*VIEW_CATALOGUE, VIEW_CONSORTIUM, VIEW_OUTBOX, "outbox.change_wording", *VIEW_ENGAGEMENT),
    ),
    StaffGroup(
        "evaluator",
        "Scores candidates; reads the catalogue.",
        may=(*VIEW_CATALOGUE, VIEW_CONSORTIUM, *VIEW_ENGAGEMENT),
    ),
    StaffGroup(
        "read-only",
        "Sees everything in catalogue, consortium and outbox, changes nothing.",
        may=(*VIEW_CATALOGUE, VIEW_CONSORTIUM, VIEW_OUTBOX, *VIEW_ENGAGEMENT),
    ),
)  # fmt: skip


@dataclass
class GroupChange:
    """What :func:`sync_groups` did to one group."""

    name: str
    is_new: bool = False
    granted: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.is_new or bool(self.granted) or bool(self.removed)


def sync_groups(groups: Iterable[StaffGroup] = GROUPS) -> list[GroupChange]:
    """Make the groups of staff hold exactly their permissions, and return what changed.

    Safe to run again. Other groups and the members of all groups stay as they are.
    """
    changes = []
    with transaction.atomic():
        by_label = {_label(row): row for row in Permission.objects.select_related("content_type")}
        for definition in groups:
            group, is_new = Group.objects.get_or_create(name=definition.name)
            wanted = set(_matching(by_label, definition))
            held = {_label(row) for row in group.permissions.select_related("content_type")}
            change = GroupChange(definition.name, is_new, sorted(wanted - held), sorted(held - wanted))
            if change:
                group.permissions.set([by_label[label] for label in wanted])
                changes.append(change)
    return changes


def _matching(labels: Iterable[str], definition: StaffGroup) -> Iterator[str]:
    return (label for label in labels if _fits(label, definition.may) and not _fits(label, WRITTEN_BY_THE_PORTAL))


def _fits(label: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(label, pattern) for pattern in patterns)


def _label(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
