"""Misspelt words are found without comparing all: exactly those that a comparison of all finds."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from duplicates.spellings import LONG_LENGTH, MIN_LENGTH, Spellings

pytestmark = pytest.mark.both_databases


def slip(word: str, chance: random.Random) -> str:
    """Return ``word`` with one mistake."""
    place, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase)
    return chance.choice(
        [
            word[:place] + word[place + 1 :], word[:place] + letter + word[place:], word[:place] + letter + word[place + 1 :],
            word[: max(0, place - 1)] + word[max(0, place - 1) : place + 1][::-1] + word[place + 1 :],
        ]
    )  # fmt: skip


def expected(word: str, known: list[str]) -> set[str]:
    allowed = 1 if len(word) < LONG_LENGTH else 2
    return {other for other in known if len(word) >= MIN_LENGTH and OSA.distance(word, other) <= allowed}


def test_every_slip_of_a_thousand_words_is_found():
    chance = random.Random(8)  # noqa: S311
    words = ["".join(chance.choices("abcdeilnorst", k=chance.randint(4, 16))) for _ in range(1000)]
    known = sorted(set(words))
    spellings = Spellings(known)

    asked = [word for base in known for word in (slip(base, chance), slip(slip(base, chance), chance))]
    for word in asked:
        assert set(spellings.near(word, limit=10_000)) == expected(word, known)


@given(st.text("ab", min_size=4, max_size=13), st.text("ab", min_size=5, max_size=13))
def test_no_pair_is_missed(known, asked):
    assert set(Spellings([known]).near(asked)) == expected(asked, [known])


@pytest.mark.parametrize(("asked", "known"), [("photnics", "photonics"), ("mechatronisc", "mechatronics"), ("roboitcs", "robotics")])  # fmt: skip
def test_one_more_word_is_known_at_once(asked, known):
    spellings = Spellings()
    assert spellings.near(asked) == []
    spellings.add(known)

    assert spellings.near(asked) == [known]
    assert spellings.near("zzzz") == []
