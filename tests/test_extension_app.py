"""An app above all others adds one of everything to them, and they import nothing of it (docs/architecture.md)."""

import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.merging.services import merge, rows_to_move
from duplicates.merging.undo import undo, undo_blockers
from loading.models import SourceRecord
from outbox.models import Message
from publicforms.models import LinkToken
from submissions.services import retention
from tests.extension_app import staff
from tests.extension_app.models import Visit
from tests.extension_app.services import ask_to_confirm, note_visit
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import UserFactory, sign_in
from tests.factories.submissions import accept_all, pending
from tests.mail import link_in, sent_mails
from workplace import nightly
from workplace.erasure import erase_person
from workplace.extensions import extensions_of
from workplace.models import NightlyRun
from workplace.timeline import sources_of

pytestmark = pytest.mark.django_db
ADA = "ada@photonics.example"


@pytest.fixture
def cluster() -> Cluster:
    return ClusterFactory(published=True, name="Alpine Photonics")


@pytest.fixture
def visit(cluster: Cluster) -> Visit:
    return Visit.objects.create(code="graz", cluster=cluster, email=ADA, note="Ada was kind.")


@pytest.fixture
def superuser(extension_app: None) -> Client:
    return sign_in("superuser")


@pytest.fixture
def reader(extension_app: None) -> Client:
    """Somebody who may see clusters, and no visits."""
    user = UserFactory(username="reader")
    user.user_permissions.set(Permission.objects.filter(codename="view_cluster"))
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def change_page(client: Client, cluster: Cluster) -> str:
    return client.get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).content.decode()


def names_in_list(client: Client, **parameters: str) -> list[str]:
    response = client.get(reverse("admin:catalogue_cluster_changelist"), parameters)
    return [row.name for row in response.context["cl"].result_list]


def test_without_the_fixture_nothing_of_the_app_is_there(client: Client) -> None:
    assert "visits" not in [entry.name for entry in extensions_of(Cluster)]
    assert "visit" not in [source.name for source in sources_of(Cluster)]


# --- The staff pages of clusters ---------------------------------------------------------------


def test_page_of_a_cluster_shows_button_and_panel_to_those_who_may(
    superuser: Client, reader: Client, cluster: Cluster, visit: Visit
) -> None:
    page = change_page(superuser, cluster)

    assert f'<a href="{staff.page_of(cluster.pk)}">Visits …</a>' in page
    assert "Who of us was there." in page
    assert f"<p>visit graz ({ADA})</p>" in page
    page = change_page(reader, cluster)
    assert cluster.name in page
    assert "Visits" not in page
    assert ADA not in page


def test_page_of_the_app_opens_for_those_who_may(superuser: Client, reader: Client, cluster: Cluster) -> None:
    address = f"/admin/catalogue/cluster/{cluster.pk}/visits/"

    assert staff.page_of(cluster.pk) == address
    assert "<h1>Visits to Alpine Photonics</h1>" in superuser.get(address).content.decode()
    assert reader.get(address).status_code == 403
    assert Client().get(address)["Location"] == f"/admin/login/?next={address}"


def test_list_of_clusters_has_action_filter_and_column(
    superuser: Client, reader: Client, cluster: Cluster, visit: Visit
) -> None:
    other = ClusterFactory(name="Baltic Optics")
    address = reverse("admin:catalogue_cluster_changelist")

    page = superuser.get(address).content.decode()
    assert '<option value="note_visit">Note a visit</option>' in page
    assert '<option value="note_visit">' not in reader.get(address).content.decode()
    assert '<td class="field-visits">1</td>' in page
    assert '<td class="field-visits">0</td>' in page
    assert names_in_list(superuser, visited="yes") == [cluster.name]
    assert names_in_list(superuser, visited="no") == [other.name]

    ticked = {"action": "note_visit", "_selected_action": [other.pk]}
    assert "1 visits noted." in superuser.post(address, ticked, follow=True).content.decode()
    assert list(other.visits.values_list("code", flat=True)) == [f"today-{other.pk}"]
    reader.post(address, ticked)
    assert Visit.objects.count() == 2


