"""Mistakes in the files of ECCP; apart from ``test_eccp.py``, whose fixture imports them for the whole module."""

import shutil

import pytest
from django.conf import settings

from catalogue.models import Cluster
from imports.eccp import load_eccp
from imports.models import SpreadsheetImport
from loading.files import LoadError
from loading.models import SourceRecord

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("eccp_decisions.csv", lambda text: "\n".join(text.splitlines()[:3]) + "\n", "says nothing about “GAIA"),
        ("eccp_decisions.csv", lambda text: text.replace(",update,", ",perhaps,"), "column decision"),
        ("eccp_places.csv", lambda text: "\n".join(text.splitlines()[:30]) + "\n", "“30” is not in eccp_places.csv"),
        ("eccp_medical_devices_clusters.csv", lambda text: text.replace("Apparel", "Aparel"), "Is it “Apparel”"),
    ],
)
def test_a_mistake_in_the_files_is_named_and_nothing_is_written(data, tmp_path, file, change, message):
    folder = tmp_path / "data"
    shutil.copytree(settings.FIXTURE_DATA_DIR, folder, ignore=shutil.ignore_patterns("*.geojson", "*.txt"))
    (folder / file).write_text(change((folder / file).read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(LoadError) as problem:
        load_eccp(folder=folder)

    assert message in str(problem.value)
    assert (SpreadsheetImport.objects.count(), Cluster.objects.count()) == (0, 106)
    assert not SourceRecord.objects.filter(key="eccp").exists()
