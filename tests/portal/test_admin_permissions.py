"""Who may open and change what in the workplace: every role at every kind of page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from catalogue.models import PriorityRule, Synonym
from consortium.models import Page, Project
from quality.models import FreshnessPlan
from submissions.models import CannedReason, FieldHelp, SubmissionPolicy
from tests.factories.catalogue import (
    ClusterFactory,
    CountryFactory,
    EmbedOriginFactory,
    NetworkFactory,
    RegionFactory,
    TermFactory,
)
from tests.factories.consortium import EDITORS, READERS, ROLES, TOP, PartnerFactory, sign_in
from tests.project import PACKAGES

pytestmark = pytest.mark.django_db

NOBODY: set[str] = set()

MAKE: dict[str, Callable[[], Any]] = {
    "catalogue_cluster": ClusterFactory,
    "catalogue_country": CountryFactory,
    "catalogue_region": RegionFactory,
    "catalogue_term": TermFactory,
    "catalogue_network": NetworkFactory,
    "catalogue_embedorigin": EmbedOriginFactory,
    "catalogue_priorityrule": lambda: PriorityRule.objects.create(kind="greece", description="Greece."),
    "catalogue_synonym": lambda: Synonym.objects.create(word="UK", kind="country", means="GB"),
    "submissions_cannedreason": lambda: CannedReason.objects.create(use="reject", title="No", text="No."),
    "quality_freshnessplan": lambda: FreshnessPlan.objects.create(pk=1),
    "submissions_submissionpolicy": lambda: SubmissionPolicy.objects.create(pk=1),
    "submissions_fieldhelp": lambda: FieldHelp.objects.create(field="summary", help="One sentence."),
    "consortium_partner": PartnerFactory,
    "consortium_page": lambda: Page.objects.create(slug="about", title="About", body="Text"),
    "consortium_project": lambda: Project.objects.create(pk=1),
}

#: model → who sees lists, forms and history; who adds; who changes; who deletes
MATRIX = [
    ("catalogue_cluster", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_country", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_region", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_term", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_network", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_embedorigin", READERS, EDITORS, EDITORS, TOP),
    ("catalogue_priorityrule", READERS, NOBODY, EDITORS, NOBODY),
    ("catalogue_synonym", READERS, EDITORS, EDITORS, TOP),
    ("submissions_cannedreason", READERS, EDITORS, EDITORS, TOP),
    ("quality_freshnessplan", READERS, NOBODY, EDITORS, NOBODY),
    ("submissions_submissionpolicy", READERS, NOBODY, EDITORS, NOBODY),
    ("submissions_fieldhelp", READERS, EDITORS, EDITORS, TOP),
    ("consortium_partner", READERS, TOP, TOP, TOP),
    ("consortium_page", READERS, TOP, TOP, TOP),
    ("consortium_project", READERS, NOBODY, TOP, NOBODY),  # there is one already
]


#: page → who sees it
OTHER_PAGES = {
    "catalogue_cluster_priority": READERS,
    "catalogue_cluster_map": READERS,
    "auth_user_changelist": TOP,
    "auth_user_add": {"superuser"},
    "auth_group_changelist": TOP,
    "auth_group_add": {"superuser"},
    "workplace_nightlyrun_changelist": READERS,
    "workplace_nightlyrun_add": NOBODY,
    "axes_accessattempt_changelist": TOP,
    "axes_accessattempt_add": NOBODY,
    "index": set(ROLES) - {"anonymous"},
}


@pytest.mark.parametrize("role", ROLES)
def test_matrix(role: str) -> None:
    client = sign_in(role)
    for model, seers, adders, changers, deleters in MATRIX:
        row = MAKE[model]()
        seen = {"changelist": seers, "change": seers, "history": seers}
        is_single = model in ("consortium_project", "quality_freshnessplan", "submissions_submissionpolicy")

        for page, allowed in [*seen.items(), ("add", adders), ("delete", deleters)]:
            args = [] if page in ("changelist", "add") else [row.pk]
            response = client.get(reverse(f"admin:{model}_{page}", args=args))
            if role == "anonymous":
                assert response.headers["Location"].startswith(reverse("admin:login")), (model, page)
            else:
                expected = 403 if role not in allowed else 302 if is_single and page == "changelist" else 200
                assert response.status_code == expected or (is_single and page == "changelist"), (model, page)

        version = reverse(f"admin:{model}_simple_history", args=[row.pk, row.history.first().pk])
        statuses = {"anonymous": 302} | dict.fromkeys(seers, 200)
        assert client.get(version).status_code == statuses.get(role, 403), model

        posted = client.post(reverse(f"admin:{model}_change", args=[row.pk]), {"nothing": "useful"})
        assert posted.status_code == (302 if role == "anonymous" else 200 if role in changers else 403), model


@pytest.mark.parametrize("role", ROLES)
def test_other_pages(role: str) -> None:
    ClusterFactory()
    client = sign_in(role)

    statuses = {name: client.get(reverse(f"admin:{name}")).status_code for name in OTHER_PAGES}

    assert statuses == {
        name: 302 if role == "anonymous" else 200 if role in allowed else 403 for name, allowed in OTHER_PAGES.items()
    }


def test_every_registered_model_is_in_the_matrix() -> None:
    from django.contrib import admin

    access = {"auth_user", "auth_group", "axes_accessattempt"}
    # Records that nobody changes have a matrix of their own: tests/quality/test_admin.py.
    access |= {"quality_qualityfinding", "quality_freshnessrequest", "duplicates_clustermerge"}
    # Submissions, which have no form, and editors, which have no history: tests/submissions/review/test_admin.py.
    access |= {"submissions_submission", "submissions_clustereditor"}
    access |= {"catalogue_factproposal"}  # tests/catalogue/test_facts_to_check.py
    access |= {"workplace_nightlyrun"}  # the cases of test_other_pages
    access |= {"imports_spreadsheetimport"}  # tests/imports/test_pages.py
    # Without history: tests/submissions/test_settings_admin.py.
    access |= {"submissions_privacynotice", "submissions_partnertoken"}
    rows = {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.app_label in {*PACKAGES, "auth", "axes"} - {"outbox"}
    }
    assert rows == {row[0] for row in MATRIX} | access


@pytest.mark.parametrize("role", ["read-only", "evaluator", "engagement officer"])
def test_readers_get_no_field_to_write_in(role: str) -> None:
    cluster = ClusterFactory(published=True)

    page = sign_in(role).get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).content.decode()

    assert "<textarea" not in page
    assert 'name="_save"' not in page
    assert "decide/" not in page
