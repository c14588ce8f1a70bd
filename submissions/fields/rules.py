"""Rules between several fields of a payload, with the field that each message belongs to.

The database holds the same rules as constraints of ``Cluster``; here they can be asked for thousands of rows
without a query. A test keeps the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

from submissions.fields.choices import Choices
from submissions.fields.values import Value

_SPLIT = ("members_sme", "members_large", "members_research", "members_public")


def broken_rules(values: Mapping[str, Value], choices: Choices) -> dict[str, str]:
    """Return a message by field for every rule that ``values`` (all fields of a cluster) break."""
    found: dict[str, str] = {}
    region = choices.regions.get(str(values.get("region") or ""))
    if region and region[1] != values.get("country"):
        home = choices.countries.get(region[1], "")
        found["region"] = f"{region[0]} is a region of {home}. Choose a region of the country above."
    members, qualifier = values.get("members"), values.get("members_qualifier")
    if members is None and qualifier:
        found["members"] = "Give the number of members, or leave open what the number is."
    if members is not None and not qualifier:
        found["members_qualifier"] = "Say what the number of members is: exactly, at least, approximately."
    if isinstance(members, int) and qualifier == "exact":
        parts = sum(int(values.get(name) or 0) for name in _SPLIT)  # type: ignore[arg-type,misc]
        if parts > members:
            found["members"] = (
                f"SMEs, large firms, research and public bodies are {parts:,} together, more than {members:,} members."
            )
    label = values.get("quality_label") or "none"
    if label != "none":
        if not values.get("quality_evidence"):
            found["quality_evidence"] = "A quality label needs its evidence: the address of a page that shows it."
        if not values.get("quality_expires_on"):
            found["quality_expires_on"] = "A quality label needs the date until which it is valid."
    elif values.get("quality_expires_on"):
        found["quality_label"] = "Choose the label that is valid until this date, or leave the date empty."
    place = [values.get(name) not in (None, "") for name in ("latitude", "longitude", "precision")]
    if any(place) and not all(place):
        found["latitude"] = "Latitude, longitude and precision go together: give all three or none."
    return found
