"""A challenge is solved by work, once, in time, and by nothing else."""

import base64
import json
import time
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from publicforms import proof_of_work
from publicforms.proof_of_work import ATTEMPTS, LIFETIME, MAX_PAYLOAD, is_solved, new_challenge, solve


def unpack(payload: str) -> dict[str, Any]:
    """Return what a payload says."""
    return json.loads(base64.b64decode(payload))


def pack(sent: Any) -> str:
    """Return a payload that says this."""
    return base64.b64encode(json.dumps(sent).encode()).decode()


@pytest.fixture(scope="module")
def solved() -> tuple[dict[str, Any], str]:
    """Return a challenge with its solution."""
    given = new_challenge()
    return given, solve(given)


def test_solution_is_taken_once(solved: tuple[dict[str, Any], str]) -> None:
    assert is_solved(solved[1])
    assert not is_solved(solved[1])


def test_spent_in_another_writing_is_spent(solved: tuple[dict[str, Any], str]) -> None:
    sent = unpack(solved[1])
    assert is_solved(solved[1])

    sent["solution"]["time"] = 12
    sent["more"] = "x"

    assert not is_solved(pack(sent))
    assert not is_solved(pack(dict(reversed(sent.items()))))
    assert not is_solved(solved[1].rstrip("="))


def test_store_may_be_given(solved: tuple[dict[str, Any], str]) -> None:
    class Remembering:
        kept: dict[str, float] = {}

        def add(self, key: str, value: Any, timeout: float) -> bool:
            is_new = key not in self.kept
            self.kept[key] = timeout
            return is_new

    store = Remembering()

    assert is_solved(solved[1], store=store)
    assert not is_solved(solved[1], store=store)
    assert is_solved(solved[1])
    assert len(store.kept) == 1
    # Remembered for longer than it is valid.
    assert LIFETIME < next(iter(store.kept.values())) <= LIFETIME + 60


def test_challenge_is_json_without_secrets_and_never_the_same() -> None:
    first, second = new_challenge(), new_challenge()

    assert json.loads(json.dumps(first)) == first
    assert set(first) == {"parameters", "signature"}
    assert set(first["parameters"]) == {
        "algorithm", "cost", "expiresAt", "keyLength", "keyPrefix", "keySignature", "nonce", "salt",
    }  # fmt: skip
    assert first["parameters"]["nonce"] != second["parameters"]["nonce"]
    assert LIFETIME - 5 <= first["parameters"]["expiresAt"] - time.time() <= LIFETIME


def test_work_is_as_much_as_planned(solved: tuple[dict[str, Any], str]) -> None:
    assert ATTEMPTS[0] <= unpack(solved[1])["solution"]["counter"] <= ATTEMPTS[1]


def test_challenge_ends(solved: tuple[dict[str, Any], str]) -> None:
    with time_machine.travel(time.time() + LIFETIME + 5):
        assert not is_solved(solved[1])
    with time_machine.travel(time.time() + LIFETIME - 30):
        assert is_solved(solved[1])


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("parameters", "expiresAt", 4_000_000_000),
        ("parameters", "expiresAt", None),
        ("parameters", "cost", 1),
        ("parameters", "cost", 10**12),
        ("parameters", "keyPrefix", ""),
        ("parameters", "keySignature", None),
        ("parameters", "algorithm", "SHA-256"),
        ("parameters", "data", {"a": 1}),
        ("solution", "derivedKey", "00" * 32),
        ("solution", "derivedKey", 7),
        ("challenge", "signature", "00" * 32),
        ("challenge", "signature", None),
        ("challenge", "signature", ""),
    ],
)
def test_nothing_can_be_changed(solved: tuple[dict[str, Any], str], part: str, key: str, value: Any) -> None:
    sent = unpack(solved[1])
    place = {
        "parameters": sent["challenge"]["parameters"],
        "solution": sent["solution"],
        "challenge": sent["challenge"],
    }
    place[part][key] = value

    start = time.process_time()
    assert not is_solved(pack(sent))
    assert time.process_time() - start < 0.5
    assert is_solved(solved[1])


def test_solution_of_another_challenge_is_none(solved: tuple[dict[str, Any], str]) -> None:
    mixed = unpack(solved[1]) | {"challenge": new_challenge()}

    assert not is_solved(pack(mixed))


def test_challenge_of_another_portal_is_none(solved: tuple[dict[str, Any], str]) -> None:
    with override_settings(SECRET_KEY="another key" * 5):
        assert not is_solved(solved[1])


@pytest.mark.parametrize(
    "payload",
    ["", " ", "é", "x", "e30=", pack([]), pack(None), pack(7), pack({"challenge": []}), pack({"challenge": {}, "solution": {}}),
     pack({"challenge": {"parameters": []}, "solution": []}), "A" * (MAX_PAYLOAD + 1), "[" * 2000],
)  # fmt: skip
def test_nonsense_is_no_solution(payload: str) -> None:
    assert is_solved(payload) is False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(path=st.lists(st.sampled_from(["challenge", "solution", "parameters", "signature", "expiresAt", "nonce", "salt",
                                      "derivedKey", "counter", "keySignature", "data"]), min_size=1, max_size=3), value=JSON)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_payload_raises(path: list[str], value: Any) -> None:
    sent: Any = {"challenge": new_template(), "solution": {"counter": 1, "derivedKey": "00" * 32}}
    place = sent
    for step in path[:-1]:
        place = place[step] if isinstance(place, dict) and isinstance(place.get(step), dict) else place
    place[path[-1]] = value

    assert is_solved(pack(sent)) is False


def new_template() -> dict[str, Any]:
    """Return a challenge without the work of making one."""
    return {
        "parameters": {
            "algorithm": proof_of_work.ALGORITHM, "cost": 1, "keyLength": 32, "keyPrefix": "00", "nonce": "00" * 16,
            "salt": "00" * 16, "expiresAt": int(time.time()) + 100,
        },
        "signature": "00" * 32,
    }  # fmt: skip


def test_nothing_is_stored_before_a_solution(solved: tuple[dict[str, Any], str]) -> None:
    signature = solved[0]["signature"]
    assert cache.get(f"challenge-{signature}") is None

    is_solved(solved[1])

    assert cache.get(f"challenge-{signature}") == 1


def test_a_cache_that_does_not_answer_stops_nobody(solved: tuple[dict[str, Any], str]) -> None:
    class Broken:
        def add(self, *_args: Any) -> bool:
            raise ConnectionError

    assert is_solved(solved[1], store=Broken())
