"""Partners and people who work here, in the search over everything."""

from __future__ import annotations

from typing import Any

from workplace.search import list_source


def _remark(user: Any) -> str:
    partners = ", ".join(str(partner) for partner in user.partners.all())
    name = user.get_full_name()
    return " · ".join(part for part in (name, user.email, partners, "" if user.is_active else "inactive") if part)


PARTNERS = list_source(
    "partners", "Partners", "consortium.Partner", exact=("short_name", "name", "sender_email"),
    finds_by="name, or name and e-mail of their people", remark=lambda partner: partner.name, order=50,
)  # fmt: skip
PEOPLE = list_source(
    "users", "Staff", "auth.User", exact=("username", "email", "last_name"), finds_by="name, user name, e-mail",
    remark=_remark, order=60,
)  # fmt: skip
