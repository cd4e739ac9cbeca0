"""Queue messages: bounded, validated, ids only."""

from __future__ import annotations

import json

from core.model.ids import CompanyId
from core.usecases.hints import PairMessage

LONGEST = 4096


def pair_message(body: bytes) -> PairMessage:
    """A message of `pairs` or `pairs-first`. Raises ValueError; the host then gives it to the poison queue."""
    return PairMessage.parse(_document(body))


def feed_company(body: bytes) -> CompanyId:
    """A message of `feeds`: the company. Raises ValueError."""
    company = _document(body).get("company")
    if not isinstance(company, str) or not company:
        raise ValueError("a feed message names a company")
    return CompanyId(company)


def _document(body: bytes) -> dict[str, object]:
    if len(body) > LONGEST:
        raise ValueError(f"a message has at most {LONGEST} bytes")
    match json.loads(body):
        case dict() as document:
            return document
    raise ValueError("a message is an object")
