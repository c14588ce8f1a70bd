"""The small language of mail texts: safe enough for staff, since it can do nothing but fill in.

``{{ name }}`` is a value, ``{% if name %}…{% else %}…{% endif %}`` and ``{% if not name %}`` ask whether
it is empty, ``{# … #}`` is left out. There are no attributes, filters, loops, includes or calls, so a text cannot
reach anything that it was not given. A tag alone on its line takes the line with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.html import escape

MAX_LENGTH = 50_000
MAX_DEPTH = 20

_TOKEN = re.compile(r"({{(?:(?!{{|}}).)*+}}|{%(?:(?!{%|%}).)*+%}|{#(?:(?!{#|#}).)*+#})", re.DOTALL)
# A tag alone on its line takes the line break into itself, so that lines are still counted right.
_ALONE = re.compile(r"^[ \t]*({[%#])((?:(?![%#]})[^\n])*)([%#]})[ \t]*\n", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_STRAY = re.compile(r"{{|}}|{%|%}|{#")


class TextMistake(ValueError):
    """A text that cannot be read; says where and what to do."""


@dataclass(frozen=True)
class _Value:
    name: str


@dataclass
class _Choice:
    name: str
    is_negated: bool
    then: list["_Node"] = field(default_factory=list)
    otherwise: list["_Node"] = field(default_factory=list)


_Node = str | _Value | _Choice


@dataclass(frozen=True)
class Text:
    """A text that was read; ``names`` are the placeholders it uses, ``values`` those it prints."""

    nodes: tuple[_Node, ...]
    names: frozenset[str]
    values: frozenset[str]

    def render(self, values: Mapping[str, str], *, is_html: bool = False) -> str:
        """Return the text with ``values`` filled in; for HTML they are escaped, and their lines stay lines.

        Raises KeyError with the name of a value that is missing.
        """
        prepare: Callable[[str], str] = in_html if is_html else str
        return "".join(_rendered(self.nodes, values, prepare))


def in_html(value: str) -> str:
    """Return ``value`` for HTML: escaped, its line breaks as ``<br>``."""
    return str(escape(value)).replace("\n", "<br>\n")


def _rendered(
    nodes: tuple[_Node, ...] | list[_Node], values: Mapping[str, str], prepare: Callable[[str], str]
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, _Value):
            yield prepare(values[node.name])
        else:
            is_then = bool(values[node.name].strip()) != node.is_negated
            yield from _rendered(node.then if is_then else node.otherwise, values, prepare)


def read(source: str) -> Text:
    """Return the text that ``source`` holds.

    Raises TextMistake for anything but the language above.
    """
    if len(source) > MAX_LENGTH:
        raise TextMistake(f"The text is too long: at most {MAX_LENGTH:,} characters.")
    source = _ALONE.sub(r"\1\2\n\3", source.replace("\r\n", "\n"))
    root: list[_Node] = []
    open_choices: list[tuple[_Choice, list[_Node]]] = []  # with the list that goes on after it
    current, line = root, 1
    names: set[str] = set()
    printed: set[str] = set()
    for place, piece in enumerate(_TOKEN.split(source)):
        if place % 2 == 0:  # between two tags
            if stray := _STRAY.search(piece):
                raise TextMistake(
                    f"Line {line + piece[: stray.start()].count(chr(10))}: {stray[0]} has no counterpart."
                )
            current.append(piece)
        elif piece.startswith("{{"):
            name = _name(piece[2:-2].strip(), line)
            names.add(name)
            printed.add(name)
            current.append(_Value(name))
        elif piece.startswith("{%"):
            words = piece[2:-2].split()
            if words[:1] == ["if"] and (len(words) == 2 or (len(words) == 3 and words[1] == "not")):
                choice = _Choice(_name(words[-1], line), is_negated=len(words) == 3)
                names.add(choice.name)
                current.append(choice)
                open_choices.append((choice, current))
                current = choice.then
                if len(open_choices) > MAX_DEPTH:
                    raise TextMistake(f"Line {line}: too many conditions inside each other.")
            elif words == ["else"] and open_choices and current is open_choices[-1][0].then:
                current = open_choices[-1][0].otherwise
            elif words == ["endif"] and open_choices:
                current = open_choices.pop()[1]
            elif words in (["else"], ["endif"]):
                raise TextMistake(f"Line {line}: {piece} has no {{% if … %}} before it.")
            else:
                raise TextMistake(
                    f"Line {line}: {piece[:60]} is not known. Only {{% if name %}}, {{% else %}} and {{% endif %}} are."
                )
        line += piece.count("\n")
    if open_choices:
        raise TextMistake(f"{{% if {open_choices[-1][0].name} %}} has no {{% endif %}}.")
    return Text(tuple(root), frozenset(names), frozenset(printed))


def _name(word: str, line: int) -> str:
    if not _NAME.match(word):
        raise TextMistake(
            f"Line {line}: “{word[:60]}” is no placeholder. Write one of the names listed, such as {{{{ name }}}}."
        )
    return word
