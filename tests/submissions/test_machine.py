"""Random lives of submissions: nothing unapproved is public, one mail a decision, history explains the live row."""

import itertools
from io import BytesIO
from typing import Any
from unittest.mock import ANY

import pytest
from django.core.files.base import ContentFile
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from PIL import Image

from catalogue.models import Cluster, Country
from duplicates.merging.exceptions import UndoNotPossible
from duplicates.merging.services import merge
from duplicates.merging.undo import undo, undo_blockers
from duplicates.models import ClusterMerge
from outbox.services.posting import messages_about
from submissions.exceptions import DecisionNotPossible, IllegalMove, SubmissionChanged, SubmissionIncomplete
from submissions.fields.values import read_values
from submissions.models import Submission
from submissions.services import drafts, review, state_machine, submit
from submissions.services.change_kind import turn_into_new, turn_into_update, was_made_an_update
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, NetworkFactory, TermFactory
from tests.factories.submissions import VALUES, notice, reviewer

pytestmark = pytest.mark.both_databases

Status = Submission.Status
PLACES = st.sampled_from(["", "Graz", "Linz", "Wels"])
NUMBERS = st.none() | st.integers(1, 50)
LISTS = st.sampled_from([[], ["photonics"]])


def png() -> bytes:
    """Return a small picture."""
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return file.getvalue()


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
        #: What the latest version of each cluster must name as its reason.
        self.reasons: dict[int, str | None] = {self.live.pk: None, self.twin.pk: None}
        self.term = TermFactory(vocabulary="vertical", slug="photonics")
        self.network = NetworkFactory(slug="ring")
        self.decided: set[int] = set()
        self.merges: list[tuple[int, dict[int, dict[str, Any]]]] = []

    @rule(target=submissions, place=PLACES)
    def begin(self, place):
        values = {**VALUES, "place": place}
        return drafts.start_draft(email="ada@photonics.example", values=values)[0].pk

    @rule(target=submissions, place=PLACES, number=NUMBERS, of_twin=st.booleans())
    def begin_update(self, place, number, of_twin):
        values = {"place": place, "members": number, "members_qualifier": "exact" if number else ""}
        return self.started_update(self.twin if of_twin else self.live, values)

    @rule(target=submissions, verticals=LISTS, networks=st.sampled_from([[], ["ring"]]))
    def begin_update_of_lists(self, verticals, networks):
        values = {"verticals": verticals, "networks": networks}
        return self.started_update(self.live, values)

    def started_update(self, target, values):
        """Begin a correction; a cluster that left the catalogue takes none."""
        target = Cluster.objects.get(pk=target.pk)
        try:
            row, _link = drafts.start_draft(kind="update", email="ada@photonics.example", target=target, values=values)
        except IllegalMove:
            assert target.status == "archived"
            return multiple()
        return row.pk

    @rule(target=submissions, of_twin=st.booleans())
    def report_closure(self, of_twin):
        target = Cluster.objects.get(pk=self.twin.pk if of_twin else self.live.pk)
        try:
            row = submit.propose(
                kind="closure", channel="reminder", values={}, target=target, email="ada@photonics.example"
            )
        except IllegalMove:
            assert target.status == "archived"
            return multiple()
        return row.pk

    @rule(target=submissions, place=PLACES, channel=st.sampled_from(["api", "import"]))
    def come_another_way(self, place, channel):
        values = {**VALUES, "name": f"Cluster of {channel}", "place": place}
        email = "ada@photonics.example" if channel == "api" else ""
        return submit.propose(kind="new", channel=channel, values=values, email=email).pk

    @rule(pk=submissions, is_there=st.booleans())
    def put_a_logo(self, pk, is_there):
        row = self.row(pk)
        try:
            drafts.set_logo(submission=row, logo=ContentFile(png(), name="logo.png") if is_there else None)
        except IllegalMove:
            assert not row.is_draft
            assert row.status != Status.CHANGES_REQUESTED

    @rule(view=views)
    def make_it_an_update(self, view):
        pk, snapshot, _names = view
        row = self.row(pk)
        try:
            turn_into_update(submission=row, cluster=self.live, reviewer=reviewer(), snapshot=snapshot)
        except DecisionNotPossible:
            assert Cluster.objects.get(pk=self.live.pk).status == "archived"
        except (IllegalMove, SubmissionChanged):
            assert row.kind != "new" or not row.is_open or self.is_stale(row, snapshot)

    @rule(view=views)
    def make_it_new_again(self, view):
        pk, snapshot, _names = view
        row = self.row(pk)
        could = was_made_an_update(row)
        try:
            turn_into_new(submission=row, reviewer=reviewer(), snapshot=snapshot)
        except (IllegalMove, SubmissionChanged):
            assert not could or self.is_stale(row, snapshot)

    @rule(pk=submissions)
    def send(self, pk):
        row = self.row(pk)
        try:
            submit.send(submission=row, notice=notice())
        except (IllegalMove, SubmissionIncomplete):
            is_gone = row.target is not None and row.target.status == "archived"
            assert not row.is_draft or is_gone or (row.kind == "update" and not row.payload)

    @rule(pk=submissions)
    def confirm(self, pk):
        row = self.row(pk)
        try:
            submit.confirm(submission=row)
        except IllegalMove:
            assert row.is_draft

    @rule(pk=submissions, place=PLACES)
    def edit(self, pk, place):
        row = self.row(pk)
        try:
            drafts.save_draft(submission=row, values={"place": place})
        except IllegalMove:
            assert not row.is_draft

    @rule(pk=submissions)
    def withdraw(self, pk):
        row = self.row(pk)
        try:
            submit.withdraw(submission=row)
        except IllegalMove:
            assert row.is_decided

    @rule(pk=submissions)
    def assign(self, pk):
        state_machine.assign(submissions=[self.row(pk)], to=reviewer("otto"), by=reviewer())

    @rule(target=views, pk=submissions)
    def look(self, pk):
        row = self.row(pk)
        return (pk, review.current_snapshot(row), review.names_to_decide(row, review.live_values(row)))

    @rule(view=views)
    def ask(self, view):
        pk, snapshot, _names = view
        row = self.row(pk)
        try:
            request_changes(submission=row, reviewer=reviewer(), snapshot=snapshot, fields=["place"], text="Where?")
        except DecisionNotPossible:
            assert not row.submitter_email
        except (IllegalMove, SubmissionChanged):
            assert not row.is_open or row.status == Status.CHANGES_REQUESTED or self.is_stale(row, snapshot)

    @rule(pk=submissions, place=PLACES)
    def answer(self, pk, place):
        row = self.row(pk)
        try:
            submit.answer_changes(submission=row, values={"place": place})
        except IllegalMove:
            assert row.status != Status.CHANGES_REQUESTED
        except SubmissionIncomplete:
            assert row.kind == "update"

    @rule(view=views, accepted=st.lists(st.booleans(), min_size=8, max_size=8))
    def decide(self, view, accepted):
        pk, snapshot, names = view
        row = self.row(pk)
        decisions = {
            name: FieldDecision(yes or (row.kind == "new" and name in ("name", "country", "summary")), "Because.")
            for name, yes in zip(names, accepted, strict=False)
        }
        if "members" in decisions and "members_qualifier" in decisions:
            decisions["members_qualifier"] = decisions["members"]
        if row.kind == "closure":
            decisions = {"closure": FieldDecision(accepted[0], "Because.")}
        before = read_values(row.target) if row.target else {}
        is_stale = self.is_stale(row, snapshot)
        try:
            outcome = review.decide(
                row, Decision(reviewer=reviewer(), snapshot=snapshot, fields=decisions, reason="As you read.")
            )
        except IllegalMove:
            assert not row.is_open
        except SubmissionChanged:
            assert is_stale
        except DecisionNotPossible:
            assert row.target
            assert row.target.status == "archived"
        else:
            assert not is_stale, "a stale decision was carried out"
            self.decided.add(pk)
            if row.kind == "closure":
                if outcome.accepted:
                    self.reasons[outcome.cluster.pk] = f"Submission {row.public_id}"
            elif outcome.cluster:
                wanted = {name: row.payload[name] for name in outcome.accepted if name != "logo"}
                after = read_values(Cluster.objects.get(pk=outcome.cluster.pk))
                assert bool(after.pop("logo")) == (
                    bool(row.logo) if "logo" in outcome.accepted else bool(before.get("logo"))
                )
                if before and "name" in wanted and "former_names" not in wanted:
                    former = before["former_names"].splitlines()
                    names = [name for name in [*former, before["name"]] if name != wanted["name"]]
                    wanted["former_names"] = "\n".join(dict.fromkeys(names))
                for name, value in after.items():
                    assert value == wanted.get(name, before.get(name, value)), name
                if outcome.accepted or not names:
                    source = f"Submission {row.public_id}"
                    is_new = row.kind == "new"
                    self.reasons[outcome.cluster.pk] = f"Published with {source}" if is_new else source
                self.expected[outcome.cluster.pk] = {"place": after["place"], "members": after["members"]}

    @rule(place=PLACES)
    def staff_edits(self, place):
        cluster = Cluster.objects.get(pk=self.live.pk)
        cluster.place = place
        cluster.save()
        self.expected[cluster.pk]["place"] = place
        self.reasons[cluster.pk] = None

    @rule()
    def merge_the_newest(self):
        """The twin, or what was approved last, turns out to be the live one."""
        other = Cluster.objects.published().exclude(pk=self.live.pk).order_by("-pk").first()
        if other is None:
            return
        if Cluster.objects.get(pk=self.live.pk).status == "archived":
            return
        before = {pk: dict(self.expected[pk]) for pk in (self.live.pk, other.pk)}
        log = merge(target=Cluster.objects.get(pk=self.live.pk), source=other, by=reviewer(), reason="One.")
        self.merges.append((log.pk, before))
        self.reasons |= {self.live.pk: f"Merged into this: {other.name}. One.", other.pk: ANY}
        if before[self.live.pk]["members"] is None:
            self.expected[self.live.pk]["members"] = before[other.pk]["members"]
        assert not Submission.objects.filter(target=other).exists()

    @rule()
    def undo_the_last_merge(self):
        if not self.merges:
            return
        pk, before = self.merges[-1]
        log = ClusterMerge.objects.get(pk=pk)
        obstacles = undo_blockers(log)
        if obstacles:
            with pytest.raises(UndoNotPossible):
                undo(merge=log, by=reviewer())
            return
        undo(merge=log, by=reviewer())
        self.expected.update(before)
        self.reasons |= {log.target_id: ANY, log.source_id: ANY}
        self.merges.pop()

    @rule(pk=consumes(submissions))
    def forget(self, pk):
        """Nothing more happens to this one."""

    def row(self, pk: int) -> Submission:
        return Submission.objects.get(pk=pk)

    def is_stale(self, row: Submission, snapshot: review.ReviewSnapshot) -> bool:
        now = review.current_snapshot(row)
        return (now.version, now.live) != (snapshot.version, snapshot.live) or bool(
            now.duplicates - snapshot.duplicates
        )

    @invariant()
    def nothing_unapproved_is_public(self):
        approved = set(
            Submission.objects.filter(status__in=["approved", "partly_approved"]).values_list("target_id", flat=True)
        )
        public = set(Cluster.objects.published().values_list("pk", flat=True))
        assert public - approved <= {self.live.pk, self.twin.pk}
        merged = ClusterMerge.objects.filter(undone_at=None).values_list("source", flat=True)
        assert not public & set(merged)
        for pk, values in self.expected.items():
            cluster = Cluster.objects.get(pk=pk)
            assert {"place": cluster.place, "members": cluster.members} == values

    @invariant()
    def every_decision_has_exactly_one_mail(self):
        for row in Submission.objects.all():
            mails = messages_about(row.about).filter(kind="submission_decided").count()
            # Nobody gets a mail about a row of a spreadsheet.
            assert mails == (1 if row.is_decided and row.submitter_email else 0)
            assert row.is_decided == (row.pk in self.decided)

    @invariant()
    def history_explains_the_live_row(self):
        for cluster in Cluster.objects.all():
            latest = cluster.history.first()
            assert (latest.place, latest.members, latest.status) == (cluster.place, cluster.members, cluster.status)
            assert latest.history_change_reason == self.reasons[cluster.pk]
            if str(latest.history_change_reason).startswith(("Submission ", "Published with Submission ")):
                public_id = latest.history_change_reason.rpartition(" ")[2]
                assert Submission.objects.get(public_id=public_id).target_id in (cluster.pk, cluster.successor_id)
                assert latest.history_user == reviewer()

    @invariant()
    def events_tell_only_legal_moves(self):
        for row in Submission.objects.prefetch_related("events"):
            changes = [event.kind for event in row.events.all() if event.kind in Status.values]
            states = [Status.UNCONFIRMED.value, *changes]
            assert states[-1] == row.status
            assert all(after in state_machine.TRANSITIONS[before] for before, after in itertools.pairwise(states))


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
                max_examples=examples(25),
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.reuse, Phase.generate],
            ),
        )
