"""The published contract: made from what serves, valid, complete, and kept."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator

import function_app
from functions.calls.openapi import document
from functions.calls.page import page
from functions.calls.table import CALLS
from infra.local import indexing
from tests.functions.http.desk import Desk, http_app

ROOT = Path(__file__).resolve().parents[3]


async def test_the_contract_is_served(desk: Desk) -> None:
    """Anyone may read it, without a token."""
    answer = await desk.call("GET", "openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document(CALLS)


def test_every_trigger_is_in_the_contract() -> None:
    """Names, routes and methods of the triggers are those of the table; each path answers browsers' questions once."""
    infos = indexing.index(http_app())
    served = {(info.name, info.route, method) for info in infos for method in info.methods if method != "OPTIONS"}
    assert served == {(one.name, one.path, one.method) for one in CALLS.values()}
    asked = [info.route for info in infos if "OPTIONS" in info.methods]
    assert sorted(asked) == sorted({one.path for one in CALLS.values()})
    assert all(info.is_async and info.auth_level == "ANONYMOUS" for info in infos)


def test_no_other_way_in() -> None:
    """The whole app has no HTTP trigger outside the table (and so the matrix) but health, consent and Graph's."""
    served = {info.name for info in indexing.index(function_app.app) if info.methods}
    graph = {"graphnotifications", "graphlifecycle"}
    assert served - set(CALLS) == graph | {"health", "consentstart", "consentcallback", "consentconfirm"}


def test_every_schema_is_a_schema() -> None:
    """The document's schemas are valid in OpenAPI's dialect, and every reference leads somewhere."""
    found = document(CALLS)
    schemas = found["components"]["schemas"]
    for schema in schemas.values():
        OAS31Validator.check_schema(schema)
    references = {part.split('"')[0] for part in str(found).replace("'", '"').split("#/components/schemas/")[1:]}
    assert references <= set(schemas)


def test_secrets_are_write_only() -> None:
    """What is written is never part of an answer."""
    schemas = document(CALLS)["components"]["schemas"]
    for name in ("severa_client_secret", "password"):
        assert schemas["SettingsIn"]["properties"][name]["anyOf"][0]["writeOnly"]
        assert name not in schemas["SettingsOut"]["properties"]


def test_the_page_is_up_to_date() -> None:
    """docs/http-api.md is what `make docs` writes."""
    assert (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*.py")), ids=lambda path: path.stem)
def test_triggers_are_thin(path: Path) -> None:
    """Parse, one use case, answer: at most 15 lines each."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.decorator_list:
            assert node.end_lineno is not None
            assert node.end_lineno - node.decorator_list[0].lineno + 1 <= 15
