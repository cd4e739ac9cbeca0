"""The administrator's call that begins a consent to Microsoft 365; browsers go on in functions/consent.py."""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import Field

from core.usecases.consent import LIFE, NAME_MAX, begin
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call
from functions.edge import problem
from functions.edge.problem import Refused


class ConsentIn(Strict):
    """What the start page is to say."""

    company_name: str = Field(
        default="",
        max_length=NAME_MAX,
        description="What the company is called. Shown where Severa's API does not tell (scope organization:read).",
    )


class ConsentOut(Strict):
    """Where the pop-up is to be opened."""

    address: str = Field(
        description="Open it in a window, straight from a page of the front end and without `noreferrer`: the start "
        "page works only when the browser names the front end's origin as where it comes from. It serves once."
    )
    expires_in: int = Field(description="Seconds until the attempt ends, whatever step it is at.")


async def begin_consent(call: Call) -> Answer:
    """A new attempt; the administrator's earlier ones are void."""
    wanted: ConsentIn = call.body
    if call.entrance.consent is None:
        raise Refused(problem.NOT_CONFIGURED)
    ports = call.entrance.consent()
    state = await begin(ports, call.caller.company, call.caller.user, wanted.company_name)
    address = f"{ports.home}/api/consent/start?{urlencode({'state': state})}"
    return Answer(ConsentOut(address=address, expires_in=int(LIFE.total_seconds())))
