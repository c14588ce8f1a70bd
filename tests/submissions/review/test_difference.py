"""What a reviewer sees of a proposal, field by field."""

import pytest

from submissions.fields.choices import Choices
from submissions.fields.definitions import NAMES
from submissions.models import Submission
from submissions.review.difference import difference
from submissions.services import drafts, submit
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, TermFactory
from tests.factories.submissions import accept_all, notice, pending, update_of

pytestmark = pytest.mark.django_db


def rows_of(submission: Submission):
    submission = Submission.objects.get(pk=submission.pk)
    return {row.name: row for row in difference(submission, Choices.load()).rows}


def test_rows_are_in_the_order_of_the_form():
    assert tuple(rows_of(pending())) == NAMES


def test_a_new_cluster_differs_in_what_it_gives():
    submission = pending(place="Graz", members=20, members_qualifier="exact", core_cybersecurity=False)
    rows = rows_of(submission)

    assert {name for name, row in rows.items() if row.is_different} == {
        "country", "name", "summary", "place", "members", "members_qualifier",
    }  # fmt: skip
    assert (rows["country"].proposed, rows["members"].pieces) == ("Austria", (("new", "20"),))
    assert not any(row.is_meanwhile for row in rows.values())


def test_an_update_shows_before_and_after():
    cluster = ClusterFactory(published=True, place="Graz", phone="+43 1 1")
    rows = rows_of(update_of(cluster, place="Linz", phone=""))

    assert rows["place"].pieces == (("gone", "Graz"), ("new", "Linz"))
    assert rows["phone"].is_emptied
    assert not rows["name"].is_different


def test_lists_show_each_term_that_goes_comes_and_stays():
    health, space, food = (TermFactory(name=name, slug=name.lower()) for name in ("Health", "Space", "Food"))
    austria = CountryFactory(code="AT", name="Austria")
    network = NetworkFactory(name="Cyber Net")
    cluster = ClusterFactory(published=True, terms=[health, space])
    rows = rows_of(
        update_of(cluster, verticals=[food.slug, space.slug], target_markets=[austria.code], networks=[network.slug])
    )

    assert rows["verticals"].pieces == (("new", "Food"), ("gone", "Health"), ("same", "Space"))
    assert rows["target_markets"].pieces == (("new", "Austria"),)
    assert rows["networks"].pieces == (("new", "Cyber Net"),)


def test_long_texts_are_compared_word_by_word():
    text = "The cluster is an association of companies. It organises more than forty events a year for its members."
    cluster = ClusterFactory(published=True, description=text)
    rows = rows_of(update_of(cluster, description=text.replace("more than forty", "fifty")))

    pieces = rows["description"].pieces
    assert [text for kind, text in pieces if kind == "new"] == ["fifty"]
    assert "events a year" in "".join(text for kind, text in pieces if kind == "same")


def test_what_changed_on_the_live_row_meanwhile_is_a_third_value():
    cluster = ClusterFactory(published=True, place="Graz", phone="+43 1 1")
    submission = update_of(cluster, place="Linz", phone="+43 1 2")
    cluster.place, cluster.phone = "Wels", "+43 1 2"
    cluster.save()
    rows = rows_of(submission)

    assert (rows["place"].was, rows["place"].live, rows["place"].proposed) == ("Graz", "Wels", "Linz")
    assert rows["place"].is_meanwhile
    assert rows["phone"].is_settled
    assert not rows["phone"].is_different


def test_lists_that_changed_meanwhile_are_shown_as_such():
    health, space = (TermFactory(name=name, slug=name.lower()) for name in ("Health", "Space"))
    cluster = ClusterFactory(published=True, terms=[health])
    submission = update_of(cluster, verticals=[space.slug])
    cluster.terms.set([health, TermFactory(name="Food", slug="food")])
    row = rows_of(submission)["verticals"]

    assert (row.was, row.live, row.is_meanwhile) == ("Health", "Food; Health", True)
    assert row.pieces == (("gone", "Food"), ("gone", "Health"), ("new", "Space"))


def test_a_decided_submission_is_compared_with_what_it_was_decided_against():
    cluster = ClusterFactory(published=True, place="Graz")
    submission = update_of(cluster, place="Linz")
    accept_all(submission)

    assert rows_of(submission)["place"].pieces == (("gone", "Graz"), ("new", "Linz"))


def test_a_web_address_is_a_link_only_if_it_is_one():
    submission = pending(website="https://photonics.example")
    assert rows_of(submission)["website"].link == "https://photonics.example"
    Submission.objects.filter(pk=submission.pk).update(payload={**submission.payload, "website": "javascript:alert(1)"})
    assert rows_of(submission)["website"].link == ""


def test_the_fixed_number_of_queries_does_not_depend_on_the_fields(django_assert_num_queries):
    terms = TermFactory.create_batch(3)
    cluster = ClusterFactory(published=True, terms=terms[:1])
    row, _link = drafts.start_draft(
        kind="update", email="a@b.example", target=cluster, is_email_confirmed=True,
        values={"verticals": [term.slug for term in terms], "place": "Linz", "phone": "+43 1 1"},
    )  # fmt: skip
    submission = submit.send(submission=row, notice=notice())
    submission = Submission.objects.select_related("target__region").get(pk=submission.pk)
    choices = Choices.load()

    with django_assert_num_queries(7):  # five vocabularies of terms, networks, target markets
        difference(submission, choices)
