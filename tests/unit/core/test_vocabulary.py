"""The vocabulary (core/model): data that nothing changes behind anybody's back, sides and pairs."""

import dataclasses
import importlib
import pkgutil

import pytest

import core.model
from core.model.caller import Caller
from core.model.ids import CompanyId, Pair, Side, UserId

MODULES = [importlib.import_module(f"core.model.{found.name}") for found in pkgutil.iter_modules(core.model.__path__)]
KINDS = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_kind_of_data(kind: type) -> None:
    """Frozen, without room for more, and told about."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
    assert kind.__doc__


def test_sides() -> None:
    """Each is the other's other."""
    assert [side.other for side in Side] == [Side.MICROSOFT, Side.SEVERA]


def test_pairs() -> None:
    """They have an order, so that lists of them are alike everywhere."""
    one, other = Pair(CompanyId("a"), UserId("b")), Pair(CompanyId("a"), UserId("c"))
    assert sorted([other, one]) == [one, other]


def test_caller() -> None:
    """Everybody has one pair of their own, an administrator too."""
    for is_admin in (True, False):
        caller = Caller(CompanyId("a"), UserId("b"), is_admin)
        assert caller.pair == Pair(CompanyId("a"), UserId("b"))
