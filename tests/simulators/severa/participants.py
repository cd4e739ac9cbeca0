"""The participants of activities (facts/severa.md 1.6, 1.7): one per call; all are listed, only users can be added."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from . import writes
from .auth import Call
from .errors import invalid, not_found
from .model import Participant
from .wire import participant_json


async def list_participants(call: Call) -> Response:
    """All participants of one activity, unpaged; the owner is not among them unless somebody added them."""
    activity = call.request.path_params["activityGuid"]
    if call.state.activity(activity) is None:
        return not_found()
    return JSONResponse([participant_json(call.state, p) for p in call.state.participants_of(activity)])


async def read_participant(call: Call) -> Response:
    """One participant."""
    participant = call.state.participants.get(call.request.path_params["guid"])
    return not_found() if participant is None else JSONResponse(participant_json(call.state, participant))


async def add_participant(call: Call) -> Response:
    """POST. Adding a user twice is refused (what the real one does is unknown)."""
    state, body = call.state, await call.json()
    if not isinstance(body, dict):
        raise invalid("activityParticipantModel", "A participant is required.")
    activity, user = body.get("activityGuid"), body.get("participantGuid")
    if not isinstance(activity, str) or state.activity(activity) is None:
        raise invalid("activityGuid", "There is no such activity.")
    if not isinstance(user, str) or user not in state.users:
        raise invalid("participantGuid", "There is no such user.")
    if any(participant.user == user for participant in state.participants_of(activity)):
        raise invalid("participantGuid", "This user takes part already.")
    participant = writes.add_participant(state, Participant(state.context.new_guid(), activity, user), state.author)
    return JSONResponse(participant_json(state, participant), 201)


async def remove_participant(call: Call) -> Response:
    """DELETE one participant from one activity; from one occurrence, which becomes an exception."""
    parameters = call.request.path_params
    found = call.state.participants_of(parameters["activityGuid"])
    participant = next((p for p in found if p.guid == parameters["activityParticipantGuid"]), None)
    if participant is None:
        return not_found()
    writes.remove_participant(call.state, participant, call.state.author)
    return Response(status_code=204)
