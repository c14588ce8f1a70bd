"""The queue as different people see it: sections, filters, counts, order, assignment."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consortium.models import PartnerCountry
from submissions.models import Submission, SubmissionEvent
from submissions.review.ageing import Age, age_of
from submissions.review.queue import Queue, place_of
from submissions.services import state_machine
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import PartnerFactory, UserFactory, sign_in
from tests.factories.submissions import accept_all, draft, pending, reviewer, sent, update_of
from tests.submissions.review.conftest import client_of, person

pytestmark = pytest.mark.django_db
QUEUE = "/admin/submissions/submission/"


def waiting(name: str, days: float = 0, country: str = "AT", **values) -> Submission:
    """Return a new cluster that has waited for ``days``."""
    CountryFactory(code=country)
    row = pending(name=name, country=country, **values)
    Submission.objects.filter(pk=row.pk).update(confirmed_at=timezone.now() - timedelta(days=days, minutes=1))
    return row


def look_after(user: User, *codes: str) -> None:
    """Make ``user`` work for a partner that looks after countries."""
    partner = PartnerFactory(users=[user])
    for code in codes:
        PartnerCountry.objects.create(partner=partner, code=code)


def shown(client: Client, query: str = "") -> list[tuple[str, list[str]]]:
    """Return the sections of a page with the names in them."""
    context = client.get(f"{QUEUE}?{query}").context
    return [(group.label, [row.submission.name for row in group.rows]) for group in context["groups"]]


def names(client: Client, query: str) -> set[str]:
    """Return the names on a page."""
    return {name for _label, found in shown(client, query) for name in found}


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "1 day"), (4, "4 days"), (5, "5 days, soon late"), (10, "10 days, late"), (12, "12 days, late")],
)
def test_age_is_shown_as_text_not_by_colour_alone(days, words):
    assert age_of(timezone.now() - timedelta(days=days, minutes=1), is_waiting=True).words == words


def test_a_submission_that_does_not_wait_is_not_late():
    assert age_of(timezone.now() - timedelta(days=90), is_waiting=False) == Age(90, "")


def test_own_work_comes_first_then_the_countries_of_the_partner(client, rita):
    look_after(rita, "AT", "DE")
    waiting("other country, late", 12, "FR")
    waiting("other country", 2, "FR")
    waiting("mine", 1, "FR")
    waiting("unassigned, newer", 3, "DE")
    waiting("unassigned, older", 11, "AT")
    waiting("somebody else's", 1, "AT")
    answered = waiting("answered", 4, "FR")
    state_machine.assign(submissions=[Submission.objects.get(name="mine")], to=rita, by=rita)
    state_machine.assign(submissions=[Submission.objects.get(name="somebody else's")], to=person("otto"), by=rita)
    Submission.objects.filter(pk=answered.pk).update(answered_at=timezone.now())

    assert shown(client) == [
        ("Waiting for me", ["mine"]),
        ("Unassigned in my countries", ["unassigned, older", "unassigned, newer"]),
        ("Late: 10 days or longer", ["other country, late"]),
        ("Answered after changes were requested", ["answered"]),
        ("Others that wait for review", ["other country", "somebody else's"]),
    ]


def test_who_looks_after_no_country_sees_everything_unassigned(client):
    waiting("one", country="FR")
    waiting("two", country="DE")

    assert shown(client) == [("Unassigned", ["one", "two"])]


def test_a_reader_sees_the_queue_without_own_work_and_without_buttons():
    waiting("one", 12)
    waiting("two", 1)
    client = sign_in("read-only")

    assert shown(client) == [("Late: 10 days or longer", ["one"]), ("Others that wait for review", ["two"])]
    page = client.get(QUEUE).content.decode()
    assert 'name="action"' not in page
    assert 'name="ticked"' not in page


def test_drafts_are_nobodys_business_and_the_unconfirmed_are_a_filter(client):
    draft(name="draft")
    sent(name="unconfirmed")
    waiting("waiting")

    assert names(client, "") == {"waiting"}
    assert names(client, "status=unconfirmed") == {"unconfirmed"}
    assert names(client, "status=all") == {"unconfirmed", "waiting"}
    keys = ",".join(map(str, Submission.objects.values_list("pk", flat=True)))
    page = client.get(reverse("admin:submissions_submission_approve"), {"ids": keys}).content.decode()
    assert ">waiting<" in page
    assert ">draft<" not in page


@pytest.fixture
def several(rita):
    """Return a queue with something for every filter."""
    waiting("new in Austria", 12, email="ada@photonics.example")
    waiting("new in France", 6, "FR")
    cluster = ClusterFactory(name="Known Net", published=True, country=CountryFactory(code="DE"))
    row = update_of(cluster, email="bob@known.example", place="Linz")
    Submission.objects.filter(pk=row.pk).update(channel="api", trust="editor")
    state_machine.assign(submissions=[row], to=rita, by=rita)
    done = waiting("done")
    accept_all(done)
    return row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"new in Austria", "new in France", "Known Net"}),
        ("status=decided", {"done"}),
        ("status=all", {"new in Austria", "new in France", "Known Net", "done"}),
        ("kind=update", {"Known Net"}),
        ("channel=api", {"Known Net"}),
        ("country=FR", {"new in France"}),
        ("assigned=me", {"Known Net"}),
        ("assigned=nobody", {"new in Austria", "new in France"}),
        ("age=late", {"new in Austria"}),
        ("age=soon", {"new in France"}),
        ("age=new", {"Known Net"}),
        ("trust=editor", {"Known Net"}),
        ("section=mine", {"Known Net"}),
        ("q=known", {"Known Net"}),
        ("q=ADA@photonics", {"new in Austria", "new in France"}),
        ("q=bob@known", {"Known Net"}),
        ("q=new+austria", {"new in Austria"}),
        ("q=zzz", set()),
        ("kind=new&age=late", {"new in Austria"}),
        ("kind=nonsense&age=old&assigned=x&cluster=-1", {"new in Austria", "new in France", "Known Net"}),
    ],
)
@pytest.mark.both_databases
def test_each_filter_shows_its_submissions_only(client, several, query, found):
    assert names(client, query) == found


@pytest.mark.both_databases
def test_a_reference_finds_its_submission_whole_or_by_its_beginning(client, several):
    reference = str(several.public_id)

    for typed in (reference, reference.replace("-", ""), reference[:8], reference[:13].upper()):
        assert names(client, f"q={typed}") == {"Known Net"}, typed


@pytest.mark.both_databases
def test_each_filter_is_counted_against_all_others(client, several):
    queue = client.get(f"{QUEUE}?kind=new").context["queue"]
    counts = {facet.name: {option.value: option.count for option in facet.options} for facet in queue.facets}

    assert counts["kind"] == {"new": 2, "update": 1}
    assert counts["country"] == {"AT": 1, "FR": 1}
    assert counts["status"] == {
        "pending": 2, "changes_requested": 0, "decided": 1, "withdrawn": 0, "unconfirmed": 0, "all": 3,
    }  # fmt: skip
    assert counts["age"] == {"late": 1, "soon": 1}
    assert (queue.total, counts["assigned"]) == (2, {"nobody": 2})


def test_every_number_is_a_link_to_as_many_rows(client, several):
    for base in ("", "kind=new", "status=all", "country=FR&age=soon"):
        queue = client.get(f"{QUEUE}?{base}").context["queue"]
        for facet in queue.facets:
            for option in facet.options:
                total = client.get(f"{QUEUE}?{option.query}").context["queue"].total
                wanted = option.count if not option.is_chosen or facet.name == "status" else total
                assert total == wanted, (base, facet.name, option)


def test_queries_are_the_same_for_one_row_and_for_many(client, rita):
    counts = []
    for number in (1, 30):
        for index in range(number):
            waiting(f"{number} {index}")
            cluster = ClusterFactory(published=True)
            row = update_of(cluster, place="Linz")
            state_machine.assign(submissions=[row], to=person(f"otto{index}"), by=rita)
            state_machine.open_for(submission=row, reviewer=person(f"paula{index}"))
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(QUEUE).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 14


def test_pages_of_fifty_keep_their_filters(client):
    for index in range(52):
        waiting(f"row {index}", country="AT")

    first = client.get(f"{QUEUE}?kind=new")
    second = client.get(f"{QUEUE}?kind=new&page=2")

    assert [len(page.context["groups"][0].rows) for page in (first, second)] == [50, 2]
    assert "?kind=new&amp;page=2" in first.content.decode()
    assert second.context["groups"][0].count == 52


# --- next and previous ---


def test_previous_and_next_are_those_of_the_same_filter(client, rita):
    rows = [waiting(f"row {index}", 9 - index) for index in range(3)]
    waiting("other", 5, "FR")
    queue = Queue({"country": "AT"}, rita)

    assert [place_of(queue, row.pk) for row in rows] == [
        (_place(1, None, rows[1].pk)), (_place(2, rows[0].pk, rows[2].pk)), (_place(3, rows[1].pk, None)),
    ]  # fmt: skip
    page = client.get(f"{QUEUE}{rows[1].pk}/change/?queue=country%3DAT")
    assert page.context["previous_url"] == f"{QUEUE}{rows[0].pk}/change/?queue=country%3DAT"
    assert page.context["next_url"] == f"{QUEUE}{rows[2].pk}/change/?queue=country%3DAT"
    assert page.context["queue_url"] == f"{QUEUE}?country=AT"


def _place(number, previous, following):
    from submissions.review.queue import Place

    return Place(number, 3, previous, following)


def test_one_that_left_the_queue_is_followed_by_the_first(rita):
    rows = [waiting(f"row {index}", 9 - index) for index in range(3)]
    accept_all(rows[1])

    place = place_of(Queue({}, rita), rows[1].pk)

    assert (place.number, place.previous, place.next) == (0, None, rows[0].pk)


# --- assignment ---


def test_a_submission_can_be_taken_assigned_and_given_back(client, rita):
    rows = [waiting(f"row {index}") for index in range(3)]
    otto = person("otto")

    def owners():
        return list(Submission.objects.order_by("pk").values_list("assigned_to__username", flat=True))

    client.post(QUEUE, {"action": f"take:{rows[0].pk}"})
    assert owners() == ["rita", None, None]
    client.post(QUEUE, {"action": "assign", "to": otto.pk, "ticked": [row.pk for row in rows[:2]]})
    assert owners() == ["otto", "otto", None]
    client.post(QUEUE, {"action": "release", "ticked": [rows[0].pk]})
    assert owners() == [None, "otto", None]
    assert (
        list(SubmissionEvent.objects.filter(kind="assigned").values_list("actor__username", flat=True)) == ["rita"] * 4
    )


def test_nothing_is_assigned_to_somebody_who_may_not_review(client):
    row = waiting("row")
    viewer = person("vera", "read-only")

    response = client.post(QUEUE, {"action": "assign", "to": viewer.pk, "ticked": [row.pk]}, follow=True)

    row.refresh_from_db()
    assert row.assigned_to is None
    assert "Choose whom" in response.content.decode()


def test_nothing_ticked_says_so_and_keeps_the_filters(client):
    waiting("row")
    response = client.post(f"{QUEUE}?kind=new", {"action": "take"})

    assert response.headers["Location"] == f"{QUEUE}?kind=new"
    assert "Nothing was ticked" in client.get(QUEUE).content.decode()


def test_a_reader_assigns_nothing():
    row = waiting("row")
    assert sign_in("read-only").post(QUEUE, {"action": f"take:{row.pk}"}).status_code == 403
    row.refresh_from_db()
    assert row.assigned_to is None


def test_empty_queues_say_what_to_do(client):
    assert "Nothing waits for review" in client.get(QUEUE).content.decode()
    assert "No submission fits" in client.get(f"{QUEUE}?kind=new").content.decode()


def test_names_from_outside_are_never_html(client):
    waiting("<script>alert(1)</script>", email="x@y.example")

    page = client.get(QUEUE).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_first_page_of_the_workplace_shows_the_numbers_that_wait(client, rita):
    waiting("one", 12)
    waiting("two")
    state_machine.assign(submissions=[Submission.objects.get(name="two")], to=rita, by=reviewer())

    figures = {figure.label: figure for figure in client.get(reverse("admin:index")).context["figures"]}

    found = {label: (figure.number, names(client, figure.url.partition("?")[2])) for label, figure in figures.items() if "submission" in figure.url}  # fmt: skip
    assert found == {
        "submissions wait for review": (2, {"one", "two"}),
        "of them assigned to you": (1, {"two"}),
        "of them late": (1, {"one"}),
    }


def test_who_may_not_see_submissions_gets_no_figures_of_them():
    user = UserFactory(username="clerk")
    user.user_permissions.set(Permission.objects.filter(codename="view_cluster"))

    figures = client_of(user).get(reverse("admin:index")).context["figures"]

    assert figures
    assert not [figure for figure in figures if "submission" in figure.url]
