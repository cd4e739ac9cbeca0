"""One call as data: who may make it, what it takes and answers. The door serves it, openapi.py publishes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import azure.functions as func
from pydantic import BaseModel, ValidationError

from core.model.caller import Caller
from core.ports import Ports
from core.ports_live import SubscriptionStore
from core.usecases.access import Who
from core.wiring import Entrance
from functions.edge import problem
from functions.edge.problem import Problem, Refused

M = TypeVar("M", bound=BaseModel)
MOST_ERRORS = 20
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers: a model, a document, or nothing; `tag` is its ETag."""

    body: BaseModel | Mapping[str, object] | None = None
    tag: str = ""

    def text(self) -> str | None:
        """The body as JSON."""
        if isinstance(self.body, BaseModel):
            return self.body.model_dump_json()
        return None if self.body is None else json.dumps(self.body, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked. `body`, `query` and `path` are what the operation's models made of it."""

    _entrance: Entrance | None
    _caller: Caller | None
    body: Any = None
    query: Any = None
    path: Any = None
    if_match: str = ""

    @property
    def entrance(self) -> Entrance:
        """What the interface is given; there for every call that is not for anyone."""
        return cast("Entrance", self._entrance)

    @property
    def ports(self) -> Ports:
        """The ports."""
        return self.entrance.ports

    @property
    def subscriptions(self) -> SubscriptionStore | None:
        """Where subscriptions are kept, if the service has any."""
        live = self.entrance.live
        return live.subscriptions if live is not None else None

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return cast("Caller", self._caller)

    def check_version(self, tag: str) -> None:
        """Raise Refused(CHANGED_MEANWHILE) where If-Match was sent and does not name the version with `tag`."""
        if self.if_match and self.if_match != "*":
            named = {part.strip() for part in self.if_match.split(",")}
            if etag(tag) not in named:
                raise Refused(problem.CHANGED_MEANWHILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call. `needs_version`: If-Match must be sent; `has_version`: it may be, and the answer has an ETag."""

    name: str
    method: str
    path: str
    who: Who
    summary: str
    handler: Callable[[Call], Awaitable[Answer]]
    answer: type[BaseModel] | None = None
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    parameters: type[BaseModel] | None = None
    has_version: bool = False
    needs_version: bool = False
    problems: tuple[Problem, ...] = ()

    def read(self, req: func.HttpRequest, entrance: Entrance | None, caller: Caller | None) -> Call:
        """The request as the models read it. Raises Refused."""
        if_match = req.headers.get("If-Match", "").strip()
        if self.needs_version and not if_match:
            raise Refused(problem.IF_MATCH_MISSING)
        return Call(
            entrance,
            caller,
            _body(req, self.body) if self.body else None,
            _strings(req.params, self.query) if self.query else None,
            _strings(req.route_params, self.parameters) if self.parameters else None,
            if_match,
        )

    def every_problem(self) -> tuple[Problem, ...]:
        """Its own problems and those that come with what it takes."""
        found = [problem.UNEXPECTED, *self.problems]
        if self.who is not Who.ANYONE:
            found += [problem.NOT_AUTHENTICATED, problem.BODY_TOO_LARGE, problem.NOT_CONFIGURED, problem.TRY_LATER]
        found += [problem.NOT_ALLOWED] if self.who is Who.ADMIN else []
        found += [problem.NOT_JSON] if self.body else []
        found += [problem.INVALID] if self.body or self.query or self.parameters else []
        found += [problem.CHANGED_MEANWHILE] if self.has_version and self.method != "GET" else []
        found += [problem.IF_MATCH_MISSING] if self.needs_version else []
        return tuple(sorted(set(found), key=lambda one: (one.status, one.name)))


def etag(tag: str) -> str:
    """A strong ETag of what a store calls its tag; a row that is not there yet has one as well."""
    return f'"{hashlib.sha256(tag.encode()).hexdigest()[:32]}"'


def _body(req: func.HttpRequest, model: type[M]) -> M:
    if req.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(problem.NOT_JSON)
    try:
        return model.model_validate_json(req.get_body(), strict=True)
    except ValidationError as failure:
        raise Refused(problem.INVALID, errors=errors_of(failure)) from None


def _strings(values: Mapping[str, str], model: type[M]) -> M:
    try:
        return model.model_validate_strings(dict(values))
    except ValidationError as failure:
        raise Refused(problem.INVALID, errors=errors_of(failure)) from None


def errors_of(failure: ValidationError) -> dict[str, str]:
    """A sentence for each field. What was sent does not come back, but for the names of fields that look like names."""
    listed = failure.errors(include_url=False, include_context=False, include_input=False)
    return {_field(error["loc"]): error["msg"].rstrip(".") + "." for error in listed[:MOST_ERRORS]}


def _field(place: Sequence[str | int]) -> str:
    parts = [str(part) if _NAME.fullmatch(str(part)) else "?" for part in place]
    return ".".join(parts) or "body"
