"""The OpenAPI 3.1 document, made from functions/calls/table.py and its models; nothing is declared a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.usecases.access import Who
from functions.calls.models import Health, ProblemOut
from functions.calls.operation import Operation
from functions.edge.problem import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_WAITING = frozenset({409, 429, 503})
_ETAG = {"ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}}
_RETRY = {
    "Retry-After": {"description": "Seconds after which trying again helps.", "schema": {"type": "string"}},
}
_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 6750, section 3.", "schema": {"type": "string"}}}


def document(calls: Mapping[str, Operation]) -> dict[str, Any]:
    """The document, as JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in calls.values():
        paths.setdefault(f"/{operation.path}", {})[operation.method.lower()] = _operation(operation)
    paths["/health"] = {"get": _health()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Severa calendar sync",
            "version": "1",
            "description": "What the Severa web front end calls. Times are UTC. Problems are RFC 9457 documents whose "
            "`type` is stable.",
        },
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(tuple(calls.values())),
            "securitySchemes": {
                "severa": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Issued by Severa: `sub` is the user's guid, `org` the company's, `roles` holds "
                    "`admin` for administrators.",
                }
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.who.value],
        "responses": {str(operation.status): _success(operation), **_problems(operation)},
        "security": [] if operation.who is Who.ANYONE else [{"severa": []}],
    }
    if parameters := [*_parameters(operation.parameters, "path"), *_parameters(operation.query, "query")]:
        found["parameters"] = parameters
    if operation.has_version and operation.method != "GET":
        found.setdefault("parameters", []).append(_if_match(required=operation.needs_version))
    if operation.body:
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": _reference(operation.body)}}}
    return found


def _success(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {"description": "Done." if operation.answer is None else _said(operation.answer)}
    if operation.answer is not None:
        found["content"] = {_JSON: {"schema": _reference(operation.answer)}}
    elif operation.who is Who.ANYONE:
        found["content"] = {_JSON: {"schema": {"type": "object"}}}
    if operation.has_version:
        found["headers"] = _ETAG
    return found


def _problems(operation: Operation) -> dict[str, Any]:
    by_status: dict[int, list[Problem]] = {}
    for problem in operation.every_problem():
        by_status.setdefault(problem.status, []).append(problem)
    return {str(status): _problem(status, problems) for status, problems in sorted(by_status.items())}


def _problem(status: int, problems: list[Problem]) -> dict[str, Any]:
    kind = {"properties": {"type": {"enum": [problem.type for problem in problems]}}}
    found: dict[str, Any] = {
        "description": " ".join(f"{problem.title}." for problem in problems),
        "content": {MEDIA_TYPE: {"schema": {"allOf": [_reference(ProblemOut), kind]}}},
    }
    if status in _WAITING:
        found["headers"] = _RETRY
    if status == 401:
        found["headers"] = _CHALLENGE
    return found


def _parameters(model: type[BaseModel] | None, place: str) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema(ref_template=_REF)
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": place,
            "required": name in required,
            "schema": _without_null(found),
        }
        for name, found in schema["properties"].items()
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's schema; in a URL, what may be null is left out instead."""
    kept = {name: value for name, value in schema.items() if name not in ("title", "anyOf", "default")}
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    return kept | (options[0] if options else {})


def _if_match(*, required: bool) -> dict[str, Any]:
    return {
        "name": "If-Match",
        "in": "header",
        "required": required,
        "description": "The ETag of what was read; `*` for whatever is there.",
        "schema": {"type": "string"},
    }


def _health() -> dict[str, Any]:
    content = {_JSON: {"schema": _reference(Health)}}
    return {
        "operationId": "health",
        "summary": "Whether this process can serve.",
        "tags": ["anyone"],
        "security": [],
        "responses": {
            "200": {"description": "It can.", "content": content},
            "503": {"description": "It cannot; the answer names the part.", "content": content},
        },
    }


def _schemas(operations: tuple[Operation, ...]) -> dict[str, Any]:
    models: dict[type[BaseModel], Any] = {ProblemOut: "validation", Health: "serialization"}
    for operation in operations:
        if operation.body:
            models[operation.body] = "validation"
        if operation.answer:
            models[operation.answer] = "serialization"
    _, schema = models_json_schema(list(models.items()), ref_template=_REF)
    found: dict[str, Any] = schema["$defs"]
    for operation in operations:
        for model in (operation.query, operation.parameters):
            found |= model.model_json_schema(ref_template=_REF).get("$defs", {}) if model else {}
    return dict(sorted(found.items()))


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _said(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip()
