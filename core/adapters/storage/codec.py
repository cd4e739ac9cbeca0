"""Frozen dataclasses of core.model as JSON and back, by their type hints.

A field that the JSON lacks takes its default and one that the class lacks is dropped, so that rows outlive a deployment
in either direction. Fields that are not compared (ETags) are not part of what is stored, and neither is None.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from core.adapters.storage.rows import instant_of, instant_text

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def to_json(value: Any, without: frozenset[str] = frozenset()) -> str:
    """One line of JSON, but for the fields named in `without`."""
    kept = {name: item for name, item in _plain(value).items() if name not in without}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def from_json(kind: type[T], text: str) -> T:
    """The value of that dataclass."""
    asked: Any = kind
    made: T = _reader(asked)(json.loads(text))
    return made


def _plain(value: Any) -> Any:
    """What `json` can write."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case datetime():
            return instant_text(value)
        case frozenset():
            return sorted(_plain(item) for item in value)
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
    kind: Any = type(value)
    stored = ((name, getattr(value, name)) for name in _hints(kind))
    return {name: _plain(item) for name, item in stored if item is not None}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of the fields that are stored."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.compare}


@cache
def _reader(kind: Any) -> _Reader:
    """What makes a value of that type of what `_plain` made of it."""
    if isinstance(kind, typing.NewType):
        return _reader(kind.__supertype__)
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        present = _reader(next(one for one in arguments if one is not types.NoneType))
        return lambda value: None if value is None else present(value)
    if origin is not None:
        return _container_reader(origin, arguments)
    if kind is datetime:
        return instant_of
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else _same


def _same(value: Any) -> Any:
    return value


def _container_reader(origin: Any, arguments: tuple[Any, ...]) -> _Reader:
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin is frozenset:
        item = _reader(arguments[0])
        return lambda value: frozenset(map(item, value))
    return dict


def _tuple_reader(arguments: tuple[Any, ...]) -> _Reader:
    if arguments[-1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda value: tuple(map(item, value))
    items = tuple(_reader(one) for one in arguments)
    return lambda value: tuple(read(item) for read, item in zip(items, value, strict=True))


def _dataclass_reader(kind: Any) -> _Reader:
    readers = {name: _reader(hint) for name, hint in _hints(kind).items()}
    return lambda value: kind(**{name: readers[name](item) for name, item in value.items() if name in readers})
