"""The data files of the consortium: partners, plain pages, the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from consortium.models import Page, Partner, Project, validate_country_code
from consortium.services import set_partner_countries
from loading.fields import Field
from loading.files import LoadError, Row, read_csv, read_settings, read_text
from loading.registry import Entry, Kind, Source, add_entry, primary_keys_by, register

PAGES = ("about", "accessibility", "privacy", "terms")
SETTINGS = ("name", "acronym", "tagline", "grant_number", "start_month", "contact_email")


def register_loading() -> None:
    """Make the kinds of the consortium known; safe to repeat."""
    register("partners", partner_kind)
    register("pages", page_kind)
    register("project", project_kind)


@dataclass(frozen=True)
class CountryCodes(Field):
    """The countries that a partner looks after: rows of their own with an ISO code."""

    is_late = True

    def read(self, item: Any, directory: Any) -> Any:
        """Return the sorted codes."""
        return sorted(country.code for country in item.countries.all())

    def default(self, item: Any, directory: Any) -> Any:
        """Return the empty list."""
        return []

    def write(self, item: Any, value: Any, directory: Any) -> None:
        """Store exactly these codes."""
        set_partner_countries(partner=item, codes=value)


def partner_kind() -> Kind:
    """Return how partners are loaded."""
    fields = [
        Field("role"),
        Field("activities"),
        Field("is_coordinator"),
        Field("sender_name"),
        Field("sender_email"),
        CountryCodes("countries"),
    ]
    rows = lambda: Partner.objects.prefetch_related("countries")  # noqa: E731
    return Kind("partners", Partner, fields, rows, primary_keys_by(Partner, "short_name"), _partners)


def page_kind() -> Kind:
    """Return how the plain pages are loaded."""
    fields = [Field("title"), Field("body")]
    read = lambda source: [_page(source.folder, slug) for slug in PAGES]  # noqa: E731
    return Kind("pages", Page, fields, Page.objects.all, primary_keys_by(Page, "slug"), read)


def project_kind() -> Kind:
    """Return how the project's settings are loaded: one record with the key "1"."""
    by_key = lambda keys: {key: 1 for key in keys if Project.objects.filter(pk=1).exists()}  # noqa: E731
    return Kind("project", Project, [Field(name) for name in SETTINGS], Project.objects.all, by_key, _project)


def _partners(source: Source) -> list[Entry]:
    """Read the partners. Their column cluster is for the catalogue: the cluster that a partner is itself."""
    columns = [
        "short_name", "role", "activities", "is_coordinator", "cluster", "sender_name", "sender_email", "countries",
    ]  # fmt: skip
    entries: list[Entry] = []
    for row in read_csv(source.folder, "partners.csv", columns):
        name = row.text("short_name", required=True)
        for code in row.items("countries"):
            try:
                validate_country_code(code)
            except ValidationError as error:
                raise row.error("countries", error.messages[0], "Write two capital letters, such as PT.") from error
        values = {
            "role": row.text("role"),
            "activities": "\n".join(row.items("activities")),
            "is_coordinator": row.flag("is_coordinator"),
            "sender_name": row.text("sender_name"),
            "sender_email": row.text("sender_email"),
            "countries": sorted(row.items("countries")),
        }
        add_entry(entries, Entry(name, row, {"short_name": name}, values), "short_name")
    return entries


def _page(folder: Path, slug: str) -> Entry:
    """Return a page: its first line is "# Title", the rest is the text."""
    name = f"pages/{slug}.md"
    first, _newline, body = read_text(folder, name).partition("\n")
    title = first.removeprefix("# ").strip()
    if not first.startswith("# ") or not title:
        raise LoadError(name, "has no title.", line=1, remedy="Begin the first line with “# ” and the title.")
    if not body.strip():
        raise LoadError(name, "has no text below its title.", line=2, remedy="Write the text there.")
    row = Row(name, 1, {"title": title, "body": body})
    return Entry(slug, row, {"slug": slug}, {"title": title, "body": body.strip() + "\n"})


def _project(source: Source) -> list[Entry]:
    row = read_settings(source.folder, "project.json", SETTINGS)
    values: dict[str, str | None] = {column: row.text(column) for column in SETTINGS}
    return [Entry("1", row, {"pk": 1}, values | {"start_month": values["start_month"] or None})]
