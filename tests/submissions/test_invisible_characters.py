"""Names in which nothing can be seen are refused by every way in, and marks that deceive the eye are taken out."""

import pytest
from django.core.exceptions import ValidationError

from catalogue.models import Cluster
from catalogue.search.text import tidy
from submissions.fields.choices import Choices
from submissions.fields.form import check_values
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.imports.sheets import checked_rows
from tests.submissions.test_public_api import NEW, Site
from tests.submissions.visitor import FIRST, Visitor, words_of

pytestmark = pytest.mark.django_db
UNSEEN = {
    "zero width": "\u200b\u200c\u200d", "marks of direction": "\u200e\u202e\u2066\u2069", "fillers of Hangul": "\u3164\u115f\uffa0",
    "braille blank": "\u2800", "joined spaces": "\u00a0\u2060\u00a0", "soft hyphen": "\u00ad", "accents alone": "\u0301\u0308",
    "variation": "\ufe0f", "tags": "\U000e0041", "private use": "\ue000", "controls": "\x01\x02",
}  # fmt: skip
MESSAGE = "Name of the cluster: this holds only characters that cannot be seen. Write it in letters."


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_a_name_of_invisible_characters_is_refused(name):
    CountryFactory(code="AT", name="Austria")

    _payload, errors = check_values({"name": name, "country": "AT"}, choices=Choices.load())
    (row,) = checked_rows([["name", "country"], [name, "AT"]])
    with pytest.raises(ValidationError) as refused:
        Cluster(name=name, country_id="AT", slug="x").full_clean()

    assert MESSAGE in errors["name"]
    assert (row.outcome, row.messages["name"]) == ("error", [MESSAGE])
    assert refused.value.message_dict["name"] == [MESSAGE.partition(": ")[2].capitalize().replace("write", "Write")]


def test_the_form_and_the_api_refuse_it_too():
    site, visitor = Site(), Visitor()

    answer = site.send({**NEW, "values": {**NEW["values"], "name": "\u3164"}})
    page = visitor.post("/submit/", {**FIRST, "name": "\u200b\u3164"})

    assert answer.status_code == 400
    assert MESSAGE in str(answer.json())
    assert page.status_code == 422
    assert "only characters that cannot be seen" in words_of(page.content.decode())
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("field", ["acronym", "place", "summary", "description"])
def test_other_texts_say_it_too_and_an_import_empties_nothing_by_it(field):
    cluster = ClusterFactory(country_id=CountryFactory(code="AT").code, slug="alpine", **{field: "Old"})

    (row,) = checked_rows([["slug", "country", field], ["alpine", "AT", "\u200b"]], empty_deletes=True)

    assert row.outcome == "error"
    assert "only characters that cannot be seen" in row.messages[field][0]
    assert getattr(cluster, field) == "Old"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("\u200bAlpine Photonics\ufeff", "Alpine Photonics"), ("\u3164Alpine\u3164", "Alpine"), ("Alpine \u202egnp.exe", "Alpine gnp.exe"),
        ("\u2066Alpine\u2069", "Alpine"), ("می\u200cخواهم", "می\u200cخواهم"), ("Cafe\u0301", "Cafe\u0301"), ("Flag \U0001f3f4\ufe0f", "Flag \U0001f3f4\ufe0f"),
        ("Two\x00 \x07lines\r\nhere", "Two lines\nhere"), ("한국", "한국"), ("★", "★"), ("2020", "2020"),
    ],
)  # fmt: skip
def test_invisible_characters_are_removed_from_a_text(written, kept):
    assert tidy(written) == kept
    assert tidy(kept) == kept
