"""What misspelt words may mean, by hand-written SQL; the distance of words is measured in memory, as in the portal."""

from __future__ import annotations

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bench.sql import Statement, term_condition
from catalogue.search.query import MAX_CORRECTIONS, ONE_EDIT_FROM, Term, allowed_edits, search_terms

CANDIDATES = "SELECT word FROM catalogue_searchword WHERE length BETWEEN %s AND %s"
PRESENT = """
SELECT w.word FROM catalogue_searchword w
 WHERE w.word = ANY(%s) AND EXISTS (
   SELECT 1 FROM catalogue_cluster c WHERE c.status = 'published' AND c.search_text LIKE '%% ' || w.word || ' %%')
"""


def is_found(term: Term) -> Statement:
    """Return whether any published cluster has a word."""
    condition = term_condition(term)
    sql = f"SELECT EXISTS (SELECT 1 FROM catalogue_cluster c WHERE c.status = 'published' AND {condition.sql})"  # noqa: S608 - constants
    return Statement(sql, condition.parameters)


def candidates(word: str) -> Statement:
    """Return the words of a similar length."""
    return Statement(CANDIDATES, [max(len(word) - 2, ONE_EDIT_FROM), len(word) + 2])


def present(words: list[str]) -> Statement:
    """Return those of ``words`` that a published cluster has."""
    return Statement(PRESENT, [words])


def corrected(text: str) -> list[Term]:
    """Return the words of a search that finds nothing, with what the misspelt ones may mean."""
    terms = []
    for term in search_terms(text):
        if term.word.isdigit() or is_found(term).rows()[0][0]:
            terms.append(term)
            continue
        known = [word for (word,) in candidates(term.word).rows()]
        near = process.extract(
            term.word, known, scorer=DamerauLevenshtein.distance, score_cutoff=2, limit=None, processor=None
        )
        hits = sorted((distance, word) for word, distance, _ in near if 0 < distance <= allowed_edits(word))
        words = [word for _distance, word in hits[:MAX_CORRECTIONS]]
        visible = {word for (word,) in present(words).rows()} if words else set()
        terms.append(Term(term.word, corrections=tuple(word for word in words if word in visible)))
    return terms
