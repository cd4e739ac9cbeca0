"""schemathesis sends what the contract allows, and what it does not; the interface answers as the contract says."""

from __future__ import annotations

import asyncio

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.calls.openapi import document
from functions.calls.table import CALLS
from infra.local.issuer import Issuer
from tests.functions.http.desk import Desk, open_desk
from tests.support.stage import ANNA, COMPANY

EXAMPLES = 12
"""Requests for each call, kind of data and caller."""
REFUSED = {"savesettings": 422, "undo": 404}
"""How calls may be answered every time, for what is generated means nothing."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _try(desk: Desk, name: str, mode: GenerationMode) -> dict[int, int]:
    """Send what is generated for one call as an administrator; how often each status was answered."""
    schema = schemathesis.openapi.from_dict(document(CALLS))
    operation = schema.find_operation_by_id(name)
    answered: dict[int, int] = {}

    with requests.Session() as session:

        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def one(case: Case) -> None:
            sent = {"Authorization": f"Bearer {desk.issuer.token(COMPANY, ANNA, admin=True)}"}
            if mode is GenerationMode.POSITIVE and CALLS[name].has_version:
                sent["If-Match"] = "*"  # a version made up would go no further than 412
            answer = case.call(base_url=desk.host.base_url, session=session, headers=sent)
            is_negative = mode is GenerationMode.NEGATIVE
            case.validate_response(answer, checks=CHECKS + ([negative_data_rejection] if is_negative else []))
            answered[answer.status_code] = answered.get(answer.status_code, 0) + 1

        one()
    return answered


@pytest.mark.parametrize("name", sorted(CALLS))
async def test_the_contract_is_kept(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No call answers with 5xx, or with anything that the contract does not say."""
    operation = CALLS[name]
    async with open_desk(issuer, monkeypatch, writable=True) as desk:
        answered = await asyncio.to_thread(_try, desk, name, GenerationMode.POSITIVE)
        # Few of the time zones that the pattern allows are zones, and no line of history has a name that is made up.
        assert {operation.status, REFUSED.get(name)} & set(answered)
        if operation.body or operation.query or operation.parameters:
            refused = await asyncio.to_thread(_try, desk, name, GenerationMode.NEGATIVE)
            assert max(refused) >= 400
