"""Settings of which there is one row."""

from django.db import IntegrityError, transaction
from django.db.models import Model

from workplace.versions import describe_version

#: The primary key of the only row.
KEY = 1


def ensure_row(model: type[Model]) -> None:
    """Write the only row of ``model`` with its defaults if it is missing; safe to call by two at once.

    Its history names nobody: who opens the page first did not decide what it says.
    """
    if model._base_manager.filter(pk=KEY).exists():
        return
    row = describe_version(model(pk=KEY), reason="The defaults", is_automatic=True)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        pass  # somebody else opened it at the same moment
