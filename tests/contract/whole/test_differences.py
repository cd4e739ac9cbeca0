"""The list of differences between the services is about stories that there are."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.whole.differences import GRAPH_ALONE, THEIR_OWN

MODULES = {path.stem: path for path in Path(__file__).parent.glob("test_*.py")}


def test_what_is_told_in_graph_alone() -> None:
    """A story that was renamed is told on both again, until the list says otherwise."""
    stories = {
        f"{name}::{one.name}"
        for name, path in MODULES.items()
        for one in ast.parse(path.read_text()).body
        if isinstance(one, ast.AsyncFunctionDef)
    }
    assert {*GRAPH_ALONE, *THEIR_OWN} <= stories | MODULES.keys()
