"""Registered jobs and erasers: each runs whatever happens to the others, in a fixed order."""

import pytest
from django.contrib.auth.models import User

from workplace import erasure, nightly
from workplace.erasure import PersonEraser, RecordEraser
from workplace.nightly import JobResult, NightlyJob, RowsFailed
from workplace.registry import Registry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registries(monkeypatch):
    """Start with nothing registered."""
    for name in ("record_erasers", "person_erasers", "nightly_jobs"):
        monkeypatch.setattr(nightly if name == "nightly_jobs" else erasure, name, Registry(name))


def test_a_job_returns_its_count_or_what_failed():
    def some_fail():
        raise RowsFailed(3, ["submission 7: ValueError"])

    def broken():
        raise RuntimeError("ada@photonics.example")

    nightly.nightly_jobs.register(NightlyJob("fine", lambda: 2), NightlyJob("some", some_fail))
    nightly.nightly_jobs.register(NightlyJob("broken", broken))

    assert {job.name: nightly.run_job(job.name) for job in nightly.nightly_jobs} == {
        "broken": JobResult(0, ("stopped: RuntimeError",)),
        "fine": JobResult(2),
        "some": JobResult(3, ("submission 7: ValueError",)),
    }
    with pytest.raises(KeyError):
        nightly.run_job("unknown")


def test_a_row_that_fails_stops_no_other():
    done = []

    def act(key):
        if key == 2:
            raise ValueError("ada@photonics.example")
        done.append(key)
        return key != 3

    with pytest.raises(RowsFailed) as caught:
        nightly.for_each("row", [1, 2, 3, 4], act)

    assert done == [1, 3, 4]
    assert (caught.value.count, caught.value.failed) == (2, ("row 2: ValueError",))
    assert nightly.for_each("row", [1, 3, 4], act) == 2


def test_people_are_erased_in_the_order_of_locks():
    asked = []

    def erases(name, count):
        return lambda email: asked.append((name, email)) or count

    erasure.person_erasers.register(
        PersonEraser("mails", erases("mails", 2), order=50),
        PersonEraser("contacts", erases("contacts", 1), order=20),
    )

    assert erasure.erase_person(" Ada@photonics.example ") == {"contacts": 1, "mails": 2}
    assert asked == [("contacts", "Ada@photonics.example"), ("mails", "Ada@photonics.example")]


def test_an_app_that_cannot_erase_a_person_takes_back_what_others_erased():
    person = User.objects.create(username="ada", email="ada@photonics.example")

    def erase(email):
        return User.objects.filter(email=email).update(email="")

    def breaks(email):
        raise RuntimeError

    erasure.person_erasers.register(PersonEraser("first", erase, order=1), PersonEraser("second", breaks, order=2))

    with pytest.raises(RuntimeError):
        erasure.erase_person("ada@photonics.example")

    person.refresh_from_db()
    assert person.email == "ada@photonics.example"


@pytest.mark.parametrize("email", ["", " ", "@", "ada", "ada@", "@photonics.example"])
def test_what_is_no_address_erases_nobody(email):
    erasure.person_erasers.register(PersonEraser("mails", lambda email: pytest.fail("asked")))

    with pytest.raises(ValueError, match="address"):
        erasure.erase_person(email)


def test_a_name_is_registered_once():
    nightly.nightly_jobs.register(NightlyJob("links", lambda: 1))
    erasure.record_erasers.register(RecordEraser("rows", "submissions.Submission", print))

    with pytest.raises(ValueError, match="links"):
        nightly.nightly_jobs.register(NightlyJob("links", lambda: 2))
    with pytest.raises(ValueError, match="rows"):
        erasure.record_erasers.register(RecordEraser("rows", "submissions.Submission", repr))
