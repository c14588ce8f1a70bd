"""The body of a partner's request: strict JSON types first, then the rules of the form; and the answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from rest_framework import serializers

from catalogue.api.parts import ClusterReferenceSerializer
from catalogue.models import Cluster
from catalogue.succession import cluster_behind, public_cluster
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, CRITERIA, FIELDS, RECOGNISED, Kind, SubmissionField
from submissions.fields.form import check_values
from submissions.fields.values import Values, changed_names, read_values
from submissions.forms import AddressField
from submissions.models import Submission
from submissions.services.partners import Proposal

Errors = dict[str, list[str]]
KINDS = (Submission.Kind.NEW.value, Submission.Kind.UPDATE.value)
CRITERIA_KEYS = [criterion.key for criterion in (*CRITERIA, RECOGNISED)]
#: The fields that may come: JSON cannot hold a picture.
SPECS = [spec for spec in FIELDS if spec.kind != Kind.LOGO]
_TEXTS = {"message": 2000, "criteria_evidence": 200}
_PERSON = {"name": 120, "role": 120, "email": 254}
_KEYS = ("kind", "cluster", "values", "submitter", "criteria", "criteria_evidence", "message", "consent")


class ProposalWrong(Exception):
    """The body cannot be taken; ``errors`` holds messages by field."""

    def __init__(self, errors: Errors) -> None:
        """Keep the messages."""
        self.errors = errors
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items()))


def read_proposal(body: Any) -> Proposal:
    """Return what ``body`` proposes. Raises :class:`ProposalWrong` with everything that is wrong in it."""
    if not isinstance(body, dict):
        raise ProposalWrong({"body": ["Send one JSON object."]})
    errors: Errors = {name: ["There is no such field."] for name in body if name not in _KEYS}
    kind = body.get("kind")
    if kind not in KINDS:
        errors["kind"] = ["Give “new” or “update”."]
    if body.get("consent") is not True:
        errors["consent"] = ["Must be true: whoever filled in your form agreed to our privacy notice."]
    target = _target(body, kind, errors)
    details, email = _details(body, errors)
    values = body.get("values")
    if not isinstance(values, dict):
        errors["values"] = ["Give an object with values by field name."]
        raise ProposalWrong(errors)
    if kind == Submission.Kind.UPDATE and target is None:
        raise ProposalWrong(errors)
    proposed, base = _values(values, target, errors)
    if kind == Submission.Kind.UPDATE and target and base and not errors and not changed_names(proposed, base):
        errors["values"] = ["Nothing differs from the profile."]
    if errors:
        raise ProposalWrong(errors)
    return Proposal(str(kind), proposed, target, base, email, details)


def _target(body: dict[str, Any], kind: Any, errors: Errors) -> Cluster | None:
    named = body.get("cluster")
    if kind != Submission.Kind.UPDATE:
        if named is not None:
            errors["cluster"] = ["Only an update is about a cluster of the catalogue; leave it out."]
        return None
    if not isinstance(named, str) or not named:
        errors["cluster"] = ["Give the id or the slug of the cluster."]
        return None
    try:
        # An old id or slug leads on, as it does on the pages: partners store what they got once.
        row = Cluster.objects.filter(public_id=UUID(named)).first()
        found = public_cluster(row) if row else None
    except ValueError:
        found = cluster_behind(named) if _is_clean(named) else None
    if found is None:
        errors["cluster"] = ["No cluster of the catalogue has this id or slug."]
    return found


def _details(body: dict[str, Any], errors: Errors) -> tuple[dict[str, Any], str]:
    details: dict[str, Any] = {}
    for name, longest in _TEXTS.items():
        if name in body:
            details[name] = _text(name, body[name], longest, errors)
    if details.get("criteria_evidence"):
        evidence = _checked(forms.URLField(max_length=200), "criteria_evidence", details["criteria_evidence"], errors)
        details["criteria_evidence"] = evidence or ""
    criteria = body.get("criteria", [])
    if not isinstance(criteria, list) or any(key not in CRITERIA_KEYS for key in criteria):
        errors["criteria"] = [f"Give a list of {', '.join(CRITERIA_KEYS)}."]
    else:
        details["criteria"] = dict.fromkeys(criteria, True)
    person = body.get("submitter", {})
    if not isinstance(person, dict):
        errors["submitter"] = ["Give an object with name, role and email."]
        return details, ""
    errors.update({f"submitter.{name}": ["There is no such field."] for name in person if name not in _PERSON})
    texts = {
        name: _text(f"submitter.{name}", person[name], longest, errors)
        for name, longest in _PERSON.items()
        if name in person
    }
    details |= {f"submitter_{name}": text for name, text in texts.items() if name != "email"}
    email = texts.get("email", "")
    return details, str(_checked(AddressField(), "submitter.email", email, errors) or "") if email else ""


def _text(name: str, value: Any, longest: int, errors: Errors) -> str:
    if not isinstance(value, str):
        errors[name] = ["Give a text."]
    elif not _is_clean(value):
        errors[name] = ["The text holds a character that cannot be stored (a null character or half a pair)."]
    elif len(value) > longest:
        errors[name] = [f"At most {longest} characters."]
    else:
        return value.strip()
    return ""


def _checked(field: forms.Field, name: str, value: str, errors: Errors) -> Any:
    try:
        return field.clean(value)
    except forms.ValidationError as error:
        errors[name] = [str(message) for message in error.messages]
        return None


def _values(values: dict[str, Any], target: Cluster | None, errors: Errors) -> tuple[Values, Values | None]:
    typed: dict[str, Any] = {}
    for name, value in values.items():
        spec = BY_NAME.get(name)
        if spec is None:
            errors[f"values.{name}"] = ["There is no such field."]
        elif problem := _type_problem(spec, value):
            errors[f"values.{name}"] = [problem]
        else:
            typed[name] = value
    base = read_values(target) if target else None
    proposed, wrong = check_values(typed, choices=Choices.load(), base=base)
    for name, messages in wrong.items():
        errors.setdefault(f"values.{name}", messages)
    return proposed, base


def _type_problem(spec: SubmissionField, value: Any) -> str:
    """Return what is wrong with the JSON type of a value; empty if nothing is."""
    if spec.kind == Kind.LOGO:
        return "A logo cannot be sent here; the submitter can add it on our form."
    if spec.is_list:
        if not isinstance(value, list) or not all(isinstance(item, str) and _is_clean(item) for item in value):
            return "Give a list of texts."
        return "" if len(set(value)) == len(value) else "Name each only once."
    if spec.kind == Kind.FLAG:
        return "" if isinstance(value, bool) else "Give true or false."
    if spec.kind == Kind.WHOLE:
        is_whole = value is None or (isinstance(value, int) and not isinstance(value, bool))
        return "" if is_whole else "Give a whole number (as a number, not as text), or null."
    if spec.kind == Kind.DECIMAL:
        return (
            ""
            if value is None or (isinstance(value, str) and _is_clean(value))
            else "Give the number as text, such as “2.5”, or null."
        )
    if spec.kind == Kind.DATE:
        return (
            ""
            if value is None or (isinstance(value, str) and _is_clean(value))
            else "Give a date as text, such as “2026-11-21”, or null."
        )
    if not isinstance(value, str):
        return "Give a text."
    return (
        ""
        if _is_clean(value)
        else "The text holds a character that cannot be stored (a null character or half a pair)."
    )


def _is_clean(text: str) -> bool:
    """Return whether a text can be stored: JSON may hold null characters and lone halves of a pair."""
    return all(c != "\0" and not "\ud800" <= c <= "\udfff" for c in text)


# --- Answers, as the OpenAPI description says them -----------------------------------------------------


class SubmissionDecisionSerializer(serializers.Serializer):
    """The decision on one field."""

    field = serializers.CharField()
    decision = serializers.ChoiceField(choices=["accepted", "edited", "refused"])
    reason = serializers.CharField(allow_blank=True)


class SubmissionSerializer(serializers.Serializer):
    """The state of a submission."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["new", "update"])
    status = serializers.ChoiceField(choices=Submission.Status.choices)
    name = serializers.CharField()
    cluster = ClusterReferenceSerializer(allow_null=True, help_text="The public profile; null if there is none.")
    received_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    position = serializers.IntegerField(allow_null=True, help_text="The place in the queue while it waits.")
    usual_days = serializers.IntegerField(allow_null=True, help_text="How many days a review usually takes.")
    asked = serializers.CharField(allow_blank=True, help_text="What a reviewer asks for, if changes are asked.")
    asked_fields = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(allow_blank=True, help_text="What the reviewer wrote with the decision.")
    decisions = SubmissionDecisionSerializer(many=True, help_text="The decision by field, once there is one.")
    url = serializers.URLField(help_text="This answer.")
    page_url = serializers.URLField(help_text="The submitter's own page: give it to nobody else.")
