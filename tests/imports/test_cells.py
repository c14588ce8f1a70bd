"""Single cells: what people write, and what the message says where it cannot be understood."""

from datetime import date, datetime, time

import pytest

from catalogue.models import Region
from imports.exceptions import CellProblem
from imports.rows.cells import read_cell, read_members
from imports.rows.vocabulary import Vocabulary
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from tests.factories.catalogue import CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.django_db


def day(*parts: int) -> datetime:
    """Return a day as Excel's cells hold it: midnight, of no time zone."""
    return datetime.combine(date(*parts), time())


@pytest.fixture
def vocabulary() -> Vocabulary:
    """Return the names of a small catalogue."""
    CountryFactory(code="DE", name="Germany", other_names="Deutschland; Allemagne")
    CountryFactory(code="ES", name="Spain", other_names="España")
    CountryFactory(code="AT", name="Austria")
    RegionFactory(
        country_id="DE", name="Baden-Württemberg", slug="baden-wurttemberg", source_spelling="Baden-Wurtemberg"
    )
    RegionFactory(country_id="ES", name="Castilla y León", slug="castilla-y-leon", other_names="Castile and León")
    for name, slug, others in (
        ("Aerospace & Defence", "aerospace-defence", "aeronautics; defense"),
        ("Health", "health", "eHealth"),
        ("Photonics", "photonics", ""),
    ):
        TermFactory(name=name, slug=slug, other_names=others)
    TermFactory(vocabulary="s3_priority", name="Food, beverage & tobacco products", slug="food-beverage")
    TermFactory(vocabulary="s3_priority", name="Food", slug="food")
    NetworkFactory(name="UK Cyber Security Forum", slug="uk-forum")
    return Vocabulary(Choices.load())


