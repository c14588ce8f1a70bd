"""A cluster's form: what it may change, what it keeps, and that clusters stay findable."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalogue.models import Cluster, Term
from catalogue.services.clusters import set_priority
from tests.catalogue.searching import search
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory
from tests.factories.consortium import UserFactory, sign_in
from tests.factories.submissions import accept_all, update_of

pytestmark = pytest.mark.django_db

ADD = "admin:catalogue_cluster_add"


@pytest.fixture
def editor() -> Client:
    return sign_in("catalogue editor")


def _form(cluster: Cluster | None = None, **changes: Any) -> dict[str, Any]:
    """Return what the browser sends for ``cluster`` with ``changes``."""
    form: dict[str, Any] = {"quality_label": "none"}
    for prefix in ("figures", "showcase_items", "social_links"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    if cluster:
        form |= {
            "name": cluster.name, "slug": cluster.slug, "country": cluster.country_id, "summary": cluster.summary,
            "terms": [term.pk for term in cluster.terms.all()],
        }  # fmt: skip
    return form | changes


def _change(cluster: Cluster) -> str:
    return reverse("admin:catalogue_cluster_change", args=[cluster.pk])


def test_new_cluster_is_identified_gets_a_slug_and_is_found(editor: Client) -> None:
    country, term = CountryFactory(code="DE", name="Germany"), TermFactory(name="Photonics")

    response = editor.post(reverse(ADD), _form(name="München Net", country=country.pk, terms=[term.pk]))

    assert response.status_code == 302
    cluster = Cluster.objects.get()
    assert (cluster.status, cluster.slug) == ("identified", "munchen-net")
    assert search("photonics", Cluster.objects.all()) == [cluster]
    assert search("munchen germany", Cluster.objects.all()) == [cluster]


@pytest.mark.parametrize("role", ["catalogue editor", "coordinator", "superuser"])
@pytest.mark.parametrize("where", ["change", "add"])
def test_decisions_cannot_be_forged_by_the_form(where: str, role: str) -> None:
    country = CountryFactory()
    cluster = ClusterFactory(country=country, summary="Text.", name="Alpha")
    client = sign_in(role)
    forged = {
        "status": "published", "published_at": "2020-01-01", "is_priority": "on", "priority_reason": "Mine.",
        "sort_name": "forged", "public_id": "00000000-0000-0000-0000-000000000000",
    }  # fmt: skip

    if where == "change":
        client.post(_change(cluster), _form(cluster, name="Beta", **forged))
    else:
        client.post(reverse(ADD), _form(name="Beta", country=country.pk, summary="Text.", **forged))

    row = Cluster.objects.get(name="Beta")
    assert (row.status, row.published_at, row.is_priority, row.priority_reason) == ("identified", None, False, "")
    assert row.sort_name == "beta"
    assert str(row.public_id) != forged["public_id"]


def test_decision_taken_while_the_form_was_open_survives_saving(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody publishes between the moment the form read the cluster and the moment it saves."""
    from catalogue.admin.forms import ClusterForm

    cluster = ClusterFactory(summary="Text.")
    clean = ClusterForm.clean

    def publish_meanwhile(self: ClusterForm) -> dict[str, Any]:
        Cluster.objects.filter(pk=cluster.pk).update(
            status="published", published_at="2026-01-01T00:00:00Z", is_priority=True, priority_reason="Yes."
        )
        return clean(self)

    monkeypatch.setattr(ClusterForm, "clean", publish_meanwhile)
    editor.post(_change(cluster), _form(cluster, name="Other name"))

    cluster.refresh_from_db()
    assert (cluster.name, cluster.status, cluster.is_priority) == ("Other name", "published", True)


def test_summary_of_a_published_cluster_cannot_be_emptied(editor: Client) -> None:
    cluster = ClusterFactory(published=True)

    response = editor.post(_change(cluster), _form(cluster, summary=" "))

    assert "The cluster is published, so it needs a summary." in response.content.decode()
    cluster.refresh_from_db()
    assert cluster.summary != ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latitude": "50"}, "Latitude, longitude and precision go together"),
        ({"members": "5"}, "A number of members needs its qualifier"),
        ({"quality_label": "gold"}, "A quality label needs its evidence"),
        ({"slug": "map"}, "is an address of the portal itself"),
    ],
)
def test_broken_rule_of_the_model_is_a_message(changes: dict[str, str], message: str, editor: Client) -> None:
    cluster = ClusterFactory()

    response = editor.post(_change(cluster), _form(cluster, **changes))

    assert message in response.content.decode()
    assert cluster.history.count() == 1


def test_same_showcase_item_twice_is_a_message(editor: Client) -> None:
    cluster = ClusterFactory()
    item = {"kind": "event", "title": "Fair"}
    twice = {f"showcase_items-{number}-{name}": value for number in (0, 1) for name, value in item.items()}

    response = editor.post(_change(cluster), _form(cluster, **twice, **{"showcase_items-TOTAL_FORMS": "2"}))

    assert response.status_code == 200
    assert cluster.showcase_items.count() == 0


