"""The sections of the workplace: what staff looks for together, whatever app holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Section:
    """How a part of the workplace is called, what it is for, and the apps whose models it holds.

    The models named in ``first`` come first, in that order.
    """

    name: str
    purpose: str
    apps: tuple[str, ...]
    first: tuple[str, ...] = ()


#: In this order; an app that is not named here comes last, under its own name.
SECTIONS = (
    Section(
        "Submissions", "What clusters, partner sites and spreadsheets propose, and the answers.",
        apps=("submissions", "imports"),
        first=(
            "Submission", "SpreadsheetImport", "ClusterEditor", "PartnerToken", "CannedReason", "FieldHelp",
            "PrivacyNotice", "SubmissionPolicy",
        ),
    ),
    Section(
        "Catalogue", "Clusters, and the places, words and rules that describe them.",
        apps=("catalogue", "quality", "duplicates", "workplace"),
        first=(
            "Cluster", "Priority view", "Map of priority clusters", "QualityFinding", "FactProposal", "FreshnessPlan",
            "ClusterMerge",
        ),
    ),
    Section("Engagement", "Contacts, campaigns, events and reports.", apps=("engagement",)),
    Section("Scoring", "Guides, rounds and assessments.", apps=("scoring",)),
    Section(
        "Outbox", "Mails that went out or wait, their wordings, addresses that get none.", apps=("outbox",),
    ),
    Section("Consortium", "The project, its partners and the plain pages.", apps=("consortium",)),
    Section("Access", "Who works here, and what each may do.", apps=("auth", "axes")),
)  # fmt: skip


def as_sections(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the apps of the admin as sections, in the order of ``SECTIONS``; empty ones are left out.

    A section is the dictionary of its first app, with the models of all its apps.
    """
    apps = {app["app_label"]: app for app in app_list}
    if "axes" in apps:
        apps["axes"]["models"] = [{**model, "name": "Failed sign-ins"} for model in apps["axes"]["models"]]
    if "catalogue" in apps:
        apps["catalogue"]["models"] = _with_views_of_clusters(apps["catalogue"]["models"])
    found = []
    for section in SECTIONS:
        held = [apps.pop(label) for label in section.apps if label in apps]
        models = [model for app in held for model in app["models"]]
        if models:
            named = {"name": section.name, "purpose": section.purpose, "models": _ordered(section, models)}
            found.append({**held[0], **named, "app_labels": [app["app_label"] for app in held]})
    return found + list(apps.values())


def _ordered(section: Section, models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_name = {model["object_name"]: model for model in models}
    return [by_name[name] for name in dict.fromkeys((*section.first, *by_name)) if name in by_name]


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
