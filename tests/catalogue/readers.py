"""Read back what the portal exports."""

import csv
from io import BytesIO, StringIO
from typing import Any

from django.test import Client
from openpyxl import load_workbook


def content(response: Any) -> bytes:
    """Return the whole body of a response that may stream."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def read_csv(client: Client, query: str = "", delimiter: str = ",") -> list[dict[str, str]]:
    text = content(client.get(f"/clusters/export.csv?{query}")).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text), delimiter=delimiter))


def read_xlsx(client: Client, query: str = "") -> list[dict[str, Any]]:
    book = load_workbook(BytesIO(content(client.get(f"/clusters/export.xlsx?{query}"))))
    head, *rows = book["Clusters"].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]
