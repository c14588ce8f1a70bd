"""The examples of the API's description work on the real data."""

import pytest
from django.test import Client

from catalogue.api.description import api_schema

#: What anybody may read.
READ = sorted(path for path in api_schema()["paths"] if "submissions" not in path)


@pytest.mark.parametrize("path", READ)
def test_examples_of_parameters_work(data: None, client: Client, path: str) -> None:
    for parameter in api_schema()["paths"][path]["get"].get("parameters", []):
        for example in parameter.get("examples", {}).values():
            response = client.get(path.format(vocabulary="vertical"), {parameter["name"]: example["value"]})
            assert response.status_code == 200, (parameter["name"], response.content)
