"""Examples in the description of the partners' API."""

from typing import Any

from catalogue.api.examples import SITE

SUBMISSION: dict[str, Any] = {
    "kind": "new",
    "values": {
        "country": "AT",
        "name": "Alpine Photonics Cluster",
        "summary": "Gathers firms and institutes of the Alps that build lasers and sensors.",
        "website": "https://www.photonics.example",
        "members": 120,
        "members_qualifier": "approximately",
        "staff": "2.5",
        "verticals": ["photonics"],
    },
    "submitter": {"name": "Ada Example", "email": "ada@photonics.example", "role": "Manager"},
    "criteria": ["team", "members"],
    "consent": True,
}
SUBMISSION_ANSWER: dict[str, Any] = {
    "id": "6f0f2c0e-5f0e-4c6e-9a55-0d1f6f1e2a3b",
    "kind": "new",
    "status": "pending",
    "name": "Alpine Photonics Cluster",
    "cluster": None,
    "received_at": "2026-11-21T09:30:00+01:00",
    "decided_at": None,
    "position": 3,
    "usual_days": 5,
    "asked": "",
    "asked_fields": [],
    "reason": "",
    "decisions": [],
    "url": f"{SITE}/api/v1/submissions/6f0f2c0e-5f0e-4c6e-9a55-0d1f6f1e2a3b/",
    "page_url": f"{SITE}/submit/status/sample/",
}