def test_terms_set_in_the_form_make_the_cluster_findable_at_once(editor: Client) -> None:
    old, new = TermFactory(name="Photonics"), TermFactory(name="Robotics")
    cluster = ClusterFactory(terms=[old])

    editor.post(_change(cluster), _form(cluster, terms=[new.pk]))

    assert search("robotics", Cluster.objects.all()) == [cluster]
    assert search("photonics", Cluster.objects.all()) == []


def _rename(editor: Client, kind: str) -> Cluster:
    if kind == "term":
        row = TermFactory(name="Photonics")
        cluster = ClusterFactory(terms=[row])
        form = {"vocabulary": row.vocabulary, "name": "Robotics", "slug": row.slug}
    elif kind == "region":
        row = RegionFactory(name="Photonics")
        cluster = ClusterFactory(country=row.country, region=row)
        form = {"country": row.country_id, "name": "Robotics", "slug": row.slug}
    else:
        row = CountryFactory(code="DE", name="Photonics")
        cluster = ClusterFactory(country=row)
        form = {"name": "Robotics"}
    assert search("photonics", Cluster.objects.all()) == [cluster]
    response = editor.post(reverse(f"admin:catalogue_{kind}_change", args=[row.pk]), form)
    assert response.status_code == 302
    return cluster


@pytest.mark.parametrize("kind", ["term", "region", "country"])
def test_renaming_makes_the_cluster_findable_under_the_new_name(kind: str, editor: Client) -> None:
    cluster = _rename(editor, kind)

    assert search("robotics", Cluster.objects.all()) == [cluster]
    assert search("photonics", Cluster.objects.all()) == []
    assert cluster.history.count() == 1 + (kind == "term")  # the rename is the term's history, not the cluster's


@pytest.mark.parametrize("bulk", [False, True])
def test_deleted_term_no_longer_finds_its_clusters(bulk: bool) -> None:
    term = TermFactory(name="Photonics")
    ClusterFactory(terms=[term])
    client = sign_in("coordinator")

    if bulk:
        data = {"action": "delete_selected", "_selected_action": [term.pk], "post": "yes"}
        client.post(reverse("admin:catalogue_term_changelist"), data)
    else:
        client.post(reverse("admin:catalogue_term_delete", args=[term.pk]), {"post": "yes"})

    assert not Term.objects.exists()
    assert search("photonics", Cluster.objects.all()) == []


def test_view_on_site_only_for_published(editor: Client) -> None:
    public, hidden = ClusterFactory(published=True), ClusterFactory()

    pages = [editor.get(_change(cluster)).content.decode() for cluster in (public, hidden)]

    assert f'href="{public.get_absolute_url()}"' in pages[0]
    assert "View on site" not in pages[1]


@pytest.mark.parametrize("way", ["single", "bulk"])
def test_published_cluster_is_not_deleted(way: str) -> None:
    public, hidden = ClusterFactory(published=True), ClusterFactory()
    client = sign_in("superuser")

    if way == "single":
        response = client.post(reverse("admin:catalogue_cluster_delete", args=[public.pk]), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [public.pk, hidden.pk], "post": "yes"}
        response = client.post(reverse("admin:catalogue_cluster_changelist"), data)

    assert "is published: archive it instead." in response.content.decode()
    assert Cluster.objects.count() == 2


def test_unpublished_cluster_is_deleted_and_leaves_its_history() -> None:
    cluster = ClusterFactory(name="Alpha")

    response = sign_in("coordinator").post(
        reverse("admin:catalogue_cluster_delete", args=[cluster.pk]), {"post": "yes"}
    )

    assert response.status_code == 302
    assert not Cluster.objects.exists()
    assert list(Cluster.history.values_list("history_type", flat=True)) == ["-", "+"]


def test_reader_sees_the_year_as_a_year() -> None:
    cluster = ClusterFactory(founded=2004)

    page = sign_in("read-only").get(_change(cluster)).content.decode()

    assert '<div class="readonly">2004</div>' in page


def test_logo_is_shown_to_staff_though_the_cluster_is_not_published(editor: Client) -> None:
    file, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "A camera"
    Image.new("RGB", (4, 4)).save(file, "PNG", exif=exif.tobytes())
    logo = SimpleUploadedFile("logo.png", file.getvalue(), "image/png")
    cluster = ClusterFactory()
    address = reverse("admin:catalogue_cluster_logo", args=[cluster.pk])

    response = editor.post(_change(cluster), _form(cluster, logo=logo))
    cluster.refresh_from_db()
    page = editor.get(_change(cluster)).content.decode()

    assert response.status_code == 302
    assert f'src="{address}"' in page
    assert f'href="{cluster.logo.url}"' not in page
    shown = Image.open(BytesIO(b"".join(editor.get(address))))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("PNG", (4, 4), {})
    assert sign_in("member").get(address).status_code == 403
    assert sign_in("anonymous").get(address).status_code == 302


