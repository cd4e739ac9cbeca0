"""Bicep files, read: their tree by pycep, and the names that they use, which the tree does not tell from words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from lark.exceptions import LarkError
from pycep import BicepParser

FOLDER: Final = Path(__file__).resolve().parent
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_VERBATIM: Final = re.compile(r"'''.*?'''", re.DOTALL)
_NAME: Final = re.compile(r"(?P<before>\.\s*|@)?\b(?P<name>[A-Za-z_]\w*)\b(?P<after>\s*[(:])?")
_DECLARED: Final = re.compile(r"(?:^|\s)(?:param|var|resource|module|output|for)\s+$")
_WORDS: Final = frozenset(
    {"param", "var", "resource", "module", "output", "existing", "if", "for", "in", "true", "false", "null"}
    | {"targetScope", "string", "int", "bool", "object", "array"}
)


class UnreadableError(Exception):
    """The file is no Bicep that pycep reads; says where."""


@dataclass(frozen=True, slots=True)
class Template:
    """One file. `tree` is pycep's: parameters, variables, resources, modules, outputs by name."""

    path: Path
    text: str
    tree: dict[str, Any]

    def part(self, kind: str) -> dict[str, Any]:
        """Everything of one kind, by name; nothing where there is none."""
        return dict(self.tree.get(kind, {}))

    @property
    def required(self) -> set[str]:
        """The parameters that have no default."""
        return {name for name, one in self.part("parameters").items() if one["default"] is None}

    @property
    def declared(self) -> set[str]:
        """The names that an expression may use, loop variables aside."""
        return {name for kind in ("parameters", "variables", "resources", "modules") for name in self.part(kind)}


def read(path: Path) -> Template:
    """Read a file. Raises UnreadableError."""
    text = path.read_text(encoding="utf-8")
    try:
        return Template(path, text, _tree(text))
    except LarkError as error:
        raise UnreadableError(f"{path.name}: {str(error).splitlines()[0]}") from error


@cache
def _tree(text: str) -> dict[str, Any]:
    """The parser takes its time, and the same text is read for several checks."""
    return dict(BicepParser().parse(text=text))


def value(wrapped: Any) -> Any:
    """The value of a variable or resource, through the loop or the condition around it."""
    while isinstance(wrapped, dict) and "config" in wrapped:
        wrapped = wrapped["config"]
    return wrapped


def names_used(text: str) -> set[str]:
    """The names that a file's expressions use: no keys, properties, functions, types; interpolations included."""
    code = _COMMENT.sub("", _VERBATIM.sub("''", text).replace("://", ":"))
    loops = set(re.findall(r"\bfor\s+(\w+)\s+in\b", code))
    return {name for piece in _expressions(code) for name in _names(piece)} - loops - _WORDS


def _names(code: str) -> Iterator[str]:
    for found in _NAME.finditer(code):
        after = (found["after"] or "").strip()
        line = code[code.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        is_key = after == ":" and (not line or line.endswith(("{", ",")))
        is_declaration = _DECLARED.search(code[: found.start()])
        if not found["before"] and after != "(" and not is_key and not is_declaration:
            yield found["name"]


def _expressions(code: str) -> Iterator[str]:
    """Yield the code with strings left out, then what is interpolated into each of them."""
    bare, at = [], 0
    while at < len(code):
        if code[at] != "'":
            bare.append(code[at])
            at += 1
            continue
        inside, at = _string(code, at + 1)
        bare.append("''")
        for piece in inside:
            yield from _expressions(piece)
    yield "".join(bare)


def _string(code: str, at: int) -> tuple[list[str], int]:
    """The interpolations of the string whose text begins at `at`, and where the code goes on."""
    inside = []
    while code[at] != "'":
        if code.startswith("${", at):
            depth, begin = 1, at + 2
            at = begin
            while depth:
                depth += {"{": 1, "}": -1}.get(code[at], 0)
                at += 1
            inside.append(code[begin : at - 1])
        else:
            at += 2 if code[at] == "\\" else 1
    return inside, at + 1
