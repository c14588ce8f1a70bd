"""Invented but plausible words, names and places, the same for the same seed."""

from __future__ import annotations

import random
from itertools import accumulate

#: ISO code, name, degrees north and east of the middle.
COUNTRIES = (
    ("AT", "Austria", 47.6, 14.1), ("BE", "Belgium", 50.6, 4.7), ("BG", "Bulgaria", 42.7, 25.2),
    ("HR", "Croatia", 45.6, 16.0), ("CY", "Cyprus", 35.0, 33.1), ("CZ", "Czechia", 49.8, 15.3),
    ("DK", "Denmark", 55.9, 9.4), ("EE", "Estonia", 58.7, 25.6), ("FI", "Finland", 62.2, 25.6),
    ("FR", "France", 46.7, 2.5), ("DE", "Germany", 50.9, 10.2), ("GR", "Greece", 39.3, 22.4),
    ("HU", "Hungary", 47.1, 19.4), ("IE", "Ireland", 53.1, -8.0), ("IT", "Italy", 43.4, 12.2),
    ("LV", "Latvia", 56.8, 25.0), ("LT", "Lithuania", 55.3, 23.9), ("LU", "Luxembourg", 49.7, 6.1),
    ("MT", "Malta", 35.9, 14.4), ("NL", "Netherlands", 52.2, 5.5), ("NO", "Norway", 61.2, 9.5),
    ("PL", "Poland", 52.1, 19.3), ("PT", "Portugal", 39.7, -8.1), ("RO", "Romania", 45.9, 25.0),
    ("RS", "Serbia", 44.2, 20.8), ("SK", "Slovakia", 48.7, 19.6), ("SI", "Slovenia", 46.1, 14.8),
    ("ES", "Spain", 40.2, -3.7), ("SE", "Sweden", 59.6, 15.0), ("CH", "Switzerland", 46.8, 8.2),
)  # fmt: skip
#: How many entries each vocabulary has and how many a cluster usually carries.
VOCABULARIES = {
    "vertical": (16, (1, 3)),
    "sector": (40, (1, 2)),
    "emerging_industry": (10, (0, 2)),
    "technology_field": (25, (0, 3)),
    "s3_priority": (20, (0, 2)),
}
TOPICS = [
    "cybersecurity",
    "digital",
    "health",
    "energy",
    "mobility",
    "maritime",
    "aerospace",
    "agrifood",
    "biotech",
    "photonics",
    "robotics",
    "materials",
    "textile",
    "tourism",
    "water",
    "forestry",
    "mining",
    "finance",
    "logistics",
    "manufacturing",
    "nanotech",
    "software",
    "quantum",
    "semiconductor",
    "automotive",
    "construction",
    "packaging",
    "plastics",
    "chemistry",
    "medical",
    "wellness",
    "creative",
    "gaming",
    "audiovisual",
    "space",
    "drones",
    "hydrogen",
    "battery",
    "recycling",
    "circular",
    "bioeconomy",
    "seafood",
    "wine",
    "furniture",
    "ceramics",
    "optics",
    "sensors",
    "mechatronics",
    "railway",
]
FORMS = [
    "cluster",
    "valley",
    "hub",
    "alliance",
    "network",
    "campus",
    "platform",
    "forum",
    "association",
    "park",
    "centre",
    "pole",
    "district",
    "initiative",
]
GLUE = ["and", "for", "of", "the", "in", "with", "to", "by", "on", "from"]
_STARTS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "br",
    "cl",
    "cr",
    "dr",
    "fl",
    "gr",
    "kl",
    "pl",
    "pr",
    "sk",
    "sl",
    "sp",
    "st",
    "tr",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou", "ei"]
_ENDS = ["", "", "", "n", "r", "l", "s", "t", "m", "nd", "rk", "st", "lt"]


class Language:
    """Words of a seed; frequent ones come often, as in any text (Zipf's law)."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = random.Random(f"{seed}-language")
        self.words = [*TOPICS]
        known = set(self.words)
        while len(self.words) < size:
            word = self.word(self.random.choice((2, 2, 3, 3, 4)))
            if len(word) > 3 and word not in known:
                known.add(word)
                self.words.append(word)
        head, tail = self.words[: len(TOPICS)], self.words[len(TOPICS) :]
        self.random.shuffle(tail)
        self.words = head + tail
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(len(self.words))))

    def word(self, syllables: int) -> str:
        """Return an invented word."""
        pick = self.random.choice
        return "".join(pick(_STARTS) + pick(_VOWELS) + pick(_ENDS) for _ in range(syllables))

    def text(self, chance: random.Random, least: int, most: int) -> str:
        """Return a sentence of so many words."""
        drawn = chance.choices(self.words, cum_weights=self._weights, k=chance.randint(least, most))
        parts = [word if index % 4 else f"{chance.choice(GLUE)} {word}" for index, word in enumerate(drawn)]
        sentence = " ".join(parts)
        return f"{sentence[:1].upper()}{sentence[1:]}."

    def name(self, chance: random.Random) -> str:
        """Return the name of a cluster."""
        drawn = chance.choices(self.words, cum_weights=self._weights, k=chance.randint(1, 3))
        return " ".join(word.capitalize() for word in (*drawn, chance.choice(FORMS)))
