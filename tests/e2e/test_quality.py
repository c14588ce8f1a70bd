"""The three answers of a freshness mail, and a merge that is undone, in a real browser."""

import email
import email.policy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import faults_in_both_schemes, serious_faults
from tests.e2e.conftest import Portal

OpenPage = Callable[..., Page]

BEGIN = """
from catalogue.models import *
from quality import freshness
from submissions.models import *
from outbox.services.sending import run_slice
from outbox.transports.files import FileTransport
PrivacyNotice.objects.get_or_create(version="e2e", defaults={"text": "We publish the contact."})
for name in ("Zeta", "Zeta Networks"):
    Cluster.objects.create(name=name, country_id="AT", status="published", summary="Gathers firms.", place="Graz",
        published_at="2024-01-01T00:00Z", email=f"office@{name.lower().replace(' ', '')}.example")
freshness.ask(cluster=Cluster.objects.get(slug="zeta"))
run_slice(transport=FileTransport())
"""
END = """
from catalogue.models import *
from duplicates.models import *
from outbox.models import Message
from quality.models import *
from submissions.models import *
mine = Cluster.objects.filter(slug__startswith="zeta")
ClusterMerge.objects.all().delete()
FreshnessRequest.objects.all().delete()
Message.objects.filter(recipient__contains="zeta").delete()
Submission.objects.filter(target__in=mine).delete()
mine.update(successor=None)
mine.delete()
"""


@dataclass(frozen=True)
class Asked:
    """A portal with a cluster that was asked, and the links of its mail."""

    portal: Portal
    links: dict[str, str]

    def state(self) -> dict[str, object]:
        """Return what the database says about the cluster and its link."""
        result = self.portal.shell(
            "import json; from catalogue.models import *; from submissions.models import *\n"
            "row = Cluster.objects.get(slug='zeta')\n"
            "result = {'status': row.status, 'confirmed': row.confirmed_on is not None,"
            " 'used': row.links.filter(purpose='freshness', used_at__isnull=False).count(),"
            " 'submissions': list(Submission.objects.filter(target=row).values_list('kind', 'status'))}\n"
            "print(json.dumps(result))"
        )
        found: dict[str, object] = json.loads(result)
        return found


@pytest.fixture
def asked(portal: Portal) -> Iterator[Asked]:
    folder = Path(portal.environment["DATA_DIR"]) / "outbox"
    before = set(folder.rglob("*.eml"))
    portal.shell(BEGIN)
    try:
        # Other tests' mails may arrive meanwhile: the portal is shared.
        (file,) = (new for new in set(folder.rglob("*.eml")) - before if b"office@zeta.example" in new.read_bytes())
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = mail.get_body(preferencelist=("plain",))  # type: ignore[attr-defined]
        links = {}
        for address in re.findall(r"https?://\S+", body.get_content()):
            parts = urlsplit(address)
            if parts.query.startswith("answer="):
                links[parts.query.removeprefix("answer=")] = f"{parts.path}?{parts.query}"
        yield Asked(portal, links)
    finally:
        portal.shell(END)


NOTHING = {"status": "published", "confirmed": False, "used": 0, "submissions": []}


def test_a_scanner_opens_every_link_and_the_answer_is_still_to_be_given(asked: Asked, open_page: OpenPage) -> None:
    page = open_page("/")
    for path in asked.links.values():
        for method in ("GET", "HEAD"):
            assert page.request.fetch(path, method=method).status == 200
    assert sorted(asked.links) == ["closed", "correct", "edit"]
    assert asked.state() == NOTHING


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_answers_are_accessible(asked: Asked, open_page: OpenPage, scheme: str) -> None:
    for path in asked.links.values():
        page = open_page(path, color_scheme=scheme, width=390)
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_still_correct_by_keyboard(asked: Asked, open_page: OpenPage) -> None:
    page = open_page(asked.links["correct"])
    page.get_by_role("button", name="Yes, it is still correct").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert asked.state() == {**NOTHING, "confirmed": True, "used": 1}
    page.goto(asked.links["edit"])
    expect(page.get_by_role("heading", level=1)).to_have_text("This link was used already")
    expect(page.get_by_role("button", name="Send me a new link")).to_be_visible()
    page.goto("/clusters/zeta/")
    expect(page.get_by_role("main")).to_contain_text("onfirmed")