def test_network_takes_clusters_and_counts_them(editor: Client) -> None:
    network, public, hidden = NetworkFactory(), ClusterFactory(published=True), ClusterFactory()

    editor.post(
        reverse("admin:catalogue_network_change", args=[network.pk]),
        {"name": "Ring", "slug": "ring", "clusters": [public.pk, hidden.pk], "facilitator": public.pk},
    )
    row = editor.get(reverse("admin:catalogue_network_changelist")).context["cl"].result_list[0]

    assert (row.name, row.facilitator, row.cluster_count, row.published_count) == ("Ring", public, 2, 1)


def test_templates_of_the_admin_are_where_django_looks_for_them() -> None:
    """A renamed template of Django would silently bring back inline style or a second set of colours."""
    import django.contrib.admin

    ours = Path(__file__).parents[2] / "templates" / "admin"
    theirs = Path(django.contrib.admin.__file__).parent / "templates" / "admin"
    overridden = [path.name for path in ours.glob("*.html")]

    assert overridden != []
    assert [name for name in overridden if not (theirs / name).exists()] == []


def _opened(client: Client, cluster: Cluster, **changes: Any) -> dict[str, Any]:
    """Return the form of a page that was really opened: it knows which version it shows."""
    context = client.get(_change(cluster)).context
    return _form(cluster, **{context["seen_name"]: context["seen_version"], **changes})


def test_a_form_that_is_older_than_the_record_overwrites_nothing(editor: Client) -> None:
    cluster = ClusterFactory(published=True, place="Graz", country=CountryFactory(code="AT"))
    form = _opened(editor, cluster, place="Graz", website="https://new.example/")
    accept_all(update_of(cluster, place="Linz"))

    refused = editor.post(_change(cluster), form)

    cluster.refresh_from_db()
    assert (refused.status_code, cluster.place, cluster.website) == (200, "Linz", "")
    assert "Nothing was saved: since you opened this page, rita changed the record" in refused.content.decode()
    assert "Place is now “Linz”" in refused.content.decode()
    again = {**form, "place": "Linz", "seen_version": refused.context["seen_version"]}
    assert editor.post(_change(cluster), again).status_code == 302
    cluster.refresh_from_db()
    assert (cluster.place, cluster.website) == ("Linz", "https://new.example/")


def test_decisions_taken_meanwhile_do_not_refuse_a_form_that_never_writes_them(editor: Client) -> None:
    cluster = ClusterFactory(published=True, summary="Text.", country=CountryFactory(code="AT"))
    form = _opened(editor, cluster, website="https://new.example/")
    set_priority(clusters=[cluster], is_priority=True, reason="Since.")

    assert editor.post(_change(cluster), form).status_code == 302

    cluster.refresh_from_db()
    assert (cluster.website, cluster.is_priority) == ("https://new.example/", True)


def test_form_with_an_empty_slug_and_another_mistake_keeps_what_was_typed(client: Client) -> None:
    cluster = ClusterFactory(published=True)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    response = client.post(reverse("admin:catalogue_cluster_change", args=[cluster.pk]), {"slug": "", "name": "Typed"})

    assert response.status_code == 200
    assert "Typed" in response.content.decode()


def test_admin_refuses_null_characters(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    for path in ("cluster/?vertical=%00", "cluster/?country__code__exact=%00", "cluster/map/?country=%00"):
        assert client.get(f"/admin/catalogue/{path}").status_code == 400


def test_more_clusters_than_one_decision_takes_are_refused_not_cut(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.admin.actions.MAX_CLUSTERS", 2)
    ClusterFactory.create_batch(3)
    form = {"action": "archive", "select_across": "1", "_selected_action": [Cluster.objects.first().pk]}

    page = editor.post(reverse("admin:catalogue_cluster_changelist"), form, follow=True).content.decode()

    assert "too many at once: choose at most 2 clusters" in page
    assert "Archive 2" not in page


@pytest.mark.parametrize(
    ("typed", "stored"), [("Desk@Alpine.example", "Desk@alpine.example"), ("desk", ""), ("dësk@alpine.example", "")]
)
def test_an_address_for_messages_is_one_that_mail_can_reach(editor: Client, typed: str, stored: str) -> None:
    cluster = ClusterFactory(published=True, name="Alpine", slug="alpine")

    response = editor.post(_change(cluster), _form(cluster, contact_email=typed))

    cluster.refresh_from_db()
    assert cluster.contact_email.lower() == stored.lower()
    assert (response.status_code == 302) == bool(stored)
