"""The container files say what settings, Procfile and Makefile know. No Docker runs here: the files are read."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.portal.test_configuration_docs import settings_read

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OWN = {name: service for name, service in SERVICES.items() if "build" in service}
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def test_every_process_of_the_procfile_is_a_service():
    assert set(OWN) == {*PROCFILE, "prepare"}


@pytest.mark.parametrize("name", sorted(PROCFILE))
def test_service_runs_the_command_of_the_procfile(name):
    assert OWN[name]["command"] == PROCFILE[name]


def test_prepare_runs_a_command_of_the_makefile():
    assert f"$(BIN)/{OWN['prepare']['command']}" in (ROOT / "Makefile").read_text()


def test_image_starts_with_the_command_of_the_procfile():
    command = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]

    assert yaml.safe_load(command) == shlex.split(PROCFILE["web"])


@pytest.mark.parametrize("name", sorted(OWN))
def test_every_variable_of_a_service_is_a_setting(name):
    assert set(OWN[name]["environment"]) - settings_read() == set()


def test_every_variable_of_the_image_is_a_setting():
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    variables = {word.split("=")[0] for line in re.findall(r"^ENV (.*)$", text, re.M) for word in line.split()}

    of_python = {name for name in variables if name.startswith(("PYTHON", "PIP_"))} | {"PATH"}
    assert variables - of_python - settings_read() == set()
    assert {"DATA_DIR", "BIND", "ENV_FILE"} <= variables


def test_every_value_taken_from_outside_is_a_setting():
    taken = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert taken - settings_read() == {"POSTGRES_PASSWORD"}


def test_services_reach_each_other_by_their_names():
    environment = OWN["web"]["environment"]

    assert re.search(r"@([a-z]+):5432/", environment["DATABASE_URL"])[1] in SERVICES
    assert re.search(r"//([a-z]+):6379/", environment["REDIS_URL"])[1] in SERVICES
    assert re.search(r"//([a-z]+):1025", environment["EMAIL_URL"])[1] in SERVICES


@pytest.mark.parametrize("name", ["web", "worker", "mailer", "beat", "prepare"])
def test_services_wait_until_others_are_healthy(name):
    waits = {other: wait["condition"] for other, wait in OWN[name]["depends_on"].items()}

    expected = {"postgres": "service_healthy", "redis": "service_healthy"}
    if name != "prepare":
        expected["prepare"] = "service_completed_successfully"
    assert waits == expected
    assert all("healthcheck" in SERVICES[other] for other in waits if waits[other] == "service_healthy")


def test_images_are_pinned_to_a_version():
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert len(images) == 5
    assert [image for image in images if not re.search(r":v?\d", image)] == []


def test_image_runs_without_root_and_without_secrets():
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert "USER portal" in (ROOT / "Dockerfile").read_text()
    assert {".env", ".git", "var", ".venv"} <= set(ignored)


def test_ports_are_open_only_to_this_machine():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)
