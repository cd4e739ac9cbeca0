"""The part of OData's $filter language that the simulator understands.

Comparisons of a property with a literal, `and`, `or`, `not`, brackets, and `any` over a collection.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from . import zones

Item = Any
"""A JSON object, or a member of a collection (which may be a plain string)."""
Test = Callable[[Item], bool]
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?|\d+|[A-Za-z_][\w/]*|[():])")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class FilterError(ValueError):
    """A filter that cannot be understood, or that names a property that cannot be filtered by."""


def compile_filter(text: str, allowed: frozenset[str], *, ignore_case: bool = False) -> Test:
    """The test that a filter describes. `allowed` are the property paths; collections are named without `/any`.

    `ignore_case` is how the directory compares; Exchange compares exactly. Raises FilterError.
    """
    parser = _Parser(_tokens(text), allowed, ignore_case=ignore_case)
    test = parser.disjunction()
    if parser.peek() is not None:
        raise FilterError(f"unexpected '{parser.peek()}'")
    return test


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise FilterError(f"syntax error at position {at}")
        tokens.append(found.group(1))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str], allowed: frozenset[str], *, ignore_case: bool) -> None:
        self._tokens = tokens
        self._allowed = allowed
        self._ignore_case = ignore_case
        self._at = 0
        self._variable: str | None = None

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def disjunction(self) -> Test:
        tests = [self._conjunction()]
        while self._accept("or"):
            tests.append(self._conjunction())
        return lambda item: any(test(item) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._factor()]
        while self._accept("and"):
            tests.append(self._factor())
        return lambda item: all(test(item) for test in tests)

    def _factor(self) -> Test:
        if self._accept("not"):
            inner = self._factor()
            return lambda item: not inner(item)
        if self._accept("("):
            test = self.disjunction()
            self._expect(")")
            return test
        path = self._next()
        if path.lower().endswith("/any"):
            return self._any(path[: -len("/any")])
        return self._comparison(path)

    def _any(self, collection: str) -> Test:
        self._check(collection)
        self._expect("(")
        self._variable = self._next()
        self._expect(":")
        test = self.disjunction()
        self._expect(")")
        self._variable = None
        return lambda item: any(test(member) for member in _collection(item, collection))

    def _comparison(self, path: str) -> Test:
        parts = path.split("/")
        if self._variable is not None and parts[0] == self._variable:
            parts = parts[1:]
        else:
            self._check(path)
        word = self._next()
        if word not in _OPERATORS:
            raise FilterError(f"unknown operator '{word}'")
        compare, wanted = _OPERATORS[word], self._literal()
        return lambda item: self._compare(compare, _value(item, parts), wanted)

    def _compare(self, compare: Callable[[Any, Any], bool], value: object, wanted: object) -> bool:
        if isinstance(wanted, datetime):
            value = zones.parse_instant(str(value)) if value else None
        if self._ignore_case and isinstance(value, str) and isinstance(wanted, str):
            value, wanted = value.lower(), wanted.lower()
        if value is None or wanted is None:
            return compare in {operator.eq, operator.ne} and compare(value, wanted)
        return compare(value, wanted)

    def _literal(self) -> object:
        token = self._next()
        if token.startswith("'"):
            text = token[1:-1].replace("''", "'")
            return zones.parse_instant(text) if re.match(r"\d{4}-\d\d-\d\dT", text) else text
        if token in _WORDS:
            return _WORDS[token]
        return zones.parse_instant(token) if "-" in token else int(token)

    def _check(self, path: str) -> None:
        if path not in self._allowed:
            raise FilterError(f"the property '{path}' cannot be filtered by")

    def _accept(self, token: str) -> bool:
        found = self.peek() == token
        self._at += found
        return found

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise FilterError(f"expected '{token}'")

    def _next(self) -> str:
        token = self.peek()
        if token is None:
            raise FilterError("unexpected end")
        self._at += 1
        return token


def _value(item: object, parts: list[str]) -> object:
    for part in parts:
        item = item.get(part) if isinstance(item, Mapping) else None
    return item


def _collection(item: Item, path: str) -> list[Any]:
    members = _value(item, path.split("/"))
    return members if isinstance(members, list) else []
