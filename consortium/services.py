"""Write actions of the consortium."""

from collections.abc import Iterable

from django.db import transaction

from consortium.models import Partner, PartnerCountry


def set_partner_countries(*, partner: Partner, codes: Iterable[str]) -> None:
    """Make ``partner`` look after exactly the countries ``codes`` (ISO 3166-1, or EU for pan-European).

    Raises ``ValidationError`` for a code that does not exist; nothing is changed then.
    """
    wanted = {code: PartnerCountry(partner=partner, code=code) for code in codes}
    for row in wanted.values():
        row.clean_fields(exclude=["partner"])
    with transaction.atomic():
        present = set(partner.countries.values_list("code", flat=True))
        partner.countries.exclude(code__in=wanted).delete()
        PartnerCountry.objects.bulk_create([row for code, row in wanted.items() if code not in present])
