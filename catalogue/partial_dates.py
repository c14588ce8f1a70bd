"""Dates as exact as they are known: ISO 8601 with a day, a month or only a year, and spans of two of them.

Stored as text ("2019", "2019-06", "2017-05/2021-04"), so that no day is invented; as text they sort by time too.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format

_ONE = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
#: What the database accepts; :func:`validate_partial_date` knows the calendar too.
PARTIAL_DATE = rf"^{_ONE}$"
DATE_OR_SPAN = rf"^{_ONE}(/{_ONE})?$"
_FORMATS = {4: "Y", 7: "F Y", 10: "j F Y"}
_REST = "0000-01-01"
EXAMPLE = "Write a date as YYYY, YYYY-MM or YYYY-MM-DD, such as 2019-06."


def partial_date_text(value: str) -> str:
    """Return a date or span as it is read: "June 2019", and a span with a dash; other text as it is."""
    try:
        return " – ".join(date_format(_first_day(part), _FORMATS[len(part)]) for part in value.split("/"))
    except (ValueError, KeyError):
        return value


def validate_partial_date(value: str) -> None:
    """Raise ``ValidationError`` for anything but one date of the calendar."""
    try:
        known = len(value) in _FORMATS and _first_day(value)
    except ValueError:
        known = None
    if not known:
        raise ValidationError(EXAMPLE, code="partial_date")


def validate_date_or_span(value: str) -> None:
    """Raise ``ValidationError`` for anything but a date or two of them, the first one first."""
    parts = value.split("/")
    for part in parts:
        validate_partial_date(part)
    if len(parts) > 2 or parts != sorted(parts):
        raise ValidationError("Write a span as two dates, the earlier one first: 2017-05/2021-04.", code="span")


def _first_day(value: str) -> date:
    return date.fromisoformat(value + _REST[len(value) :])
