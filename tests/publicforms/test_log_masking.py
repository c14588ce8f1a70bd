"""Tokens of links never reach a log."""

import io
import json
import logging
from datetime import timedelta
from logging.config import DictConfigurator
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from portal.gunicorn import PortalLogger
from publicforms import links as signed_links
from publicforms.log_masking import MaskingHandler, masked
from submissions import links
from tests.factories.submissions import pending

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "line",
    [
        "GET /submit/link/ 0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 200",
        "GET /submit/link/%200FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 200",
        "Gone: /submit/status/\n0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/",
    ],
)
def test_a_token_behind_a_space_is_masked_too(line: str) -> None:
    assert "conL_jrg" not in masked(line)


def test_a_line_without_token_stays_as_it_is() -> None:
    line = "POST /submit/link/ 200 12 ms"
    assert masked(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "GET /submit//link/0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 404",
        "GET /submit/link//0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 404",
        "GET //submit/status/0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit/link%2F0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit%2Flink%2f0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit/link/%2F0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
    ],
)
def test_a_token_in_a_broken_path_is_masked_too(line: str) -> None:
    assert "conL_jrg" not in masked(line)
    assert masked(line).endswith((" 404", "*** 404", "***/ 404"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /submit/form/abc.def-_1/what/ 200", "GET /submit/form/***/what/ 200"),
        ("/submit/link/abc", "/submit/link/***"),
        (
            '{"path": "/submit/status/abc.def/change/", "status": 200}',
            '{"path": "/submit/status/***/change/", "status": 200}',
        ),
        ("Not Found: /submit/sent/abc/?x=/submit/link/def/", "Not Found: /submit/sent/***/?x=/submit/link/***/"),
        ("/submit/link/ and /submit/", "/submit/link/ and /submit/"),
        ("https://portal.example/SUBMIT/LINK/abc/", "https://portal.example/SUBMIT/LINK/***/"),
    ],
)
def test_tokens_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("formatter", ["text", "json"])
def test_no_line_of_the_log_holds_a_token(client: Client, formatter: str) -> None:
    stream = io.StringIO()
    handler = MaskingHandler(stream)
    handler.setFormatter(
        DictConfigurator(settings.LOGGING).configure_formatter(dict(settings.LOGGING["formatters"][formatter]))
    )
    handler.addFilter(lambda record: setattr(record, "request_id", None) or True)
    root = logging.getLogger()
    root.addHandler(handler)
    token = signed_links.token_of(links.status_link(pending()))
    path = f"/submit/status/{token}/"
    try:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
        logger = PortalLogger.__new__(PortalLogger)
        logger.access_log = logging.getLogger("gunicorn.access")
        level, logger.access_log.level = logger.access_log.level, logging.INFO
        answer = SimpleNamespace(status="200 OK", headers=[], sent=10)
        logger.access(answer, SimpleNamespace(), environ, timedelta(milliseconds=3))
        logger.access_log.level = level
        client.get(f"/submit/status/{token}x/")
        Client(enforce_csrf_checks=True).post(path)
        try:
            raise ValueError(f"broken at {path}")
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error: %s", path, extra={"path": path})
    finally:
        root.removeHandler(handler)
    lines = stream.getvalue()

    assert lines.count("/submit/status/***/") >= 4
    assert token not in lines
    assert token.partition(".")[0] not in lines
    if formatter == "json":
        access = next(json.loads(line) for line in lines.splitlines() if "gunicorn.access" in line)
        assert (access["path"], access["status"]) == ("/submit/status/***/", 200)


def test_the_portal_logs_through_the_mask() -> None:
    assert {handler["class"] for handler in settings.LOGGING["handlers"].values()} == {
        "publicforms.log_masking.MaskingHandler"
    }
