"""The guide ``docs/api.md`` holds on the real data, and the page ``/api/docs/`` in a browser's eyes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

GUIDE = Path(settings.BASE_DIR, "docs", "api.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8000"
EXAMPLE = re.compile(rf'curl "{re.escape(HOST)}([^"]+)"')
WITH_ANSWER = re.compile(rf'```sh\ncurl "{re.escape(HOST)}([^"]+)"\n```\n```json\n(.+?)\n```', re.DOTALL)


def part_of(answer: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of ``answer`` that the guide shows."""
    return {name: answer.get(name) for name in shown}


def test_every_example_of_the_guide_works(client: Client, data: None) -> None:
    # Those that write are tried in tests/submissions/test_public_api.py.
    paths = [path for path in EXAMPLE.findall(GUIDE) if "submissions" not in path]
    shown = {path: json.loads(answer) for path, answer in WITH_ANSWER.findall(GUIDE)}

    assert len(paths) >= 15
    assert len(shown) == GUIDE.count("```json")
    for path in paths:
        response = client.get(path)
        expected = shown.get(path, {})
        failing = 404 if "detail" in expected else 400 if "contry" in expected else 200
        assert (path, response.status_code) == (path, failing)
        if expected:
            answer = response.json()
            assert part_of(answer, expected) == expected
        elif "results" in (answer := response.json() if "yaml" not in path else {}):
            # No cluster of the real data confirmed itself yet.
            assert (answer["count"] > 0) is ("confirmed_since" not in path)


def test_the_catalogue_is_whole(client: Client, data: None) -> None:
    everything = client.get("/api/v1/clusters/?page_size=200").json()
    priority = client.get("/api/v1/clusters/?priority=true").json()

    assert everything["count"] == len(everything["results"]) == 68
    assert len({row["country"]["code"] for row in everything["results"]}) == 24
    assert priority["count"] == 18


@pytest.mark.django_db
def test_docs_page_has_no_inline_code(client: Client) -> None:
    response = client.get("/api/docs/")
    page = response.content.decode()

    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page
    assert "style=" not in page
    assert re.findall(r'(?:src|href)="https?://', page) == []
    assert 'data-schema="/api/v1/schema/"' in page
