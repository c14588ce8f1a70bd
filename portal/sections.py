"""The sections of the workplace: what staff looks for together, whatever app holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Section:
    """How a part of the workplace is called, and what it is for.

    It holds all of an app, or only ``models`` of it, in this order.
    """

    app_label: str
    name: str
    purpose: str
    models: tuple[str, ...] = ()


#: In this order; an app that is not named here comes last, under its own name.
SECTIONS = (
    Section(
        "catalogue", "Submissions", "What clusters, partner sites and spreadsheets propose, and the answers.",
        models=(
            "Submission", "SpreadsheetImport", "ClusterEditor", "PartnerToken", "CannedReason", "FieldHelp",
            "PrivacyNotice", "SubmissionPolicy", "NightlyRun",
        ),
    ),
    Section("catalogue", "Catalogue", "Clusters, and the places, words and rules that describe them."),
    Section("engagement", "Engagement", "Contacts, campaigns, events and reports."),
    Section("scoring", "Scoring", "Guides, rounds and assessments."),
    Section("outbox", "Outbox", "Mails that went out or wait, their wordings, addresses that get none."),
    Section("consortium", "Consortium", "The project, its partners and the plain pages."),
    Section("auth", "Access", "Who works here, and what each may do."),
)  # fmt: skip
#: Clusters first, then what is done with them, then what describes them.
_FIRST = ("Cluster", "Priority view", "Map of priority clusters", "QualityFinding", "FreshnessPlan", "ClusterMerge")


def as_sections(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the apps of the admin as sections, in the order of ``SECTIONS``; empty ones are left out."""
    apps = {app["app_label"]: app for app in app_list}
    if "auth" in apps and "axes" in apps:
        apps["auth"]["models"] += [{**model, "name": "Failed sign-ins"} for model in apps.pop("axes")["models"]]
    if "catalogue" in apps:
        apps["catalogue"]["models"] = _with_views_of_clusters(apps["catalogue"]["models"])
    found = []
    for section in SECTIONS:
        if app := apps.get(section.app_label):
            taken = _taken(section, app["models"])
            if taken:
                names = {model["object_name"] for model in taken}
                app["models"] = [model for model in app["models"] if model["object_name"] not in names]
                found.append({**app, "name": section.name, "purpose": section.purpose, "models": taken})
    named = {section.app_label for section in SECTIONS}
    return found + [app for label, app in apps.items() if label not in named]


def _taken(section: Section, models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = section.models or (*_FIRST, *(model["object_name"] for model in models))
    by_name = {model["object_name"]: model for model in models}
    return [by_name[name] for name in dict.fromkeys(order) if name in by_name]


def _with_views_of_clusters(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the priority view and the map, for those who may see clusters."""
    if not any(model["object_name"] == "Cluster" for model in models):
        return models
    views = (("priority", "Priority view"), ("map", "Map of priority clusters"))
    return models + [
        {"name": label, "object_name": label, "admin_url": reverse(f"admin:catalogue_cluster_{name}")}
        for name, label in views
    ]


def mark_current(path: str, models: list[dict[str, Any]]) -> None:
    """Mark the entry whose page this is: the one with the longest address that the path begins with."""
    holders = [model for model in models if model.get("admin_url") and path.startswith(model["admin_url"])]
    if holders:
        max(holders, key=lambda model: len(model["admin_url"]))["is_current"] = True