def read(vocabulary, name, raw, country=""):
    return read_cell(BY_NAME[name], raw, vocabulary, country=country)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (500, (500, "")), ("500", (500, "")), (500.0, (500, "")), ("500+", (500, "at_least")), ("500 +", (500, "at_least")),
        (">500", (500, "at_least")), ("at least 500", (500, "at_least")), ("more than 1,000", (1000, "at_least")),
        ("ca. 500", (500, "approximately")), ("ca 500 members", (500, "approximately")), ("~500", (500, "approximately")),
        ("about 1.200", (1200, "approximately")), ("approx. 1 200", (1200, "approximately")), ("1.200", (1200, "")),
        ("1,200", (1200, "")), ("1 200", (1200, "")), ("1\u00a0200", (1200, "")), ("1'200", (1200, "")),
        ("1.200.000", (1200000, "")), ("120,0", (120, "")), ("'+500", (500, "at_least")),
    ],
)  # fmt: skip
def test_members_are_read_with_their_qualifier(raw, expected):
    assert read_members(raw) == expected


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("100-150", "no single number"), ("<50", "no single number"), ("many", "no number"), ("12.5", "no whole number"),
        ("0.500", "no whole number"), ("9" * 50, "no number"), ("1,2,3", "no number"), ("up to 80", "no single number"),
        ("12-Mar", "is a date"), ("Mar-12", "is a date"), ("5. Mai", "is a date"), (day(2019, 3, 12), "is a date"),
        ("12 marbles", "no number"),
    ],
)  # fmt: skip
def test_members_that_cannot_be_read_have_a_message_with_a_remedy(raw, message):
    with pytest.raises(CellProblem, match=message):
        read_members(raw)


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("staff", "2,5", "2.5"), ("staff", 4.50, "4.5"), ("staff", "1.200,5", "1200.5"), ("staff", "1 200", "1200"),
        ("latitude", "48,1374", "48.1374"), ("latitude", 48.13743, "48.1374"), ("longitude", "-0.001", "-0.001"),
        ("longitude", "-0.00001", "0"),
        ("founded", 1997, 1997), ("founded", "1997", 1997), ("founded", "1997.0", 1997), ("founded", day(1997, 5, 1), 1997),
        ("founded", "31.5.1997", 1997),
        ("members_as_of", "2019-05-31", "2019-05-31"), ("members_as_of", day(2019, 5, 31), "2019-05-31"),
        ("members_as_of", date(2019, 5, 31), "2019-05-31"), ("members_as_of", "31.5.2019", "2019-05-31"),
        ("members_as_of", "31/5/2019", "2019-05-31"), ("members_as_of", "5/31/2019", "2019-05-31"),
        ("members_as_of", "05/05/2019", "2019-05-05"), ("members_as_of", "2019-05-31 00:00:00", "2019-05-31"),
        ("core_cybersecurity", "Yes", True), ("core_cybersecurity", "nein", False), ("core_cybersecurity", True, True),
        ("core_cybersecurity", "x", True), ("core_cybersecurity", 0, False), ("core_cybersecurity", "FALSE", False),
        ("country", "de", "DE"), ("country", "Deutschland", "DE"), ("country", "espana", "ES"), ("country", "Germany ", "DE"),
        ("target_markets", "Spain; DE", ["DE", "ES"]), ("target_markets", "Spain, Germany", ["DE", "ES"]),
        ("verticals", "health", ["health"]), ("verticals", "HEALTH | photonics", ["health", "photonics"]),
        ("verticals", "Aerospace and Defence\nHealth", ["aerospace-defence", "health"]),
        ("verticals", "defense, e-health; Photonics", None),
        ("verticals", "Photonics, Health", ["health", "photonics"]), ("verticals", "Health; Health", ["health"]),
        ("s3_priorities", "Food, beverage & tobacco products", ["food-beverage"]),
        ("s3_priorities", "Food, beverage & tobacco products; Food", ["food", "food-beverage"]),
        ("networks", "UK Cyber Security Forum", ["uk-forum"]), ("networks", "uk-forum", ["uk-forum"]),
        ("members_qualifier", "at least", "at_least"), ("members_qualifier", "about", "approximately"),
        ("quality_label", "Gold", "gold"), ("precision", "Town of its office", "seat"),
        ("former_names", "Old One; Older One", "Old One\nOlder One"),
        ("phone", "'+43 1 234567", "+43 1 234567"), ("acronym", "'=CMD", "=CMD"), ("acronym", "'quoted", "'quoted"),
        ("name", "  Alpine\u00a0", "Alpine"), ("summary", "One\r\nTwo", "One\nTwo"),
    ],
)  # fmt: skip
def test_cell_is_read_as_the_value_of_its_field(vocabulary, name, raw, expected):
    if expected is None:
        with pytest.raises(CellProblem):
            read(vocabulary, name, raw)
    else:
        assert read(vocabulary, name, raw) == expected


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("staff", "1.200", "may be 1200 or 1.2"), ("staff", "two", "no number"), ("latitude", "48°", "48.1374"),
        ("founded", "long ago", "four digits"), ("founded", "97", "four digits"),
        ("members_as_of", "4/5/2019", "2019-05-04"), ("members_as_of", "31.2.2019", "no day of the calendar"),
        ("members_as_of", "2019", "2019-12-31"), ("members_as_of", "spring", "no date"), ("members_as_of", "43465", "no date"),
        ("core_cybersecurity", "perhaps", "Write yes or no"),
        ("country", "Germny", "Is it “Germany”"), ("country", "Atlantis", "no country that we know"),
        ("verticals", "Helth", "Is it “Health”"), ("verticals", "Health; Photonic", "Is it “Photonics”"),
        ("quality_label", "Platinum", "bronze, silver, gold"),
        ("summary", "#REF!", "error #REF! of the spreadsheet program"),
    ],
)  # fmt: skip
def test_cell_that_cannot_be_read_has_a_message_with_a_remedy(vocabulary, name, raw, message):
    with pytest.raises(CellProblem) as problem:
        read(vocabulary, name, raw)

    assert message in str(problem.value)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("Baden-Württemberg", "DE", "baden-wurttemberg"), ("baden wurttemberg", "DE", "baden-wurttemberg"),
        ("Baden-Wurtemberg", "DE", "baden-wurttemberg"), ("baden-wurttemberg", "", "baden-wurttemberg"),
        ("Castile and León", "ES", "castilla-y-leon"),
        # It is found, and the rule about region and country says what is wrong.
        ("Castilla y León", "DE", "castilla-y-leon"),
    ],
)  # fmt: skip
def test_region_is_found_by_its_names_within_the_country(vocabulary, text, country, expected):
    assert read(vocabulary, "region", text, country) == expected


def test_unknown_region_has_a_message_with_the_closest_ones(vocabulary):
    with pytest.raises(CellProblem, match="Is it “Baden-Württemberg”"):
        read(vocabulary, "region", "Baden-Würtenberg", "DE")
    with pytest.raises(CellProblem, match="we have none of Austria"):
        read(vocabulary, "region", "Tyrol", "AT")


def test_a_name_that_two_regions_share_is_asked_about(vocabulary):
    for slug in ("one", "two"):
        RegionFactory(country_id="DE", name=f"Region {slug}", slug=slug, other_names="South")
    assert Region.objects.count() == 4

    with pytest.raises(CellProblem, match="“Region one” or “Region two”"):
        read(Vocabulary(Choices.load()), "region", "South", "DE")


@pytest.mark.parametrize(
    ("raw", "found"),
    [("+500", (500, "at_least")), ("500+", (500, "at_least")), ("500 ＋", (500, "at_least")), ("1’200", (1200, ""))],
)
def test_members_as_people_write_them_elsewhere(raw: str, found: tuple[int, str]) -> None:
    assert read_members(raw) == found


@pytest.mark.parametrize("raw", [12.345, 1.5])
def test_a_broken_number_of_a_spreadsheet_is_no_number_of_members(raw: float) -> None:
    with pytest.raises(CellProblem, match="no whole number"):
        read_members(raw)
