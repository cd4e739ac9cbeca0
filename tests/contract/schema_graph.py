"""Holds requests and answers to the official schema of Microsoft Graph v1.0, which the caller names by its path.

The document says nothing of what a create must have, of etags, Prefer or throttling (the schemas' README). It lets a
null stand where a reference is nullable; unknown properties are let through, as OData's annotations are some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

DOCUMENT = "urn:graph"


class GraphSchema:
    """The checks answer a list of errors, each with the place and the reason; empty when all is well."""

    def __init__(self, path: Path) -> None:
        """Raise OSError where there is no document."""
        text = path.read_text("utf-8").replace('"$ref": "#/', f'"$ref": "{DOCUMENT}#/')
        self._document: dict[str, Any] = json.loads(text)
        resource = Resource(contents=self._document, specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        templates = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._routes = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(t))), t) for t in templates]

    def check_request(self, method: str, path: str, query: Iterable[str] = (), body: object = None) -> list[str]:
        """What is wrong with a request to `path` (below `/v1.0`, not encoded) with these query parameters."""
        found = self._operation(method, path)
        if found is None:
            return [f"no operation {method} {path}"]
        operation, common = found
        parameters = [self._resolved(parameter) for parameter in [*operation.get("parameters", []), *common]]
        known = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
        given = set(query)
        errors = [f"unknown query parameter {name}" for name in sorted(given - known.keys())]
        errors += [f"missing query parameter {n}" for n, p in known.items() if p.get("required") and n not in given]
        expected = self._resolved(operation["requestBody"]) if "requestBody" in operation else None
        if expected is None:
            return errors if body is None else [*errors, "unexpected body"]
        if body is None:
            return [*errors, "missing body"] if expected.get("required") else errors
        return errors + self._errors(expected["content"]["application/json"]["schema"], body)

    def check_response(self, method: str, path: str, status: int, body: object = None) -> list[str]:
        """What is wrong with the answer to such a request; `body` None: no body."""
        found = self._operation(method, path)
        if found is None:
            return [f"no operation {method} {path}"]
        responses = found[0]["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
        if response is None:
            return [f"undocumented status {status}"]
        content = self._resolved(response).get("content")
        if not content:
            return [] if body is None else ["unexpected body"]
        return self._errors(content["application/json"]["schema"], body)

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], list[Any]] | None:
        for pattern, template in self._routes:
            if pattern.fullmatch(path):
                item = self._document["paths"][template]
                operation = item.get(method.lower())
                return None if operation is None else (operation, item.get("parameters", []))
        return None

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self._document
            for part in node["$ref"].removeprefix(f"{DOCUMENT}#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _errors(self, schema: Mapping[str, Any], value: object) -> list[str]:
        validator = OAS30Validator(schema, registry=self._registry, format_checker=OAS30Validator.FORMAT_CHECKER)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(value)]


class SchemaTransport(httpx.AsyncBaseTransport):
    """Passes on to another transport and holds all that goes through to the schema.

    Requests that succeed must be right; links that the service gave (with a token or `$skip`) are its own business.
    `problems` gathers what was wrong, `checked` counts the exchanges.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, schema: GraphSchema, root: str = "/v1.0") -> None:
        self._inner, self._schema, self._root = inner, schema, root
        self.problems: list[str] = []
        self.checked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        response = await self._inner.handle_async_request(request)
        await response.aread()
        method, path = request.method, request.url.path.removeprefix(self._root)
        query = [name for name, _ in parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)]
        errors = []
        if response.is_success and not {"$skiptoken", "$skip"} & set(query):
            errors += self._schema.check_request(method, path, query, _json(request.content))
        errors += self._schema.check_response(method, path, response.status_code, _json(response.content))
        self.problems += [f"{method} {path} {response.status_code}: {error}" for error in errors]
        self.checked += 1
        return response


def _json(content: bytes) -> object:
    body: object = json.loads(content) if content else None
    return body
