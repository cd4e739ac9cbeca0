"""The administrator's call that tests the company's connection."""

from __future__ import annotations

from core.model.connection import Finding, Outcome
from core.usecases.connection_test import check_connection
from core.usecases.words import words
from core.usecases.words_of_connection import PASSED, SKIPPED
from functions.calls.models import ConnectionOut, StepOut
from functions.calls.operation import Answer, Call
from functions.edge import problem
from functions.edge.problem import Refused


async def test(call: Call) -> Answer:
    """Every step, as the settings are stored now."""
    if call.entrance.connection is None:
        raise Refused(problem.NOT_CONFIGURED)
    found = await check_connection(call.entrance.connection(), call.caller.company, call.caller.user)
    passed = all(finding.outcome is not Outcome.FAILED for finding in found)
    return Answer(ConnectionOut(passed=passed, steps=[_step(finding) for finding in found]))


def _step(finding: Finding) -> StepOut:
    said = words(finding.code) if finding.code else None
    plain = SKIPPED if finding.outcome is Outcome.SKIPPED else PASSED[finding.check]
    return StepOut(
        step=finding.check,
        outcome=finding.outcome,
        code=finding.code,
        sentence=said.sentence if said else plain,
        remedy=said.remedy if said else "",
        detail=finding.detail,
    )
