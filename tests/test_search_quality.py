"""`make search-quality`: which answers hold, what they are worth, and files that are refused."""

import pytest

from bench.quality import FIXTURES, Mistake, Question, published, questions

KNOWN = {"a", "b", "c", "d"}
HEADER = "query,mode,slugs,n,note\n"


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (Question("q", "set", ("a", "b")), [["a", "b"], ["b", "a"]], [["a"], ["a", "b", "c"], []]),
        (Question("q", "within", ("a", "b"), 3), [["c", "a", "b"], ["a", "b"]], [["a", "c", "d", "b"], ["a"]]),
        (Question("q", "first", ("a", "b"), 2), [["b", "a", "c"]], [["a", "c", "b"], ["a"], []]),
        (Question("q", "none"), [[]], [["a"]]),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_what_holds(question, right, wrong):
    assert [question.holds(answer) for answer in right] == [True] * len(right)
    assert [question.holds(answer) for answer in wrong] == [False] * len(wrong)


def test_gain_counts_places_and_is_one_for_the_best_order():
    question = Question("q", "set", ("a", "b"))

    assert question.ndcg(["b", "a", "c"]) == 1
    assert question.ndcg(["a", "c", "b"]) == pytest.approx((1 + 1 / 2) / (1 + 0.63093), abs=1e-5)
    assert question.ndcg([*"cdefghijkl", "a"]) == 0


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("query,mode,slugs\nx,none,\n", 1, "n"),
        (HEADER + "x,none,,,\ny,most,a,,\n", 3, "mode"),
        (HEADER + '"x\ny",set,a;z,,\n', 3, "slugs"),
        (HEADER + "x,set,a;a,,\n", 2, "slugs"),
        (HEADER + "x,set,,,\n", 2, "slugs"),
        (HEADER + "x,none,a,,\n", 2, "slugs"),
        (HEADER + "x,within,a;b,1,\n", 2, "n"),
        (HEADER + "x,first,a,2,\n", 2, "n"),
        (HEADER + "x,within,a,,\n", 2, "n"),
        (HEADER + " ,none,,,\n", 2, "query"),
        (HEADER + "x,none\n", 2, "query"),
        (HEADER + "x,none,,,a,b\n", 2, "note"),
        (HEADER, 2, "query"),
    ],
)
def test_wrong_file_is_refused_with_line_and_column(tmp_path, text, line, column):
    (tmp_path / "my.csv").write_text(text)

    with pytest.raises(Mistake, match=rf"my\.csv, line {line}, column {column}: \w?"):
        questions(tmp_path / "my.csv", KNOWN)


def test_file_without_notes_is_read(tmp_path):
    (tmp_path / "my.csv").write_text("\ufeffquery,mode,slugs,n\nx,first, a ; b ,1\n")

    assert questions(tmp_path / "my.csv", KNOWN) == [Question("x", "first", ("a", "b"), 1)]


def test_shared_questions_name_published_clusters():
    assert len(questions(FIXTURES / "search_judgements.csv", published())) == 40
