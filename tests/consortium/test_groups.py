"""The groups of staff: who holds what, and that running the command again changes nothing."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from consortium.groups import GROUPS, StaffGroup, sync_groups
from tests.factories.consortium import UserFactory

pytestmark = pytest.mark.django_db

READERS = {"engagement officer", "evaluator", "read-only"}
EDITORS = {"coordinator", "catalogue editor"}
ALL = READERS | EDITORS | {"reviewer"}

#: permission → exactly the groups that hold it
HOLDERS = [
    ("catalogue.view_cluster", ALL),
    ("catalogue.view_historicalcluster", ALL),
    ("catalogue.add_cluster", EDITORS),
    ("catalogue.change_cluster", EDITORS),
    ("catalogue.publish_cluster", EDITORS | {"reviewer"}),
    ("submissions.view_submission", ALL),
    ("submissions.review_submission", EDITORS | {"reviewer"}),
    ("imports.approve_import", EDITORS),
    ("submissions.change_submission", set()),
    ("submissions.delete_submission", set()),
    ("publicforms.view_linktoken", set()),
    ("duplicates.change_clustermerge", set()),
    ("quality.change_qualityfinding", set()),
    ("workplace.view_nightlyrun", ALL),
    ("workplace.change_nightlyrun", set()),
    ("workplace.delete_nightlyrun", set()),
    ("catalogue.delete_cluster", {"coordinator"}),
    ("catalogue.delete_network", {"coordinator"}),
    ("catalogue.delete_sociallink", EDITORS),
    ("catalogue.change_priorityrule", EDITORS),
    ("catalogue.change_historicalcluster", set()),
    ("catalogue.delete_historicalcluster", set()),
    ("catalogue.change_cataloguechange", set()),
    ("loading.view_sourcerecord", set()),
    ("consortium.view_partner", ALL),
    ("consortium.change_partner", {"coordinator"}),
    ("consortium.change_project", {"coordinator"}),
    ("consortium.change_page", {"coordinator"}),
    ("auth.view_user", {"coordinator"}),
    ("auth.change_user", {"coordinator"}),
    ("auth.add_user", set()),
    ("auth.delete_user", set()),
    ("auth.change_group", set()),
    ("auth.change_permission", set()),
    ("axes.view_accessattempt", {"coordinator"}),
    ("axes.delete_accessattempt", set()),
]


@pytest.mark.parametrize(("permission", "groups"), HOLDERS)
def test_permission_is_held_by_exactly_these_groups(permission: str, groups: set[str]) -> None:
    sync_groups()

    app_label, codename = permission.split(".")
    row = Permission.objects.get(content_type__app_label=app_label, codename=codename)
    assert set(row.group_set.values_list("name", flat=True)) == groups


def test_the_six_groups_are_created_once() -> None:
    first, second = sync_groups(), sync_groups()

    assert {change.name for change in first} == ALL
    assert second == []
    assert set(Group.objects.values_list("name", flat=True)) == ALL


def test_stray_permission_is_removed_and_reported_members_and_other_groups_stay() -> None:
    sync_groups()
    stray = Permission.objects.get(codename="delete_user")
    group = Group.objects.get(name="read-only")
    group.permissions.add(stray)
    person = UserFactory(groups=[group])
    other = Group.objects.create(name="press")
    other.permissions.add(stray)

    changes = sync_groups()

    assert [(change.name, change.granted, change.removed) for change in changes] == [
        ("read-only", [], ["auth.delete_user"])
    ]
    assert list(person.groups.all()) == [group]
    assert list(other.permissions.all()) == [stray]


def test_lost_permission_comes_back() -> None:
    sync_groups()
    lost = Permission.objects.get(codename="publish_cluster")
    Group.objects.get(name="catalogue editor").permissions.remove(lost)

    changes = sync_groups()

    assert [(change.name, change.granted, change.removed) for change in changes] == [
        ("catalogue editor", ["catalogue.publish_cluster"], [])
    ]


def test_permissions_of_an_app_that_comes_later_do_not_matter() -> None:
    changes = sync_groups([StaffGroup("early", "", may=("someday.change_thing", "catalogue.view_term"))])

    assert [change.granted for change in changes] == [["catalogue.view_term"]]


def test_every_pattern_of_an_app_that_is_there_matches_something() -> None:
    labels = {
        f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.select_related("content_type")
    }
    apps = {label.split(".")[0] for label in labels}
    for group in GROUPS:
        for pattern in group.may:
            if pattern.split(".")[0] in apps:
                sync_groups([StaffGroup(f"only {pattern}", "", may=(pattern,))])
                assert Group.objects.get(name=f"only {pattern}").permissions.exists(), pattern


def test_command_prints_what_changed_and_then_that_nothing_did() -> None:
    first, second = StringIO(), StringIO()

    call_command("sync_groups", stdout=first)
    Group.objects.get(name="evaluator").permissions.add(Permission.objects.get(codename="add_user"))
    call_command("sync_groups", stdout=second)
    third = StringIO()
    call_command("sync_groups", stdout=third)

    assert "coordinator: created" in first.getvalue()
    assert "  + catalogue.publish_cluster" in first.getvalue()
    assert second.getvalue().splitlines() == ["evaluator:", "  - auth.add_user (stray, removed)"]
    assert third.getvalue() == "All 6 groups are as defined.\n"
