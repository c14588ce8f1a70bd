"""The messages of forms about wrong values: always the name of the field and the remedy, never Django's own texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator


class AtMost:
    """Refuses a text that is too long, and says by how much.

    Browsers get no ``maxlength``: they would cut off what is pasted without a message. Line ends count as one
    character, as they are stored.
    """

    def __init__(self, limit: int, label: str) -> None:
        """Keep how many characters the field ``label`` may have."""
        self.limit, self.label = limit, label

    def __call__(self, value: str) -> None:
        """Raise ValidationError if ``value`` is longer than that."""
        length = len(value.replace("\r\n", "\n"))
        if length > self.limit:
            raise ValidationError(
                f"{self.label}: {length:,} of {self.limit:,} characters. Shorten it by {length - self.limit:,}.",
                code="max_length",
            )


def use_own_messages(field: forms.Field, *, example: str = "") -> forms.Field:
    """Return ``field`` with messages of our own, as far as it has none; they begin with its label.

    A longest text moves from the browser, which would cut it, to ``data-limit``, from which the page counts.
    """
    label = str(field.label)
    if isinstance(field, forms.CharField):
        _limit(field, label)
    for code, text in _texts(field, label, example).items():
        # The field's own texts stay; Django's defaults are replaced.
        if field.error_messages.get(code) in (None, _of_django(field, code)):
            field.error_messages[code] = text
    return field


def _limit(field: forms.CharField, label: str) -> None:
    longest, field.max_length = field.max_length, None
    field.validators = [check for check in field.validators if not isinstance(check, MaxLengthValidator)]
    field.widget.attrs.pop("maxlength", None)
    if longest is not None:
        field.validators.append(AtMost(longest, label))
        field.widget.attrs["data-limit"] = str(longest)


def _of_django(field: forms.Field, code: str) -> Any:
    for kind in type(field).__mro__:
        texts = getattr(kind, "default_error_messages", {})
        if code in texts:
            return texts[code]
    return None


def _texts(field: forms.Field, label: str, example: str) -> dict[str, str]:
    """Return the messages by code."""
    unseen = {
        "null_characters_not_allowed": f"{label}: a character in it cannot be seen. Delete the text and write it again."
    }
    if isinstance(field, forms.EmailField):
        return {
            "invalid": f"{label}: that is no e-mail address. Write it like {example or 'name@cluster.example'}.",
            **unseen,
        }
    if isinstance(field, forms.URLField):
        return {"invalid": f"{label}: give the address of a web page. It begins with https://", **unseen}
    if isinstance(field, forms.CharField):
        return unseen
    if isinstance(field, forms.DateField):
        return {"invalid": f"{label}: give a day as YYYY-MM-DD, such as 2026-09-30."}
    if isinstance(field, forms.IntegerField):
        return {**_numbers(field, label, "a whole number", example or "12"), **_range(field, label)}
    if isinstance(field, forms.FileField):
        return {
            "invalid": f"{label}: the file did not arrive. Choose it once more.",
            "missing": f"{label}: the file did not arrive. Choose it once more.",
            "empty": f"{label}: this file is empty. Choose another one.",
            "max_length": f"{label}: the name of the file has more than %(max)d characters. Give it a shorter one.",
        }
    if isinstance(field, forms.MultipleChoiceField):
        return {"invalid_list": f"{label}: give a list of values."}
    return {}


def _numbers(field: forms.IntegerField, label: str, what: str, example: str) -> dict[str, str]:
    if not isinstance(field, forms.DecimalField):
        return {"invalid": f"{label}: give {what}, such as {example}."}
    return {
        "invalid": f"{label}: give a number, such as {example}.",
        "max_digits": f"{label}: give a number with at most %(max)s digits.",
        "max_decimal_places": f"{label}: give at most %(max)s digits after the point.",
        "max_whole_digits": f"{label}: give at most %(max)s digits before the point.",
    }


def _range(field: forms.Field, label: str) -> dict[str, str]:
    found = {}
    for check in field.validators:
        if isinstance(check, MinValueValidator):
            found["min_value"] = f"{label}: give {check.limit_value:,} or more."
        elif isinstance(check, MaxValueValidator):
            found["max_value"] = f"{label}: give {check.limit_value:,} or less."
    return found


class OwnMessagesForm(forms.Form):
    """A form whose messages are all our own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Make the form."""
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            use_own_messages(field)


def without_label(label: str, text: str) -> str:
    """Return a message without the label that it begins with, for where the label is beside it."""
    rest = text.removeprefix(f"{label}: ")
    return rest[:1].upper() + rest[1:]


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: at the label of its field, with the place to put it right."""

    label: str
    text: str
    anchor: str


def mistakes(*given: forms.Form | None) -> list[Mistake]:
    """Return what is wrong in bound forms, in their order, each sentence once."""
    found = []
    for form in given:
        if form is None:
            continue
        found += [Mistake("", str(text), "") for text in form.non_field_errors()]
        for bound in form:
            anchor = bound.id_for_label or bound.auto_id
            texts = dict.fromkeys(str(text) for text in bound.errors)
            # A colon follows it in the list.
            label = str(bound.label).rstrip(".")
            found += [Mistake(label, without_label(str(bound.label), text), anchor) for text in texts]
    return found