def test_column_of_the_list_costs_no_query_a_row(superuser: Client, visit: Visit) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            superuser.get(reverse("admin:catalogue_cluster_changelist"))
        return len(captured)

    queries()
    one = queries()
    for number in range(5):
        Visit.objects.create(code=f"v{number}", cluster=ClusterFactory(country=visit.cluster.country))
    assert queries() == one


def test_timeline_of_the_cluster_names_the_visit(
    superuser: Client, reader: Client, cluster: Cluster, visit: Visit
) -> None:
    address = reverse("admin:catalogue_cluster_timeline", args=[cluster.pk])

    page = superuser.get(address, {"kind": "visit"})
    assert [item.entry.title for item in page.context["timeline"].items] == [f"Met {ADA}"]
    assert f'<a href="{staff.page_of(cluster.pk)}">Met {ADA}</a>' in page.content.decode()
    assert "Visit" in [source.label for source in page.context["timeline"].sources]
    assert ADA not in reader.get(address).content.decode()


def test_history_says_that_the_version_came_of_a_visit(superuser: Client, reader: Client, cluster: Cluster) -> None:
    note_visit(cluster, code="linz", by=None)
    address = reverse("admin:catalogue_cluster_history", args=[cluster.pk])

    page = superuser.get(address).content.decode()

    assert f'<a href="{staff.page_of(cluster.pk)}">visit linz</a>' in page
    assert "noted by hand" in page
    assert "noted by hand" not in reader.get(address).content.decode()


# --- First page and search ---------------------------------------------------------------------


def test_first_page_counts_visits_to_confirm(superuser: Client, reader: Client, visit: Visit) -> None:
    found = {figure.label: figure for figure in superuser.get("/admin/").context["figures"]}

    assert found["visits to confirm"].number == 1
    assert names_in_list(superuser, visited="yes") == [visit.cluster.name]
    assert "visits to confirm" in superuser.get("/admin/").content.decode()
    assert "visits to confirm" not in reader.get("/admin/").content.decode()


def test_first_page_names_the_visits_of_the_user_that_lack_a_note(superuser: Client, cluster: Cluster) -> None:
    visitor = User.objects.get(username="superuser")
    note_visit(cluster, code="linz", by=visitor)
    note_visit(cluster, code="graz", by=UserFactory())

    page = superuser.get("/admin/")

    today = timezone.localdate()
    assert [(task.title, task.due) for task in page.context["day"]] == [("Note on visit linz", today + timedelta(7))]
    assert f'<a href="{staff.page_of(cluster.pk)}">Note on visit linz</a>' in page.content.decode()


def test_search_over_everything_finds_the_visit(superuser: Client, reader: Client, visit: Visit) -> None:
    def hits(client: Client) -> list[str]:
        results = client.get("/admin/search/", {"q": ADA}).context["results"]
        return [hit.title for source, found in results if source.label == "Visits" for hit in found.hits]

    assert hits(superuser) == ["visit graz"]
    assert hits(reader) == []
    assert "<dd>by code, e-mail</dd>" in superuser.get("/admin/search/").content.decode()


# --- Merging -----------------------------------------------------------------------------------


def test_merge_moves_visits_and_its_undoing_gives_them_back(extension_app: None, visit: Visit) -> None:
    target, source = ClusterFactory(published=True), visit.cluster
    assert ("visits", 1) in rows_to_move(source)

    log = merge(target=target, source=source, by=None, reason="One.")
    visit.refresh_from_db()
    assert visit.cluster == target
    undo(merge=log, by=None)
    visit.refresh_from_db()
    assert visit.cluster == source

    log = merge(target=target, source=source, by=None, reason="One.")
    Visit.objects.update(note="Changed since.")
    assert undo_blockers(log) == ["visits: “visit graz” was changed."]


def test_merge_page_says_that_visits_move(superuser: Client, visit: Visit) -> None:
    other = ClusterFactory(published=True)
    address = reverse("admin:catalogue_cluster_merge")

    page = superuser.get(address, {"ids": f"{other.pk},{visit.cluster_id}", "keep": other.pk})

    assert ("visits", 1) in page.context["comparison"].moves


