"""Staff's own texts: safe to write, checked at save, shown before they are used, never lost."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from outbox.kinds import MailKind, Placeholder, mail_kinds
from outbox.models import Message, Wording
from outbox.rendering import MailNotRenderable, Source, default_source, mistakes_in, render
from outbox.services.wordings import WordingChangedMeanwhile, back_to_default, change
from tests.factories.consortium import UserFactory, sign_in
from tests.mail import sent_mails
from tests.outbox.conftest import CONFIRM, SECRET, post_one

pytestmark = pytest.mark.django_db

EDIT = "/admin/outbox/wording/kind/try_confirm/"
TEXT = "Hello {{ name }},\n\n{{ link }}\n"


def save(client: Any, **changes: str) -> Any:
    """Save a text as the page does."""
    return client.post(
        EDIT, {"subject": "Hi {{ name }}", "text": TEXT, "html": "", "version": "default", "do": "save", **changes}
    )


def test_own_text_is_sent_with_html_made_from_it() -> None:
    client = sign_in("catalogue editor")

    assert save(client).status_code == 302
    post_one(values={"name": "Anna & <b>Bert</b>", "note": "", "link": f"{SECRET}?a=1&b=2"})

    (mail,) = sent_mails()
    assert mail.subject == "Hi Anna & <b>Bert</b>"
    assert mail.text == f"Hello Anna & <b>Bert</b>,\n\n{SECRET}?a=1&b=2\n"
    assert "<p>Hello Anna &amp; &lt;b&gt;Bert&lt;/b&gt;,</p>" in mail.html
    assert f'<a href="{SECRET}?a=1&amp;b=2">' in mail.html
    assert "own text" in client.get(reverse("admin:outbox_wording_changelist")).content.decode()


MISTAKES = [
    ("text", "Hello {{ nmae }} {{ link }}", "{{ nmae }} is not known here. This kind of mail has: {{ link }}, {{ name }}, {{ note }}."),
    ("text", "Hello {{ name }}", "{{ link }} is missing: without it the mail is of no use to its reader."),
    ("text", "{% if link %}Go!{% endif %}", "{{ link }} is missing"),
    ("text", "", "This field is required."),
    ("subject", "{{ link }}", "{{ link }} is secret and must not be in a subject"),
    ("subject", "{{ name", "Line 1: {{ has no counterpart."),
    ("html", "<p>{{ name }}</p>", "{{ link }} is missing"),
    ("text", "{{ link }}\n{% include 'x' %}", "Line 2: {% include &#x27;x&#x27; %} is not known."),
    ("text", "{{ link }}{% load static %}", "is not known"),
    ("text", "{{ link }}{% debug %}", "is not known"),
    ("text", "{{ link }}{{ name.password }}", "“name.password” is no placeholder"),
    ("text", "{{ link }}{{ name|safe }}", "“name|safe” is no placeholder"),
    ("text", "{{ link }}{{ link.__class__ }}", "is no placeholder"),
    ("text", "{{ link }}{% if name %}x", "{% if name %} has no {% endif %}."),
    ("text", "{{ link }}\n\n{% endif %}", "Line 3: {% endif %} has no {% if … %} before it."),
    ("text", "{{ link }}{% if name %}a{% else %}b{% else %}c{% endif %}", "{% else %} has no"),
    ("text", "{{ link }}{% if name and note %}x{% endif %}", "is not known"),
    ("subject", "{% if note %}{{ name }}{% endif %}", "Where {{ note }} is empty, the subject is empty."),
    ("subject", "{{ note }}", "Where {{ note }} is empty, the subject is empty."),
    ("subject", "{% if not name %}x{% endif %}", "Where every value is given, the subject is empty."),
    ("text", "Hello {% if note %}{{ link }}{% endif %}", "Where {{ note }} is empty, {{ link }} is missing"),
    ("text", "Hello {% if not note %}{{ link }}{% endif %}", "Where every value is given, {{ link }} is missing"),
    ("text", "{% if note %}{{ link }}{% endif %}", "Where {{ note }} is empty, the text is empty."),
    ("html", "<p>Hello {% if note %}{{ link }}{% endif %}</p>", "Where {{ note }} is empty, {{ link }} is missing"),
    ("html", "<!-- {{ link }} --><p>Hello</p>", "Where every value is given, {{ link }} is missing"),
    ("html", "<p>{% if note %}{{ link }}{% endif %}</p>", "Where {{ note }} is empty, the html is empty."),
    ("text", "{{ link }}" + "{% if name %}" * 25 + "{% endif %}" * 25, "too many conditions"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "text", "message"), MISTAKES, ids=[row[1][:30] for row in MISTAKES])
def test_mistake_is_shown_beside_its_field_and_nothing_is_saved(part: str, text: str, message: str) -> None:
    response = save(sign_in("catalogue editor"), **{part: text})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [part]
    assert message in response.context["form"].errors[part].as_text() or message in response.content.decode()
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("a {{ name }} b", {"name": "X"}, "a X b\n"),
        ("{% if note %}has{% else %}lacks{% endif %}", {"note": " "}, "lacks\n"),
        ("{% if not note %}lacks{% endif %}{% if name %}{% if note %}both{% endif %}one{% endif %}", {"note": "", "name": "x"}, "lacksone\n"),
        ("a\n{% if note %}\nb\n{% endif %}\nc", {"note": ""}, "a\nc\n"),
        ("a\n{% if note %}\nb\n{% endif %}\nc", {"note": "1"}, "a\nb\nc\n"),
        ("a {# hidden {{ name }} #}b", {}, "a b\n"),
        ("{{ name }}", {"name": "{{ note }}{% if x %}"}, "{{ note }}{% if x %}\n"),
        ("{% if note %}a{% else %}b{% endif %}\nc", {"note": "1"}, "a\nc\n"),
        ("{% if name %}{{ name }}{% endif %}\nc", {"name": "X"}, "X\nc\n"),
    ],
)  # fmt: skip
def test_language(text: str, values: dict[str, str], shown: str) -> None:
    full = {"name": "", "note": "", "link": "", **values}

    assert render(CONFIRM, full, Source("s", text, "")).text == shown


def test_html_of_staff_is_cleaned_and_values_cannot_bring_tags_in() -> None:
    own = Source(
        "s", TEXT,
        '<script>alert(1)</script><p onclick="x()">{{ name }} <a href="javascript:x()">a</a> '
        '<a href="{{ link }}">b</a><img src=x onerror=y></p>', is_of_staff=True,
    )  # fmt: skip

    html = render(CONFIRM, {"name": "<script>1</script>", "note": "", "link": SECRET}, own).html

    assert "<script" not in html
    assert "onclick" not in html
    assert "onerror" not in html
    assert "javascript" not in html
    assert "&lt;script&gt;1&lt;/script&gt;" in html
    assert 'href="\ue000link\ue001"' in html


def test_plain_value_cannot_ask_for_a_secret() -> None:
    post_one(values={"name": "\ue000link\ue001", "note": "", "link": SECRET})

    (mail,) = sent_mails()

    assert mail.text.count("s3cr3t") == 1
    assert "Dear link," in mail.text


def test_preview_shows_what_was_typed_without_saving_it() -> None:
    client = sign_in("catalogue editor")
    typed = {"subject": "New {{ name }}", "text": TEXT, "html": "<p>Own {{ name }} <a href='{{ link }}'>go</a></p>"}

    page = client.post(f"{EDIT}preview/", typed)
    wrong = client.post(f"{EDIT}preview/", {**typed, "text": "{{ oops }}"}).content.decode()
    stored = client.get(f"{EDIT}preview/").content.decode()

    shown = page.content.decode()
    assert "New Anna Sample" in shown
    assert "Own Anna Sample" in shown
    assert "https://portal.example/confirm/sample/" in shown
    assert "sandbox" in page["Content-Security-Policy"]
    assert "{{ oops }} is not known" in wrong
    assert "Please confirm, Anna Sample" in stored
    assert not Wording.objects.exists()


def test_test_mail_goes_to_oneself_and_is_marked() -> None:
    client = sign_in("catalogue editor")

    response = save(client, do="test", subject="Try {{ name }}")

    assert (
        "on its way to catalogue editor@partner.example" in response.content.decode()
        or "no usable" in response.content.decode()
    )
    get_user_model().objects.update(email="me@partner.example")
    response = save(client, do="test", subject="Try {{ name }}")
    assert "on its way to me@partner.example" in response.content.decode()
    (mail,) = sent_mails()
    assert (mail.to, mail.subject) == ("me@partner.example", "[Test] Try Anna Sample")
    assert "https://portal.example/confirm/sample/" in mail.text
    assert not Wording.objects.exists()


def test_back_to_default_keeps_the_history_and_saving_the_default_makes_no_row() -> None:
    client = sign_in("catalogue editor")
    save(client)
    save(client, subject="Second", version=Wording.objects.get().updated_at.isoformat())

    client.post(EDIT, {"do": "default", "version": Wording.objects.get().updated_at.isoformat()})

    assert not Wording.objects.exists()
    page = client.get(EDIT).content.decode()
    assert page.count("changed by catalogue editor") == 2
    assert "back to the default by catalogue editor" in page
    default = default_source(CONFIRM)
    save(client, subject=default.subject, text=default.text, html=default.html)
    assert not Wording.objects.exists()


def test_two_people_at_once_do_not_overwrite_each_other() -> None:
    person = UserFactory()
    text = {"kind": CONFIRM, "text": TEXT, "html": "", "user": person}
    change(subject="first", version="default", **text)

    with pytest.raises(WordingChangedMeanwhile):
        change(subject="second", version="default", **text)

    with pytest.raises(WordingChangedMeanwhile):
        back_to_default(kind=CONFIRM, user=person, version="default")
    default = default_source(CONFIRM)
    with pytest.raises(WordingChangedMeanwhile):
        change(**{**text, "text": default.text, "html": default.html}, subject=default.subject, version="default")
    assert Wording.objects.get().subject == "first"


def test_what_was_typed_stays_when_somebody_else_was_faster_and_can_be_saved_then() -> None:
    client = sign_in("catalogue editor")
    save(client, subject="Theirs")

    page = save(client, subject="Mine")

    assert "Somebody else changed the text" in page.content.decode()
    assert 'value="Mine"' in page.content.decode()
    save(client, subject="Mine", version=page.context["form"]["version"].value())
    assert Wording.objects.get().subject == "Mine"


def test_wording_that_fits_no_longer_does_not_stop_mail(caplog: pytest.LogCaptureFixture) -> None:
    Wording.objects.create(kind="try_confirm", subject="x", body_text="{{ gone }} {{ link }}")

    post_one()

    assert Message.objects.get().subject == "Please confirm, Anna"
    assert "cannot be used, its default is sent" in caplog.text
    page = sign_in("read-only").get(reverse("admin:outbox_wording_changelist")).content.decode()
    assert "own text not usable, default is sent" in page


def test_text_that_gives_nothing_with_the_values_of_one_mail_does_not_stop_it(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever staff saved before texts were tried with empty values, or with values that nobody thought of."""
    Wording.objects.create(kind="try_confirm", subject="{% if note %}{{ name }}{% endif %}", body_text=TEXT)
    Wording.objects.create(kind="try_news", subject="{{ name }}", body_text="{{ name }}")

    post_one()
    post_one("b", kind="try_news", values={"name": "\u200b"})

    assert list(Message.objects.order_by("id").values_list("subject", flat=True)) == ["Please confirm, Anna", "News"]
    assert "The wording of try_confirm cannot be used, its default is sent: Where {{ note }} is empty" in caplog.text
    assert "The wording of try_news cannot be used for this mail, its default is sent." in caplog.text
    assert SECRET not in caplog.text


