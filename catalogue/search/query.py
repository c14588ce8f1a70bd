"""What a search text means: which words, joined how, and what a misspelt word may mean.

The rules, the same on every database (they are documented for users in ``docs/search.md``):

* Accents, case and punctuation never matter.
* Every word must be found, as a whole word or as the beginning of one. Two neighbouring words also
  count as found when they are written as one ("cyber security" finds "cybersecurity").
* A single letter must be found as a word of its own, unless it is the last: then it may be the
  beginning of the word that is being typed.
* Small words ("in", "the", "of") are passed over when other words remain.
* Only if that finds nothing among the clusters that the reader may see, misspelt words are forgiven:
  one edit (a letter more, less or other, or a swapped pair) for words of five letters or more, two
  edits from nine letters, counted on the word that is found.
* A hit in the name, acronym or a former name counts more than one in the text, a whole word more
  than a beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from catalogue.search.text import words

if TYPE_CHECKING:
    from catalogue.managers import ClusterQuerySet

MAX_LENGTH = 200  # characters of a search text
MAX_TERMS = 12  # words of a search text that are looked at
MAX_CORRECTIONS = 40  # candidates looked at for one misspelt word
JOINED_FROM = 2  # letters of each of two words that may be written as one
ONE_EDIT_FROM = 5  # letters of the word that is found
TWO_EDITS_FROM = 9

#: Passed over unless there is nothing else. "it" is not among them: here it is a trade.
SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "does",
        "for",
        "from",
        "in",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "what",
        "where",
        "which",
        "who",
        "with",
        "works",
        "der",
        "die",
        "das",
        "und",
        "im",
        "des",
        "du",
        "et",
        "en",
        "el",
        "la",
        "le",
        "les",
        "los",
        "las",
        "y",
        "e",
        "o",
        "da",
        "do",
        "dos",
        "di",
    ]
)

# Weights of a hit: the name counts more than the text, a whole word more than a beginning.
NAME_WORD, NAME_BEGINNING, TEXT_WORD, TEXT_BEGINNING = 60, 30, 6, 2
EXACT_NAME, NAME_STARTS = 1000, 200


@dataclass(frozen=True)
class Term:
    """One word of the search with what else it may mean.

    ``word`` is what was typed; ``joined`` are words made of it and a neighbour; ``corrections`` are
    whole words that it may be a misspelling of, nearest first; ``is_whole`` says that no beginning of
    a word will do.
    """

    word: str
    joined: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    is_whole: bool = False

    def condition(self, column: str = "search_text") -> Q:
        """Return the condition that a cluster has this term somewhere, or in its ``search_name``."""
        found = Q()
        for word in self.corrections:
            found |= Q((f"{column}__contains", f" {word} "))
        if self.corrections:
            return found
        found = Q((f"{column}__contains", f" {self.word} " if self.is_whole else f" {self.word}"))
        for word in self.joined:
            found |= Q((f"{column}__contains", f" {word}"))
        return found

    def rank(self) -> Combinable:
        """Return an integer expression: the best hit of this term in a cluster."""
        whens: list[When] = []
        if self.corrections:
            for distance_step, word in enumerate(self.corrections):
                whens.append(When(search_name__contains=f" {word} ", then=Value(max(NAME_WORD - distance_step, 31))))
            return Case(*whens, default=Value(TEXT_WORD), output_field=IntegerField())
        words_typed = (self.word, *self.joined)
        whens += [When(search_name__contains=f" {word} ", then=Value(NAME_WORD)) for word in words_typed]
        whens += [When(search_name__contains=f" {word}", then=Value(NAME_BEGINNING)) for word in words_typed]
        whens += [When(search_text__contains=f" {word} ", then=Value(TEXT_WORD)) for word in words_typed]
        return Case(*whens, default=Value(TEXT_BEGINNING), output_field=IntegerField())


@dataclass(frozen=True)
class Interpretation:
    """What a search text was taken to mean.

    ``is_fuzzy`` says that the exact search found nothing and ``terms`` hold corrections.
    """

    text: str
    terms: tuple[Term, ...] = field(default=())
    is_fuzzy: bool = False

    def condition(self) -> Q:
        """Return the condition that a cluster is found; no term at all finds nothing."""
        if not self.terms:
            return Q(pk__in=[])
        found = Q()
        for term in self.terms:
            found &= term.condition()
        return found

    def rank(self) -> Combinable:
        """Return the integer by which results are ordered, highest first."""
        line = " ".join(term.corrections[0] if term.corrections else term.word for term in self.terms)
        total: Combinable = Case(
            When(search_name=f" {line} ", then=Value(EXACT_NAME)),
            When(search_name__startswith=f" {line}", then=Value(NAME_STARTS)),
            default=Value(0),
            output_field=IntegerField(),
        )
        for term in self.terms:
            total = total + term.rank()
        return total

    @property
    def corrections(self) -> list[tuple[str, tuple[str, ...]]]:
        """The misspelt words with the words that they were taken for, for the note above the results."""
        return [(term.word, term.corrections) for term in self.terms if term.corrections]


def search_terms(text: str) -> tuple[Term, ...]:
    """Return the words of ``text`` to search for, in order, small words left out where others remain."""
    every = words(text[:MAX_LENGTH])
    chosen = [word for word in every if word not in SMALL_WORDS] or every
    chosen = list(dict.fromkeys(chosen))[:MAX_TERMS]
    terms = []
    for position, word in enumerate(chosen):
        neighbours = [chosen[position - 1 : position + 1]] if position > 0 else []
        neighbours.append(chosen[position : position + 2])
        joined = ["".join(pair) for pair in neighbours if len(pair) == 2 and min(map(len, pair)) >= JOINED_FROM]
        is_last = position + 1 == len(chosen)
        terms.append(Term(word, tuple(joined), is_whole=len(word) == 1 and not is_last))
    return tuple(terms)


def allowed_edits(word: str) -> int:
    """Return how many edits are forgiven when ``word`` is what was meant."""
    if len(word) >= TWO_EDITS_FROM:
        return 2
    return 1 if len(word) >= ONE_EDIT_FROM else 0


def similar_words(typed: str, vocabulary: QuerySet) -> list[str]:
    """Return the words of ``vocabulary`` that ``typed`` may be a misspelling of, nearest first.

    ``vocabulary`` is a queryset of :class:`catalogue.models.SearchWord`. The distance is that of Damerau and
    Levenshtein: insertions, deletions, substitutions and swaps of neighbours each count one.
    """
    nearby = vocabulary.filter(length__gte=max(len(typed) - 2, ONE_EDIT_FROM), length__lte=len(typed) + 2)
    candidates = list(nearby.values_list("word", flat=True))
    scored = process.extract(
        typed, candidates, scorer=DamerauLevenshtein.distance, score_cutoff=2, limit=None, processor=None
    )
    hits = [(distance, word) for word, distance, _index in scored if 0 < distance <= allowed_edits(word)]
    return [word for _distance, word in sorted(hits)[:MAX_CORRECTIONS]]


def interpret(text: str, clusters: ClusterQuerySet) -> Interpretation:
    """Return what ``text`` means among ``clusters``, the ones that the reader may see.

    Filters other than the search must not be applied to ``clusters``: whether a word is misspelt does
    not depend on the country chosen. Costs one query if something is found exactly, else one for the
    words typed, one per misspelt word for its candidates, and one to check them.
    """
    from catalogue.models import SearchWord

    terms = search_terms(text)
    exact = Interpretation(text, terms)
    if not terms or clusters.filter(exact.condition()).exists():
        return exact
    corrected: list[Term] = []
    for term in terms:
        if term.word.isdigit() or clusters.filter(term.condition()).exists():
            corrected.append(term)
            continue
        candidates = similar_words(term.word, SearchWord.objects.all())
        corrected.append(Term(term.word, corrections=tuple(visible_words(candidates, clusters))))
    fuzzy = Interpretation(text, tuple(corrected), is_fuzzy=True)
    if not fuzzy.corrections or not clusters.filter(fuzzy.condition()).exists():
        return exact
    return fuzzy


def visible_words(candidates: list[str], clusters: ClusterQuerySet) -> list[str]:
    """Return those of ``candidates`` that the search text of one of ``clusters`` contains, in their order.

    One query, which stops at the first cluster that has a word and fetches none of them.
    """
    from catalogue.models import SearchWord

    if not candidates:
        return []
    whole = Concat(Value(" "), OuterRef("word"), Value(" "), output_field=TextField())
    holders = clusters.order_by().filter(search_text__contains=whole)
    present = set(SearchWord.objects.filter(Exists(holders), word__in=candidates).values_list("word", flat=True))
    return [word for word in candidates if word in present]
