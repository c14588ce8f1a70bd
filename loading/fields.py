"""The parts of a record that a load compares and writes, each as a value that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

#: A record's key in its file, such as the slug of a cluster.
Key = str


class Directory:
    """Which object of the database a key of the files means, and the reverse.

    Staff may rename an object's slug; by the record of the earlier load it is found nevertheless.
    """

    def __init__(self) -> None:
        """Start empty; every kind adds its objects when it was loaded."""
        self._objects: dict[tuple[type[Model], Key], Model] = {}
        self._keys: dict[tuple[type[Model], Any], Key] = {}

    def add(self, key: Key, item: Model) -> None:
        """Remember that ``key`` means ``item``."""
        self._objects[type(item), key] = item
        self._keys[type(item), item.pk] = key

    def find(self, model: type[Model], key: Key) -> Any:
        """Return the object that ``key`` means, or ``None`` if staff deleted it."""
        return self._objects.get((model, key))

    def key_of(self, item: Model, fallback: str) -> Key:
        """Return the key of ``item`` in the files, or ``fallback`` for what does not come from there."""
        return self._keys.get((type(item), item.pk), fallback)


@dataclass(frozen=True)
class Field:
    """A plain column.

    ``column`` is its name in the file. Fields of one ``group`` are written together or not at all, since they
    contradict each other when mixed. ``is_late`` fields are written once the row exists.
    """

    name: str
    column: str = ""
    group: str = ""

    is_late = False

    @property
    def heading(self) -> str:
        """The name of the column in the file."""
        return self.column or self.name

    def read(self, item: Any, directory: Directory) -> Any:
        """Return the present value in the form in which files and source records hold it."""
        value = getattr(item, self.name)
        if isinstance(value, Decimal):
            return str(value.quantize(Decimal("0.0001")))
        return value.isoformat() if isinstance(value, date) else value

    def default(self, item: Any, directory: Directory) -> Any:
        """Return the value that a new object of the type of ``item`` has."""
        return self.read(type(item)(), directory)

    def accepts(self, item: Any, present: Any, wanted: Any) -> bool:
        """Return whether a load may go from ``present`` to ``wanted``; asked of late fields only."""
        return True

    def write(self, item: Any, value: Any, directory: Directory) -> None:
        """Give ``item`` the value of the file."""
        setattr(item, self.name, value)


@dataclass(frozen=True)
class Reference(Field):
    """A foreign key, written as the key of the other record; its own code or slug is ``natural``."""

    model: type[Model] = Model
    natural: str = "slug"

    def read(self, item: Any, directory: Directory) -> Any:
        """Return the key of the object referred to, or ``None``."""
        if getattr(item, f"{self.name}_id") is None:
            return None
        other = getattr(item, self.name)
        return directory.key_of(other, getattr(other, self.natural))

    def write(self, item: Any, value: Any, directory: Directory) -> None:
        """Refer to the object that the key means, or to none if staff deleted it."""
        setattr(item, self.name, None if value is None else directory.find(self.model, value))


@dataclass(frozen=True)
class References(Field):
    """A many-to-many relation, written as a sorted list of keys.

    ``only`` limits it to a part of the related objects: the files know nothing of the others and leave
    them alone. ``save`` is the service that stores all related objects at once.
    """

    model: type[Model] = Model
    natural: str = "slug"
    only: Callable[[Any], bool] = lambda item: True
    save: Callable[[Any, list[Any]], None] | None = None

    is_late = True

    def read(self, item: Any, directory: Directory) -> Any:
        """Return the sorted keys of the related objects."""
        return sorted(
            directory.key_of(other, getattr(other, self.natural)) for other in self._related(item) if self.only(other)
        )

    def default(self, item: Any, directory: Directory) -> Any:
        """Return the empty list."""
        return []

    def write(self, item: Any, value: Any, directory: Directory) -> None:
        """Relate ``item`` to what the keys mean, without what staff deleted."""
        found = [other for key in value if (other := directory.find(self.model, key)) is not None]
        wanted = [other for other in self._related(item) if not self.only(other)] + found
        if self.save is not None:
            self.save(item, wanted)
        else:
            getattr(item, self.name).set(wanted)

    def _related(self, item: Any) -> Iterable[Any]:
        related: QuerySet[Any] = getattr(item, self.name).all()
        return related


@dataclass(frozen=True)
class Collected(Field):
    """A value that is not written at once but put into a list, for a service that takes many records."""

    allowed: Callable[[Any, Any, Any], bool] = lambda item, present, wanted: True
    collect: Callable[[Any, Any], None] = lambda item, value: None

    is_late = True

    def accepts(self, item: Any, present: Any, wanted: Any) -> bool:
        """Return what ``allowed`` says."""
        return self.allowed(item, present, wanted)

    def write(self, item: Any, value: Any, directory: Directory) -> None:
        """Put ``item`` into the list."""
        self.collect(item, value)
