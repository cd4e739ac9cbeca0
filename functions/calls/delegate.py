"""The administrator's call for the script that prepares an Exchange Server's delegate user."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.usecases.delegate_script import (
    FILTER_MAX,
    NAME_MAX,
    SCOPE_NAME_MAX,
    InvalidScriptError,
    Release,
    ScriptRequest,
    delegate_script,
)
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call
from functions.edge import problem
from functions.edge.problem import Refused


class ScriptQuery(Strict):
    """What the script is to contain; what is left out takes its default or no part."""

    release: Literal["2007", "2010", "2013", "2016", "2019", "se", "office365"] = Field(
        description="The Exchange release; `office365` limits the application to some mailboxes."
    )
    delegate: str = Field(default="", max_length=NAME_MAX, description="The delegate user. Not for office365.")
    organizational_unit: str = Field(
        default="", max_length=NAME_MAX, description="Limits the mailboxes; 2010 and later servers."
    )
    domain_controller: str = Field(default="", max_length=NAME_MAX, description="Which one to ask; servers only.")
    scope: str = Field(default="", max_length=SCOPE_NAME_MAX, description="The management scope's name; not for 2007.")
    recipient_filter: str = Field(
        default="", max_length=FILTER_MAX, description="Which mailboxes, in OPATH; not for 2007, needed for office365."
    )
    assignment: str = Field(
        default="", max_length=SCOPE_NAME_MAX, description="The role assignment's name; not for 2007."
    )


class ScriptOut(Strict):
    """The script."""

    script: str = Field(description="PowerShell, in ASCII. It is read and run by an Exchange administrator.")


async def read_script(call: Call) -> Answer:
    """The script, filled in."""
    wanted: ScriptQuery = call.query
    release = Release(wanted.release)
    application = call.entrance.application if release is Release.ONLINE else ""
    given = wanted.model_dump(exclude={"release"})
    try:
        script = delegate_script(ScriptRequest(release, **given, application=application))
    except InvalidScriptError as failure:
        raise Refused(problem.INVALID, errors=failure.problems) from None
    return Answer(ScriptOut(script=script))
