"""The marks of the map: a cluster, or several whose marks would overlap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe

SINGLE_RADIUS = 6.5  # map units


@dataclass
class Marker:
    """One mark: a cluster, or several whose marks would overlap."""

    x: float
    y: float
    count: int = 0
    priority: int = 0
    vague: int = 0  # how many of them are drawn in the capital only because nothing else is known
    names: list[str] = field(default_factory=list)
    countries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    slug: str = ""
    url: str = ""
    radius: float = SINGLE_RADIUS
    highlight: str = ""

    @property
    def is_group(self) -> bool:
        """Whether it marks several clusters."""
        return self.count > 1

    @property
    def is_vague(self) -> bool:
        """Whether the place is not known of any of its clusters."""
        return self.vague == self.count

    @property
    def kind(self) -> str:
        """The class that the style sheet draws: priority (also for groups with one) or other."""
        return "priority" if self.priority else "other"

    @property
    def diamond(self) -> str:
        """The path of the diamond that marks priority by shape, in relative steps."""
        r = _short(self.radius * 1.3)
        return f"M{_short(self.x)} {_short(self.y - self.radius * 1.3)}l{r} {r}-{r} {r}-{r}-{r}z"

    @property
    def ring(self) -> str:
        """The radius of the ring that highlights it."""
        return _short(self.radius * 1.75)

    @property
    def circle(self) -> SafeString:
        """The attributes of its middle."""
        return mark_safe(f'cx="{_short(self.x)}" cy="{_short(self.y)}"')

    @property
    def size(self) -> str:
        """Its radius as the drawing says it."""
        return _short(self.radius)

    @property
    def text_x(self) -> str:
        """The middle of the number."""
        return _short(self.x)

    @property
    def short_count(self) -> str:
        """The number inside a group, short enough for it: 12,345 becomes 12k."""
        return str(self.count) if self.count < 1000 else f"{self.count // 1000}k"

    @property
    def font_size(self) -> str:
        """The size of the number in map units."""
        return _short(self.radius * (1.15 if len(self.short_count) < 3 else 0.9))

    @property
    def text_y(self) -> str:
        """The base line of the number."""
        return _short(self.y + self.radius * 0.4)

    @property
    def label(self) -> str:
        """What the tooltip and screen readers say."""
        if not self.is_group:
            notes = [note for note, true in (("priority", self.priority), ("place not known", self.vague)) if true]
            return self.names[0] + (f" ({', '.join(notes)})" if notes else "")
        shown = sorted(set(self.names))[:3]
        rest = self.count - len(shown)
        text = ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
        priority = f", {self.priority} of them priority" if self.priority else ""
        return f"{self.count:,} clusters{priority}: {text}"


def _short(number: float) -> str:
    """Return a number with one digit behind the point and no zero there."""
    return f"{number:.1f}".removesuffix(".0")
