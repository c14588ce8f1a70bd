"""The shape of a submission's body, for the OpenAPI description; made from the one list of fields."""

from __future__ import annotations

from typing import Any

from catalogue.models import Cluster
from submissions.api.serializers import CRITERIA_KEYS, KINDS, SPECS
from submissions.fields.definitions import Kind, SubmissionField
from submissions.fields.form import MAX_LONG, MAX_NUMBER

Schema = dict[str, Any]


def _shape(spec: SubmissionField) -> Schema:
    if spec.is_list:
        return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    if spec.kind == Kind.FLAG:
        return {"type": "boolean"}
    if spec.kind == Kind.WHOLE:
        limits = {"minimum": 1800} if spec.name == "founded" else {"minimum": 0, "maximum": MAX_NUMBER}
        return {"type": ["integer", "null"], **limits}
    if spec.kind == Kind.DECIMAL:
        return {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    if spec.kind == Kind.DATE:
        return {"type": ["string", "null"], "format": "date"}
    if spec.kind == Kind.CHOICE:
        column: Any = Cluster._meta.get_field(spec.name)
        return {
            "type": "string",
            "enum": [*([] if spec.nothing else [""]), *(value for value, _label in column.choices)],
        }
    if spec.kind == Kind.COUNTRY:
        return {"type": "string", "pattern": "^[A-Z]{2}$", "description": "Two letters of ISO 3166-1."}
    if spec.kind in (Kind.LONG, Kind.MARKDOWN):
        return {"type": "string", "maxLength": 600 if spec.name == "summary" else MAX_LONG}
    longest = getattr(Cluster._meta.get_field(spec.name), "max_length", None) if spec.kind != Kind.REGION else 120
    return {"type": "string", **({"maxLength": longest} if longest else {})}


def _described(spec: SubmissionField) -> Schema:
    words = " ".join(filter(None, [f"{spec.label}.", spec.help]))
    return {"description": words, **_shape(spec)}


SUBMISSION_BODY: Schema = {
    "type": "object",
    "required": ["kind", "values", "consent"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "cluster": {"type": "string", "description": "Of an update: id or slug of the cluster."},
        "values": {
            "type": "object",
            "description": "Values by field. A new cluster needs country, name and summary; an update only what changes.",
            "additionalProperties": False,
            "properties": {spec.name: _described(spec) for spec in SPECS},
        },
        "submitter": {
            "type": "object",
            "description": "Who filled in your form. With an address they get our answer by e-mail.",
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "maxLength": 120},
                "role": {"type": "string", "maxLength": 120},
                "email": {"type": "string", "maxLength": 254},
            },
        },
        "criteria": {"type": "array", "items": {"type": "string", "enum": CRITERIA_KEYS}},
        "criteria_evidence": {"type": "string", "maxLength": 200, "description": "A page that shows it."},
        "message": {"type": "string", "maxLength": 2000, "description": "To the reviewer."},
        "consent": {
            "type": "boolean",
            "description": "Must be true: whoever filled in your form agreed to our privacy notice.",
        },
    },
}
