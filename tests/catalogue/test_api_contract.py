"""The API keeps what its description promises, whatever is asked; on the real data."""

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from catalogue.api.description import api_schema
from portal.wsgi import application

schema = schemathesis.openapi.from_dict(api_schema())
schema.app = application


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection that holds the test's transaction, which the end of a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_keep_the_contract(case: schemathesis.Case, data_once: None, db: None, one_connection: None) -> None:
    case.call_and_validate(headers={"Host": "testserver", "Accept-Encoding": "identity"})


@pytest.mark.parametrize("path", sorted(api_schema()["paths"]))
def test_examples_of_parameters_work(data: None, client: Client, path: str) -> None:
    for parameter in api_schema()["paths"][path]["get"].get("parameters", []):
        for example in parameter.get("examples", {}).values():
            response = client.get(path.format(vocabulary="vertical"), {parameter["name"]: example["value"]})
            assert response.status_code == 200, (parameter["name"], response.content)
