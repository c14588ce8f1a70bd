"""Which parts of two profiles are chosen one by one, and what a choice takes."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.models import Cluster
from catalogue.profile.declaration import ProfileField
from catalogue.profile.fields import FIELDS as PROFILE_FIELDS

KEEP, TAKE = "keep", "take"


@dataclass(frozen=True)
class MergeField:
    """Columns that are chosen together: half of one cluster's and half of the other's would contradict each other.

    ``nothing`` are values of the first column under which the other cluster's is offered first.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    nothing: tuple[object, ...] = ("", None, False)

    def is_empty(self, cluster: Cluster) -> bool:
        """Whether ``cluster`` says nothing here."""
        return getattr(cluster, self.columns[0]) in self.nothing

    def values(self, cluster: Cluster) -> tuple[object, ...]:
        """Return what ``cluster`` says here, for comparing."""
        return tuple(_plain(getattr(cluster, column)) for column in self.columns)

    def differs(self, target: Cluster, source: Cluster) -> bool:
        """Whether there is something to choose."""
        return self.values(target) != self.values(source)

    def default(self, target: Cluster, source: Cluster) -> str:
        """Return the choice that is offered first: the one that says something, and for a date the later one."""
        if self.name == "confirmed_on" and target.confirmed_on and source.confirmed_on:
            return TAKE if source.confirmed_on > target.confirmed_on else KEEP
        return TAKE if self.is_empty(target) and not self.is_empty(source) else KEEP

    def take(self, target: Cluster, source: Cluster) -> None:
        """Write what ``source`` says into ``target``, without saving."""
        for column in self.columns:
            setattr(target, column, getattr(source, column))


def _plain(value: object) -> object:
    return getattr(value, "name", value) or "" if hasattr(value, "storage") else value


#: In the order of the staff's form. Former names, terms, target markets, networks and notes are joined instead;
#: place in the list of loyal clusters and partner follow rules of their own.
_GROUPED: tuple[MergeField, ...] = (
    MergeField("name", "Name", ("name",)),
    MergeField("acronym", "Acronym", ("acronym",)),
    MergeField("founded", "Founded in", ("founded",)),
    MergeField("logo", "Logo", ("logo",)),
    MergeField(
        "place", "Country and place",
        ("precision", "country_id", "region_id", "place", "place_local_name", "latitude", "longitude"),
        ("", Cluster.Precision.COUNTRY),
    ),
    MergeField("summary", "Summary", ("summary",)),
    MergeField("description", "Description", ("description",)),
    MergeField("benefits", "Benefits for members", ("benefits",)),
    MergeField("core_cybersecurity", "Core activity is cybersecurity", ("core_cybersecurity",)),
    MergeField("website", "Website", ("website",)),
    MergeField("email", "Public e-mail", ("email",)),
    MergeField("phone", "Phone", ("phone",)),
    MergeField("contact_email", "E-mail for messages", ("contact_email",)),
    MergeField(
        "members", "Members",
        ("members", "members_qualifier", "members_as_of", "members_sme", "members_large", "members_research",
         "members_public"),
    ),
    MergeField("staff", "Own staff", ("staff",)),
    MergeField(
        "quality_label", "Quality label", ("quality_label", "quality_evidence", "quality_expires_on"), ("none",)
    ),
    MergeField("confirmed_on", "Confirmed on", ("confirmed_on",)),
    MergeField("priority", "Priority", ("is_priority", "priority_reason")),
    MergeField("collaborator", "Collaborator", ("is_collaborator",)),
    MergeField("found", "How it was found", ("found_via", "found_on")),
)  # fmt: skip
_JOINED = frozenset({"former_names"})


def merge_fields(declared: tuple[ProfileField, ...]) -> tuple[MergeField, ...]:
    """Return what is chosen one by one: the groups above, and each declared column that is in none of them."""
    grouped = {column.removesuffix("_id") for field in _GROUPED for column in field.columns}
    alone = (
        MergeField(field.name, field.label, (field.name,), (field.form.nothing, None, False))
        for field in declared
        if field.form and field.is_own_column and field.name not in grouped | _JOINED
    )
    return (*_GROUPED, *alone)


FIELDS = merge_fields(PROFILE_FIELDS)
BY_NAME = {field.name: field for field in FIELDS}
