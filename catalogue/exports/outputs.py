"""Where programs and other sites find the same filtered list."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

#: Format of the address, what people read, what it is good for.
FORMATS = (
    ("csv", "CSV", "for any program"),
    ("xlsx", "Excel", "with column types"),
    ("json", "JSON", "for programs"),
    ("geojson", "GeoJSON", "for maps"),
)


@dataclass(frozen=True)
class Output:
    """One format with its address."""

    label: str
    hint: str
    url: str


@dataclass(frozen=True)
class Outputs:
    """All addresses of one filter, given as a query string."""

    query: str

    def _with_query(self, path: str) -> str:
        return f"{path}?{self.query}" if self.query else path

    @property
    def files(self) -> list[Output]:
        """The files to download."""
        return [
            Output(label, hint, self._with_query(reverse("catalogue:cluster_export", args=[name])))
            for name, label, hint in FORMATS
        ]

    @property
    def feed(self) -> str:
        """The Atom feed."""
        return self._with_query(reverse("catalogue:cluster_feed"))

    @property
    def embed(self) -> str:
        """The page for frames on other sites."""
        return self._with_query(reverse("catalogue:cluster_embed"))

    @property
    def api(self) -> str:
        """The same list in the API."""
        return self._with_query(reverse("api:cluster_list"))
