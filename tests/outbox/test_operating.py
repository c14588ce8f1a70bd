"""What operators meet: checks, the command, tasks, and quiet logs."""

import json
import logging
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bench.sink import Sink
from outbox import allowed, tasks
from outbox.checks import check_allowed, check_kinds
from outbox.kinds import MailKind, mail_kinds
from outbox.models import Message
from portal.log_filters import NoFrequentTasks
from tests.outbox.conftest import post_one


def test_check_warns_when_a_server_is_set_and_nobody_is_allowed(settings: Any) -> None:
    found = []
    for to_files, names in ((True, []), (False, []), (False, ["*"]), (False, ["@a.example", "nonsense"])):
        settings.MAIL_TO_FILES, settings.MAIL_ALLOWED = to_files, names
        found.append([message.id for message in check_allowed()])

    assert found == [[], ["outbox.W001"], [], ["outbox.E001"]]


@pytest.mark.parametrize(
    ("names", "recipient", "may"),
    [
        ([], "a@b.example", False),
        (["*"], "a@b.example", True),
        (["A@B.example"], "a@b.example", True),
        (["@b.example"], "a@b.example", True),
        (["@b.example"], "a@sub.b.example", False),
        (["b.example"], "a@b.example", False),
        (["@"], "a@b.example", False),
        ([""], "a@b.example", False),
    ],
)
def test_who_may_get_mail(settings: Any, names: list[str], recipient: str, may: bool) -> None:
    settings.MAIL_ALLOWED = names

    assert allowed.may_get_mail(recipient) is may


def test_check_names_a_kind_whose_text_is_wrong_or_missing() -> None:
    assert check_kinds() == []
    mail_kinds.register(MailKind("lost", "x", (), "nowhere"))
    mail_kinds.register(MailKind("wrong", "x", (), "try/news"))

    assert [message.msg for message in check_kinds()] == [
        "The mail lost, files: lost: the file nowhere/subject.txt is missing.",
        "The mail wrong, text: {{ name }} is not known here. This kind of mail has: none.",
    ]


@pytest.mark.django_db
def test_command_says_what_became_of_the_mail(settings: Any) -> None:
    output = StringIO()
    call_command("send_test_mail", "anna@partner.example", stdout=output)
    assert "The mail was accepted by the server" in output.getvalue()
    assert output.getvalue().endswith(".eml\n")

    settings.MAIL_TO_FILES = False
    with Sink(lambda phase, to: "550 5.7.1 not here" if phase == "RCPT" else None) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        with pytest.raises(CommandError, match="not sent: MAIL_ALLOWED does not name this address"):
            call_command("send_test_mail", "anna@partner.example")
        settings.MAIL_ALLOWED = ["*"]
        with pytest.raises(CommandError, match=r"refused by the server: 550 5\.7\.1 not here"):
            call_command("send_test_mail", "anna@partner.example")
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("send_test_mail", "nonsense")


@pytest.mark.django_db
def test_tasks_may_run_twice_and_side_by_side() -> None:
    post_one()

    for task in (tasks.send_mail, tasks.send_mail, tasks.sweep_mail, tasks.sweep_mail, tasks.purge_mail):
        task()

    assert Message.objects.get().attempt == 1


@pytest.mark.parametrize(("name", "level", "is_kept"), [
    ("outbox.tasks.send_mail", logging.INFO, False),
    ("outbox.tasks.send_mail", logging.ERROR, True),
    ("catalogue.tasks.delete_unanswered_words", logging.INFO, True),
])  # fmt: skip
def test_tasks_of_every_few_seconds_are_not_logged_unless_they_fail(name: str, level: int, is_kept: bool) -> None:
    record = logging.LogRecord("celery.app.trace", level, "x", 1, "Task", None, None)
    record.data = {"name": name}

    assert NoFrequentTasks().filter(record) is is_kept


def test_settings_refuse_other_ways_of_mail(run_python: Any) -> None:
    for url in ("console:", "memory:", "dummy:"):
        result = run_python("-c", "import portal.settings", EMAIL_URL=url)
        assert "  EMAIL_URL: smtp://" in result.stderr
    code = "import json, portal.settings as s; print(json.dumps([s.MAIL_TO_FILES, s.MAIL_ALLOWED, s.MAIL_PER_MINUTE]))"
    result = run_python("-c", code, EMAIL_URL="smtp://mail.portal.example:25", MAIL_ALLOWED="a@b.example,@c.example")
    assert json.loads(result.stdout) == [False, ["a@b.example", "@c.example"], 600]


def test_development_page_is_not_there_in_production(run_python: Any, started: Path, tmp_path: Path) -> None:
    code = """if True:
        import django; django.setup()
        from django.test import Client
        print(Client(headers={"host": "portal.example"}).get("/outbox/", secure=True).status_code)
    """
    ways = [{}, {"HTTPS": "0", "EMAIL_URL": "smtp://mail.portal.example:25"}, {"HTTPS": "0"}]
    shutil.copytree(started, tmp_path, dirs_exist_ok=True)

    answers = [run_python("-c", code, DJANGO_SETTINGS_MODULE="portal.settings", **way).stdout.strip() for way in ways]

    assert answers == ["404", "404", "200"]
