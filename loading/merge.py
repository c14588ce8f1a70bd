"""Bringing the records of one file into the database without touching what staff changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from loading.fields import Directory, Field, Reference
from loading.models import SourceRecord
from loading.registry import Entry, Kind
from loading.report import Difference, Report

NOTHING: tuple[Any, ...] = ("", None, [])


def merge(
    kind: Kind, entries: Sequence[Entry], directory: Directory, report: Report, tick: Callable[[], None]
) -> list[Any]:
    """Load ``entries`` of ``kind`` and return the primary keys of rows that were there and changed.

    The caller holds the transaction. ``tick`` is called after each record. Raises ``LoadError`` if a
    record is refused.
    """
    report.start(kind.label)
    sources = {source.key: source for source in SourceRecord.objects.filter(model=kind.source_label)}
    strangers = kind.by_key([entry.key for entry in entries if entry.key not in sources])
    wanted = {source.object_id for source in sources.values()} | {str(pk) for pk in strangers.values()}
    # Locked, so that nothing that staff saves in this moment is overwritten unnoticed. Rows that refer to them can be
    # saved all the same: those who save them may hold what is loaded next.
    stored = kind.rows().filter(pk__in=wanted).select_for_update(of=("self",), no_key=True)
    objects = {str(item.pk): item for item in stored}
    for key, known in sources.items():
        if known.object_id in objects:
            directory.add(key, objects[known.object_id])

    changed: list[Any] = []
    new_sources = []
    for entry in entries:
        source = sources.get(entry.key)
        item = objects.get(source.object_id if source else str(strangers.get(entry.key)))
        if item is None and (source or _lacks_reference(kind, entry, directory)):
            report.count(kind.label, "deleted")
            report.deleted.append(f"{kind.label} {entry.key}")
        elif item is None:
            item, written = _create(kind, entry, directory), set(entry.values)
            _loaded(kind, entry, item, written, [])
            new_sources.append(_source(kind, entry, item, entry.values))
            report.count(kind.label, "created")
        else:
            directory.add(entry.key, item)
            values, written, differences = _update(kind, entry, item, source, directory)
            _loaded(kind, entry, item, written, differences)
            if source is None:
                new_sources.append(_source(kind, entry, item, values))
            elif source.values != values:
                source.values = values
                source.save(update_fields=["values", "loaded_at"])
            if written:
                changed.append(item.pk)
            report.differences += differences
            report.count(kind.label, "updated" if written else "kept" if differences else "unchanged")
        tick()
    SourceRecord.objects.bulk_create(new_sources)
    in_file = {entry.key for entry in entries}
    vanished = [key for key, known in sources.items() if key not in in_file and known.object_id in objects]
    report.vanished += [f"{kind.label} {key}" for key in sorted(vanished)]
    return changed


def _source(kind: Kind, entry: Entry, item: Model, values: dict[str, Any]) -> SourceRecord:
    return SourceRecord(model=kind.source_label, key=entry.key, object_id=str(item.pk), values=values)


def _create(kind: Kind, entry: Entry, directory: Directory) -> Any:
    item = kind.model(**entry.identity)
    for part in kind.fields:
        if not part.is_late:
            part.write(item, entry.values[part.name], directory)
    _save(item, kind, entry)
    directory.add(entry.key, item)
    for part in kind.fields:
        if part.is_late and entry.values[part.name] != part.default(item, directory):
            part.write(item, entry.values[part.name], directory)
    return item


def _loaded(kind: Kind, entry: Entry, item: Any, written: set[str], differences: list[Difference]) -> None:
    if kind.loaded is not None:
        differing = {found.field for found in differences}
        kind.loaded(item, entry, {part.name for part in kind.fields if part.heading not in differing}, written)


def _lacks_reference(kind: Kind, entry: Entry, directory: Directory) -> bool:
    """Return whether staff deleted an object without which the record of ``entry`` cannot be."""
    return any(
        directory.find(part.model, entry.values[part.name]) is None
        for part in kind.fields
        if isinstance(part, Reference) and not kind.model._meta.get_field(part.name).null
    )


def _update(
    kind: Kind, entry: Entry, item: Any, source: SourceRecord | None, directory: Directory
) -> tuple[dict[str, Any], set[str], list[Difference]]:
    """Write what staff left alone.

    Return the values to store, the names of the fields that were written, and what differs.
    """
    values: dict[str, Any] = dict(source.values) if source else {}
    to_write, differences = [], []
    for _name, members in groupby(kind.fields, key=lambda part: part.group or part.name):
        group = list(members)
        present = {part.name: part.read(item, directory) for part in group}
        is_staffs = any(_is_staffs(part, present[part.name], entry, source, item, directory) for part in group)
        for part in group:
            here, there = present[part.name], entry.values[part.name]
            if here == there:
                values[part.name] = there
            elif is_staffs:
                # For a record that was made by hand: from now on as if loaded once and then changed.
                values.setdefault(part.name, there)
                differences.append(Difference(f"{kind.label} {entry.key}", part.heading, here, there))
            else:
                to_write.append((part, here, there))

    early = [change for change in to_write if not change[0].is_late]
    for part, _here, there in early:
        part.write(item, there, directory)
        values[part.name] = there
    if early:
        _save(item, kind, entry)
    written = {part.name for part, _here, _there in early}
    for part, here, there in to_write:
        if part.is_late and part.accepts(item, here, there):
            part.write(item, there, directory)
            values[part.name] = there
            written.add(part.name)
        elif part.is_late:
            differences.append(Difference(f"{kind.label} {entry.key}", part.heading, here, there))
    return values, written, differences


def _is_staffs(
    part: Field, present: Any, entry: Entry, source: SourceRecord | None, item: Any, directory: Directory
) -> bool:
    """Return whether the present value was put there by somebody else than an earlier load."""
    if source is not None and part.name in source.values:
        return present != source.values[part.name]
    if present == entry.values[part.name]:
        return False
    if source is not None:  # the files have got a new column since the last load
        return present != part.default(item, directory)
    return present not in NOTHING


def _save(item: Any, kind: Kind, entry: Entry) -> None:
    """Check and store ``item``; raises ``LoadError`` that names the column that is refused."""
    hidden = [column.name for column in item._meta.fields if not column.editable]
    # What workplace.versions does: leaf apps do not import each other.
    item._change_reason = f"Loaded from {entry.row.file}"
    try:
        # The database checks the constraints anyway. Asking it beforehand costs a query for each of
        # them, so that is done only for the message, when it has refused.
        item.full_clean(exclude=hidden, validate_constraints=False)
    except ValidationError as error:
        _refuse(kind, entry, error)
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError as error:
        try:
            item.validate_constraints()
        except ValidationError as reasons:
            _refuse(kind, entry, reasons)
        raise entry.row.error("", f"the database refuses it: {error}.") from error


def _refuse(kind: Kind, entry: Entry, error: ValidationError) -> None:
    """Raise ``LoadError`` for the first thing that ``error`` finds wrong."""
    columns = {part.name: part.heading for part in kind.fields}
    for name, found in error.error_dict.items():
        column = "" if name == NON_FIELD_ERRORS else columns.get(name, name)
        messages = " ".join(message for problem in found for message in problem.messages)
        remedy = "Correct the file, or the record in the admin that conflicts with it."
        raise entry.row.error(column, messages, remedy) from error