# --- Erasure and retention ---------------------------------------------------------------------


def test_erasing_a_person_empties_their_visits(extension_app: None, visit: Visit) -> None:
    erased = erase_person("Ada@Photonics.example")

    visit.refresh_from_db()
    assert erased["visits"] == 1
    assert (visit.email, visit.note) == ("", "")


def test_submission_that_is_emptied_takes_the_note_along(extension_app: None, visit: Visit) -> None:
    row = pending(name="Tyrol Lasers")
    accept_all(row)
    Visit.objects.update(submission=row)

    retention.anonymise(now=timezone.now() + timedelta(days=9999))

    visit.refresh_from_db()
    row.refresh_from_db()
    assert row.anonymised_at is not None
    assert (visit.email, visit.note) == ("", "")


def test_nightly_job_deletes_old_visits_and_staff_sees_its_run(superuser: Client, visit: Visit) -> None:
    old = timezone.now() - timedelta(days=4 * 365)
    Visit.objects.create(code="once", cluster=visit.cluster, visited_at=old)

    assert nightly.run("visits") == {"finished": 1, "failed": 0}

    assert list(Visit.objects.all()) == [visit]
    run = NightlyRun.objects.get(name="visits")
    assert (run.count, run.failed) == (1, 0)
    page = superuser.get(reverse("admin:workplace_nightlyrun_change", args=[run.pk])).content.decode()
    assert "visits" in page


# --- Mails and links ---------------------------------------------------------------------------


def test_mail_brings_a_link_that_is_read_often_and_confirms_once(
    superuser: Client, client: Client, cluster: Cluster, visit: Visit
) -> None:
    superuser.post(staff.page_of(cluster.pk))
    (sent,) = sent_mails()
    path = link_in(sent)

    assert (sent.to, sent.subject) == (ADA, "Were we at Alpine Photonics?")
    for _scanner in range(2):
        page = client.get(path)
        assert "Yes, you were" in page.content.decode()
        assert page["Referrer-Policy"] == "strict-origin"
    visit.refresh_from_db()
    assert not visit.is_confirmed

    assert client.post(path).content == b"Thank you."
    visit.refresh_from_db()
    assert visit.is_confirmed
    assert client.post(path).status_code == 410


def test_mail_is_on_the_timeline_and_its_text_is_staffs_to_write(
    superuser: Client, cluster: Cluster, visit: Visit
) -> None:
    ask_to_confirm(visit)

    page = superuser.get(reverse("admin:catalogue_cluster_timeline", args=[cluster.pk]), {"kind": "mail"})
    assert [item.entry.title for item in page.context["timeline"].items] == ["Visit: waiting"]
    assert "To whom we met at a cluster" in superuser.get(reverse("admin:outbox_wording_changelist")).content.decode()
    assert Message.objects.get().kind == "visit"


def test_links_go_with_their_visit(extension_app: None, visit: Visit) -> None:
    ask_to_confirm(visit)
    assert LinkToken.objects.get().subject == visit

    visit.delete()

    assert not LinkToken.objects.exists()


# --- Data files --------------------------------------------------------------------------------


def test_data_file_of_the_app_is_loaded_and_what_staff_changed_stays(
    extension_app: None, data: None, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    ignored = shutil.ignore_patterns("*.geojson", "*.txt", "eccp_*")
    shutil.copytree(settings.FIXTURE_DATA_DIR, folder, ignore=ignored)
    (folder / "visits.csv").write_text("code,cluster,note\nrome,gaia,First talk\nriga,gaia,\n")

    def load() -> str:
        output = StringIO()
        call_command("load_data", source=folder, stdout=output)
        return output.getvalue()

    assert "visits" in load()
    visits = Visit.objects.filter(cluster__slug="gaia").order_by("code")
    assert list(visits.values_list("code", "note")) == [("riga", ""), ("rome", "First talk")]
    assert SourceRecord.objects.filter(model="extension_app.visit").count() == 2

    visits.filter(code="rome").update(note="Second talk")
    assert "visits rome" in load()
    assert visits.get(code="rome").note == "Second talk"
