"""The workplace with the real clusters."""

import pytest
from django.urls import reverse

from tests.factories.consortium import sign_in


def test_numbers_of_the_first_page_are_the_lists_behind_them(data: None) -> None:
    client = sign_in("read-only")
    figures = client.get(reverse("admin:index")).context["figures"]

    counts = {figure.label: figure.number for figure in figures}
    behind = {}
    for figure in figures:
        page = client.get(figure.url).context
        behind[figure.label] = page["queue"].total if "queue" in page else page["cl"].result_count

    assert counts == behind
    assert counts["published clusters"] == 68
    assert counts["priority clusters not published"] == 38
    assert counts["clusters where the rules disagree with the decision"] > 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("techUK", "large ICT: at least 950 members, more than 500"),
        ("Digital League", "large ICT: at least 500 members, which is not known to be more than 500"),
        ("bwcon", "large ICT: approximately 600 members, more than 500"),
        ("Cap Digital", "large ICT: 1,000 members, more than 500"),
        ("Silicon Saxony", "large ICT: 330 members, not more than 500"),
    ],
)
def test_priority_view_explains_real_clusters(data: None, name: str, sentence: str) -> None:
    response = sign_in("evaluator").get(reverse("admin:catalogue_cluster_priority"), {"q": name})

    rule, _colon, reason = sentence.partition(": ")
    assert any(row.name.startswith(name) for row in response.context["cl"].result_list)
    assert f'<span class="rule-name">{rule}:</span> {reason}</li>' in response.content.decode()