def test_cases_of_many_values_that_may_be_empty() -> None:
    names = "abcdefgh"
    kind = MailKind("many", "x", tuple(Placeholder(name, "x", name, is_optional=True) for name in names), "try/news")
    own = Source("s", "".join(f"{{% if {name} %}}{name}{{% endif %}}" for name in names), "", is_of_staff=True)

    (mistake,) = mistakes_in(kind, own).values()

    assert mistake == "Where " + " and ".join(f"{{{{ {name} }}}}" for name in names) + " are empty, the text is empty."
    assert mistakes_in(kind, Source("s", f"{own.text}x", "", is_of_staff=True)) == {}


def test_every_default_could_be_saved_by_staff() -> None:
    for kind in mail_kinds:
        default = default_source(kind)
        own = Source(default.subject, default.text, default.html, is_of_staff=True)
        assert mistakes_in(kind, own) == {}, kind.name


def test_kind_without_files_or_with_a_wrong_one_is_named() -> None:
    lost = MailKind("lost", "x", (Placeholder("a", "b", "c"),), "nowhere")

    with pytest.raises(MailNotRenderable, match=r"lost: the file nowhere/subject.txt is missing"):
        default_source(lost)
    assert mistakes_in(CONFIRM, Source("s", "{{ other }}", "")) == {
        "text": "{{ other }} is not known here. This kind of mail has: {{ link }}, {{ name }}, {{ note }}."
    }
