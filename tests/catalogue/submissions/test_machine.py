"""Random lives of submissions: nothing unapproved is public, one mail a decision, history explains the live row."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from catalogue.models import Cluster, ClusterMerge, Country, Submission
from catalogue.payload.values import read_values
from catalogue.services.merging import UndoNotPossible, merge, undo, what_keeps_from_undoing
from catalogue.services.submissions import desk, lifecycle, record, review
from catalogue.services.submissions.refusals import (
    IllegalMove,
    SubmissionChanged,
    SubmissionIncomplete,
)
from catalogue.services.submissions.review import FieldDecision
from outbox.services import messages_about
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import VALUES, notice, reviewer

Status = Submission.Status
PLACES = st.sampled_from(["", "Graz", "Linz", "Wels"])
NUMBERS = st.none() | st.integers(1, 50)


class Lives(RuleBasedStateMachine):
    """What submitters, reviewers and staff do, in any order. ``expected`` is what each cluster must say."""

    submissions = Bundle("submissions")
    views = Bundle("views")

    def __init__(self) -> None:
        super().__init__()
        Country.objects.get_or_create(code="AT", defaults={"name": "Austria"})
        self.live = ClusterFactory(published=True, country_id="AT", place="Graz")
        self.twin = ClusterFactory(published=True, country_id="AT", members=7, members_qualifier="exact")
        self.expected: dict[int, dict[str, Any]] = {
            self.live.pk: {"place": "Graz", "members": None},
            self.twin.pk: {"place": "", "members": 7},
        }
        self.decided: set[int] = set()
        self.merges: list[tuple[int, dict[int, dict[str, Any]]]] = []

    @rule(target=submissions, place=PLACES)
    def begin(self, place):
        values = {**VALUES, "place": place}
        return lifecycle.start_draft(email="ada@photonics.example", values=values)[0].pk

    @rule(target=submissions, place=PLACES, number=NUMBERS, of_twin=st.booleans())
    def begin_update(self, place, number, of_twin):
        values = {"place": place, "members": number, "members_qualifier": "exact" if number else ""}
        row, _link = lifecycle.start_draft(
            kind="update", email="ada@photonics.example", target=self.twin if of_twin else self.live, values=values
        )
        return row.pk

    @rule(pk=submissions)
    def send(self, pk):
        row = self.row(pk)
        try:
            lifecycle.send(submission=row, notice=notice())
        except (IllegalMove, SubmissionIncomplete):
            assert not row.is_draft or (row.kind == "update" and not row.payload)

    @rule(pk=submissions)
    def confirm(self, pk):
        row = self.row(pk)
        try:
            lifecycle.confirm(submission=row)
        except IllegalMove:
            assert row.is_draft

    @rule(pk=submissions, place=PLACES)
    def edit(self, pk, place):
        row = self.row(pk)
        try:
            lifecycle.save_draft(submission=row, values={"place": place})
        except IllegalMove:
            assert not row.is_draft

    @rule(pk=submissions)
    def withdraw(self, pk):
        row = self.row(pk)
        try:
            lifecycle.withdraw(submission=row)
        except IllegalMove:
            assert row.is_decided

    @rule(pk=submissions)
    def assign(self, pk):
        desk.assign(submissions=[self.row(pk)], to=reviewer("otto"), by=reviewer())

    @rule(target=views, pk=submissions)
    def look(self, pk):
        row = self.row(pk)
        return (pk, review.seen_now(row), review.names_to_decide(row, review.live_values(row)))

    @rule(view=views)
    def ask(self, view):
        pk, seen, _names = view
        row = self.row(pk)
        try:
            review.request_changes(submission=row, reviewer=reviewer(), seen=seen, fields=["place"], text="Where?")
        except (IllegalMove, SubmissionChanged):
            assert not row.is_open or row.status == Status.CHANGES_REQUESTED or self.is_stale(row, seen)

    @rule(pk=submissions, place=PLACES)
    def answer(self, pk, place):
        row = self.row(pk)
        try:
            lifecycle.answer_changes(submission=row, values={"place": place})
        except IllegalMove:
            assert row.status != Status.CHANGES_REQUESTED
        except SubmissionIncomplete:
            assert row.kind == "update"

    @rule(view=views, accepted=st.lists(st.booleans(), min_size=8, max_size=8))
    def decide(self, view, accepted):
        pk, seen, names = view
        row = self.row(pk)
        decisions = {
            name: FieldDecision(yes or (row.kind == "new" and name in ("name", "country", "summary")), "Because.")
            for name, yes in zip(names, accepted, strict=False)
        }
        if "members" in decisions and "members_qualifier" in decisions:
            decisions["members_qualifier"] = decisions["members"]
        before = read_values(row.target) if row.target else {}
        try:
            outcome = review.decide(
                submission=row, reviewer=reviewer(), seen=seen, decisions=decisions, reason="As told."
            )
        except IllegalMove:
            assert not row.is_open
        except SubmissionChanged:
            assert self.is_stale(row, seen)
        else:
            assert not self.is_stale(row, seen), "a stale decision was carried out"
            self.decided.add(pk)
            if outcome.cluster:
                wanted = {name: row.payload[name] for name in outcome.accepted}
                after = read_values(Cluster.objects.get(pk=outcome.cluster.pk))
                for name, value in after.items():
                    assert value == wanted.get(name, before.get(name, value)), name
                self.expected[outcome.cluster.pk] = {"place": after["place"], "members": after["members"]}

    @rule(place=PLACES)
    def staff_edits(self, place):
        cluster = Cluster.objects.get(pk=self.live.pk)
        cluster.place = place
        cluster.save()
        self.expected[cluster.pk]["place"] = place

    @rule()
    def merge_the_newest(self):
        """The twin, or what was approved last, turns out to be the live one."""
        other = Cluster.objects.published().exclude(pk=self.live.pk).order_by("-pk").first()
        if other is None:
            return
        before = {pk: dict(self.expected[pk]) for pk in (self.live.pk, other.pk)}
        log = merge(kept=Cluster.objects.get(pk=self.live.pk), gone=other, by=reviewer(), reason="One.")
        self.merges.append((log.pk, before))
        if before[self.live.pk]["members"] is None:
            self.expected[self.live.pk]["members"] = before[other.pk]["members"]
        assert not Submission.objects.filter(target=other).exists()

    @rule()
    def undo_the_last_merge(self):
        if not self.merges:
            return
        pk, before = self.merges[-1]
        log = ClusterMerge.objects.get(pk=pk)
        obstacles = what_keeps_from_undoing(log)
        if obstacles:
            with pytest.raises(UndoNotPossible):
                undo(merge=log, by=reviewer())
            return
        undo(merge=log, by=reviewer())
        self.expected.update(before)
        self.merges.pop()

    @rule(pk=consumes(submissions))
    def forget(self, pk):
        """Nothing more happens to this one."""

    def row(self, pk: int) -> Submission:
        return Submission.objects.get(pk=pk)

    def is_stale(self, row: Submission, seen: review.Seen) -> bool:
        return review.seen_now(row) != seen

    @invariant()
    def nothing_unapproved_is_public(self):
        approved = set(
            Submission.objects.filter(status__in=["approved", "partly_approved"]).values_list("target_id", flat=True)
        )
        public = set(Cluster.objects.published().values_list("pk", flat=True))
        assert public - approved <= {self.live.pk, self.twin.pk}
        merged = ClusterMerge.objects.filter(undone_at=None).values_list("gone", flat=True)
        assert not public & set(merged)
        for pk, values in self.expected.items():
            cluster = Cluster.objects.get(pk=pk)
            assert {"place": cluster.place, "members": cluster.members} == values

    @invariant()
    def every_decision_has_exactly_one_mail(self):
        for row in Submission.objects.all():
            mails = messages_about(row.about).filter(kind="submission_decided").count()
            assert mails == (1 if row.is_decided else 0)
            assert row.is_decided == (row.pk in self.decided)

    @invariant()
    def history_explains_the_live_row(self):
        for cluster in Cluster.objects.all():
            latest = cluster.history.first()
            assert (latest.place, latest.members, latest.status) == (cluster.place, cluster.members, cluster.status)

    @invariant()
    def events_tell_only_legal_moves(self):
        for row in Submission.objects.prefetch_related("events"):
            told = [event.kind for event in row.events.all() if event.kind in Status.values]
            states = [Status.UNCONFIRMED.value, *told]
            assert states[-1] == row.status
            assert all(after in record.MOVES[before] for before, after in itertools.pairwise(states))


class Machine(TestCase):
    """Runs the machine with a rolled back database for each life."""

    def test_any_life(self):
        from django.db import transaction

        class Fresh(Lives):
            def __init__(self) -> None:
                self.savepoint = transaction.savepoint()
                super().__init__()

            def teardown(self) -> None:
                transaction.savepoint_rollback(self.savepoint)

        run_state_machine_as_test(
            Fresh,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