def test_i_correct_it_opens_the_form_filled_in(asked: Asked, open_page: OpenPage) -> None:
    page = open_page(asked.links["correct"])
    page.get_by_role("link", name="I correct it").click()
    assert asked.state() == NOTHING
    page.get_by_role("button", name="Open the form").click()

    expect(page.get_by_label("Town").first).to_have_value("Graz")
    assert asked.state() == {**NOTHING, "used": 1, "submissions": [["update", "unconfirmed"]]}


def test_it_no_longer_exists_without_scripts(asked: Asked, open_page: OpenPage) -> None:
    page = open_page(asked.links["closed"], java_script_enabled=False)
    page.get_by_label("Does another organisation go on with its work?").fill("Zeta Networks")
    page.get_by_role("button", name="Yes, it no longer exists").click()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert asked.state() == {**NOTHING, "used": 1, "submissions": [["closure", "pending"]]}


@pytest.mark.parametrize("width", [390, 1440])
def test_merge_and_undo_move_the_public_address_there_and_back(asked: Asked, staff_page: OpenPage, width: int) -> None:
    page = staff_page("/admin/catalogue/cluster/?q=zeta", width=width)
    page.get_by_role("link", name="Zeta", exact=True).click()
    page.get_by_role("link", name="Merge …").click()
    page.get_by_label("Search among all clusters").fill("zeta networks")
    page.locator("#content").get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name="Zeta Networks").click()
    expect(page.locator(".merge-pair")).to_contain_text("Zeta Networks")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("group", name="Public e-mail").get_by_role("radio").nth(1).check()
    page.get_by_label("Why these two are one").fill("Two spellings.")
    page.get_by_role("button", name="Merge, and archive the second").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Zeta Networks was merged into Zeta")
    assert page.request.get("/clusters/zeta-networks/", max_redirects=0).headers["location"] == "/clusters/zeta/"
    assert "office@zetanetworks.example" in page.request.get("/clusters/zeta/").text()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator(".messagelist")).to_contain_text("two clusters again")
    assert page.request.get("/clusters/zeta-networks/", max_redirects=0).status == 200
    assert "office@zeta.example" in page.request.get("/clusters/zeta/").text()


def test_stop_and_start_the_plan(asked: Asked, staff_page: OpenPage) -> None:
    page = staff_page("/admin/quality/freshnessplan/")
    expect(page.get_by_role("heading", name="Who is next")).to_be_visible()
    page.get_by_role("button", name="Stop asking").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    page.get_by_role("button", name="Start asking").click()
    expect(page.get_by_role("heading", name="The portal asks")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_of_staff_are_accessible(asked: Asked, staff_page: OpenPage, width: int) -> None:
    # axe puts a style of its own into pages of the admin, which the policy would refuse.
    page = staff_page("/admin/quality/freshnessplan/", width=width, bypass_csp=True)
    keys = page.request.get("/api/v1/clusters/?q=zeta").json()["count"]
    assert keys == 2
    page.goto("/admin/catalogue/cluster/?q=zeta")
    ids = page.locator("input.action-select").evaluate_all("boxes => boxes.map((box) => box.value)")
    faults, too_wide = {}, []
    for path in (
        "/admin/quality/freshnessplan/",
        "/admin/quality/freshnessrequest/",
        "/admin/quality/qualityfinding/",
        f"/admin/catalogue/cluster/ask/?ids={','.join(ids)}",
        f"/admin/catalogue/cluster/merge/?ids={ids[0]}",
        f"/admin/catalogue/cluster/merge/?ids={','.join(ids)}",
    ):
        page.goto(path)
        if found := faults_in_both_schemes(page):
            faults[path] = found
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            too_wide.append(path)
    assert faults == {}
    assert too_wide == []
