"""Project settings, partners and pages in the admin."""

import re

import pytest
from django.urls import reverse

from consortium.models import Page, Partner, Project
from submissions.models import SubmissionPolicy
from tests.factories.consortium import PartnerFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db


def test_list_of_projects_leads_straight_to_the_settings() -> None:
    Project.objects.create(pk=1, name="Portal")

    response = sign_in("coordinator").get(reverse("admin:consortium_project_changelist"))

    assert response.headers["Location"] == reverse("admin:consortium_project_change", args=[1])


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("consortium_project", "Project settings"),
        ("submissions_submissionpolicy", "Submission settings"),
        ("quality_freshnessplan", "Freshness plan"),
    ],
)
def test_settings_of_a_fresh_portal_are_one_page(name: str, heading: str) -> None:
    client = sign_in("superuser")

    start = client.get(reverse("admin:index")).content.decode()
    page = client.get(reverse(f"admin:{name}_changelist"), follow=True)

    text = page.content.decode()
    assert page.redirect_chain == [(reverse(f"admin:{name}_change", args=[1]), 302)]
    assert f"<h1>{heading}</h1>" in text
    assert text.split('class="breadcrumbs"')[1].split("</div>")[0].count(heading) == 1
    assert re.findall(r'name="(_save|_addanother|_continue)"', text) == ["_save"]
    assert reverse(f"admin:{name}_add") not in start + text
    assert client.get(reverse(f"admin:{name}_add")).status_code == 403


def test_a_reader_who_opens_the_settings_first_decided_nothing() -> None:
    client = sign_in("read-only")
    for _ in range(2):
        page = client.get(reverse("admin:submissions_submissionpolicy_changelist"), follow=True)
        assert page.status_code == 200

    version = SubmissionPolicy.objects.get().history.get()
    assert (version.history_user, version.history_change_reason) == (None, "The defaults")
    assert 'name="_save"' not in page.content.decode()


def test_first_settings_are_saved_and_stand_in_the_history() -> None:
    client = sign_in("coordinator")
    listed = client.get(reverse("admin:consortium_project_changelist"))

    client.post(listed.headers["Location"], {"name": "Portal", "acronym": "CP"})

    assert list(Project.objects.values_list("pk", "acronym")) == [(1, "CP")]
    assert [str(row.history_user) for row in Project.history.all()] == ["coordinator", "None"]


def test_second_project_is_refused() -> None:
    Project.objects.create(pk=1)

    response = sign_in("superuser").post(reverse("admin:consortium_project_add"), {"name": "Another"})

    assert response.status_code == 403
    assert Project.objects.count() == 1


def test_partner_countries_are_chosen_by_name_with_pan_european() -> None:
    partner = PartnerFactory(short_name="AEI")
    client, address = sign_in("coordinator"), reverse("admin:consortium_partner_change", args=[partner.pk])
    page = client.get(address).content.decode()
    form = {
        "short_name": "AEI",
        "countries-TOTAL_FORMS": "2",
        "countries-INITIAL_FORMS": "0",
        "countries-0-code": "EU",
        "countries-1-code": "ES",
    }

    response = client.post(address, form)

    assert '<option value="EU">Pan-European</option>' in page
    assert '<option value="ES">Spain</option>' in page
    assert response.status_code == 302
    assert list(partner.countries.values_list("code", flat=True)) == ["ES", "EU"]
    reason = partner.history.latest().history_change_reason
    assert reason == "Partner country “EU” added; partner country “Spain” added"


def test_history_of_a_partner_shows_new_people() -> None:
    partner, person = PartnerFactory(), UserFactory(username="ana")
    client = sign_in("coordinator")
    form = {
        "short_name": partner.short_name,
        "users": [person.pk],
        "countries-TOTAL_FORMS": "0",
        "countries-INITIAL_FORMS": "0",
    }

    client.post(reverse("admin:consortium_partner_change", args=[partner.pk]), form)
    page = client.get(reverse("admin:consortium_partner_history", args=[partner.pk])).content.decode()

    assert "<dt>Users</dt>" in page
    assert '<ins><span class="visually-hidden">after: </span>ana</ins>' in page
    assert Partner.history.filter(id=partner.pk).count() == 2


def test_page_leads_to_its_public_address() -> None:
    page = Page.objects.create(slug="about", title="About", body="Text")

    shown = sign_in("coordinator").get(reverse("admin:consortium_page_change", args=[page.pk])).content.decode()

    assert f'href="{reverse("consortium:page_detail", args=["about"])}"' in shown
