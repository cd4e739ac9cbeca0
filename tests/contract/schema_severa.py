"""Holds requests and answers to Severa's published OpenAPI document, which the caller names by its path.

Read as facts/severa.md part 5 says: `nullable` and `readOnly` beside a `$ref`, which OpenAPI 3.0 tools pass over, are
honoured. Nothing else is relaxed; and one thing is stricter: a field that the document does not know is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import yaml
from jsonschema import ValidationError
from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS30WriteValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

DOCUMENT = "urn:severa"
NULL: dict[str, Any] = {"enum": [None]}
Query = Mapping[str, str | Sequence[str]]


class SeveraSchema:
    """The checks answer a list of errors, each with the place and the reason; empty when all is well."""

    def __init__(self, path: Path) -> None:
        """Raise OSError where there is no document."""
        self._document: dict[str, Any] = _read(yaml.load(path.read_text("utf-8"), Loader=_LOADER))  # noqa: S506
        resource = Resource(contents=self._document, specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        templates = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._routes = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), template) for template in templates]

    def check_request(self, method: str, path: str, query: Query | None = None, body: object = None) -> list[str]:
        """What is wrong with a request to `path` (below the base URL, `/v1` or `/v1.0`); `body` None: no body."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"no operation {method} {path}"]
        errors = list(self._query_errors(operation.get("parameters", []), query or {}))
        expected = operation.get("requestBody")
        if expected is None:
            return errors if body is None else [*errors, "unexpected body"]
        if body is None:
            return [*errors, "missing body"]
        return errors + self._errors(OAS30WriteValidator, expected["content"]["application/json"]["schema"], body)

    def check_response(self, method: str, path: str, status: int, body: object = None) -> list[str]:
        """What is wrong with the answer to such a request; `body` None: no body."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"no operation {method} {path}"]
        response = operation["responses"].get(str(status))
        if response is None and status < 400:
            return [f"undocumented status {status}"]
        content = (response or operation["responses"]["default"]).get("content")
        if not content:
            return [] if body is None else ["unexpected body"]
        return self._errors(OAS30ReadValidator, content["application/json"]["schema"], body)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        path = path.replace("/v1.0/", "/v1/", 1)
        for pattern, template in self._routes:
            if pattern.fullmatch(path):
                operation: dict[str, Any] | None = self._document["paths"][template].get(method.lower())
                return operation
        return None

    def _query_errors(self, parameters: list[dict[str, Any]], query: Query) -> Iterator[str]:
        known = {parameter["name"]: parameter["schema"] for parameter in parameters if parameter["in"] == "query"}
        for name, value in query.items():
            if name not in known:
                yield f"unknown query parameter {name}"
                continue
            values = [value] if isinstance(value, str) else list(value)
            schema = known[name]
            repeated = schema.get("type") == "array"
            if len(values) > 1 and not repeated:
                yield f"repeated query parameter {name}"
            for text in values:
                one = schema["items"] if repeated else schema
                yield from (f"{name}: {error}" for error in self._errors(OAS30Validator, one, _typed(one, text)))

    def _errors(self, validator: Any, schema: dict[str, Any], value: object) -> list[str]:
        found = validator(schema, registry=self._registry, format_checker=OAS30Validator.FORMAT_CHECKER)
        leaves = (leaf for error in found.iter_errors(value) for leaf in _leaves(error))
        return [f"{'/'.join(map(str, leaf.absolute_path))}: {leaf.message[:200]}" for leaf in leaves]


class SchemaTransport(httpx.AsyncBaseTransport):
    """Passes on to another transport and holds all that goes through to the schema.

    `base` is the path of the base URL, above `/v1`. `problems` gathers what was wrong. Not held to the document: the
    plain text of a 429, which it does not know (facts/severa.md 1.3).
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, schema: SeveraSchema, base: str = "") -> None:
        self._inner, self._schema, self._base = inner, schema, base
        self.problems: list[str] = []
        self.checked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        response = await self._inner.handle_async_request(request)
        await response.aread()
        method, path = request.method, request.url.path.removeprefix(self._base)
        query = parse_qs(request.url.query.decode("ascii"), keep_blank_values=True)
        errors: list[str] = []
        if response.is_success:
            errors += self._schema.check_request(method, path, query, _json(request))
        if response.status_code != 429:
            errors += self._schema.check_response(method, path, response.status_code, _json(response))
        self.problems += [f"{method} {path} {response.status_code}: {error}" for error in errors]
        self.checked += 1
        return response


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _json(message: httpx.Request | httpx.Response) -> object:
    if not message.content:
        return None
    body: object = httpx.Response(200, content=message.content).json()
    return body


def _read(node: Any) -> Any:
    """The document with absolute references, and with what stands beside a reference put to work."""
    if isinstance(node, list):
        return [_read(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        reference = {"$ref": node["$ref"].replace("#/", f"{DOCUMENT}#/", 1)}
        alternatives = [reference, NULL] if node.get("nullable") else [reference]
        return {"anyOf": alternatives, "readOnly": bool(node.get("readOnly"))}
    read = {name: _read(value) for name, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        read["additionalProperties"] = False
    return read


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """What is really wrong, below the `anyOf` that `_read` has put around references."""
    if error.validator != "anyOf":
        yield error
        return
    for inner in error.context or ():
        if inner.schema != NULL:
            yield from _leaves(inner)


def _typed(schema: dict[str, Any], text: str) -> object:
    """The value that a query string's text stands for."""
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text
