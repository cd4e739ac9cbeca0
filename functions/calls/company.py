"""A company leaves: what was removed of it, in numbers and in words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.errors import Stop
from core.usecases.offboarding import Removal, remove_company
from core.usecases.secrets import EVERY, names_present
from core.usecases.words import words
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call
from functions.edge import problem
from functions.edge.problem import Refused


class RemovalQuery(Strict):
    """What becomes of the copies in mailboxes."""

    copies: Literal["keep", "remove"] = Field(
        default="keep",
        description="`remove`: events made from activities go to Deleted Items, as far as nobody has changed them.",
    )


class RemovalOut(Strict):
    """What this call removed; an earlier one may have removed more."""

    finished: bool = Field(description="False: make the same call again, it goes on where this one ended.")
    sentence: str
    notes: list[str] = Field(description="What else there is to know, sentence by sentence.")
    users: int = Field(description="Users who had, or once had, their sync on.")
    links: int = Field(description="Pairs of an activity and an event that belonged together.")
    pending: int = Field(description="Changes that were not settled yet.")
    history: int = Field(description="Lines of history.")
    holds: int
    due: int = Field(description="Looks that were planned.")
    mailboxes: int = Field(description="Mailboxes that were bound to a user.")
    activities: int = Field(description="Activities that were known by their ids.")
    intents: int = Field(description="Entries whose creation was not settled yet.")
    claims: int = Field(description="Meetings of which it was known which activity they are.")
    subscriptions: int = Field(description="Mailboxes of which Microsoft 365 told the service, and tells no more.")
    secrets: int
    tenants: int = Field(description="Microsoft 365 organizations that were bound to the company.")
    settings: int = Field(description="1 once the settings are gone, the last thing of all.")
    copies_removed: int = Field(description="Copies that are in Deleted Items now.")
    copies_kept: int = Field(description="Copies that stay, because somebody changed them or invited somebody.")
    mailboxes_not_reached: int = Field(description="Mailboxes whose copies stay, because they could not be opened.")


_COUNTS = tuple(name for name, field in RemovalOut.model_fields.items() if field.annotation is int)
_DONE = "Nothing of the company is kept here any more."
_AGAIN = "There is more to be removed: make the same call again."
_UNDER_WAY = "A synchronization is still under way. Make the same call again in a few minutes."
_COPIES_STAY = "Events that were made from activities stay in the mailboxes, as ordinary events of their owners."
_GRANT_STAYS = (
    "Microsoft 365 still lists the application. An administrator of the organization can remove it there, under "
    "enterprise applications."
)
_ELSEWHERE = "A secret of the company is in the service's environment: whoever runs the service removes it there."
_OR_KEEP = "Or let the copies stay: make the call without `copies=remove`."


async def remove(call: Call) -> Answer:
    """One step of it, as long as a caller can wait."""
    wanted: RemovalQuery = call.query
    entrance = call.entrance
    with_copies = wanted.copies == "remove"
    try:
        removal = await remove_company(
            call.ports,
            entrance.consents,
            entrance.secret_writer,
            call.caller,
            copies=with_copies,
            live=entrance.live,
        )
    except Stop as stop:
        said = words(stop.code)
        raise Refused(
            problem.STOPPED, detail=said.sentence, remedy=f"{said.remedy} {_OR_KEEP}", code=stop.code
        ) from stop
    notes = [words(removal.obstacle).sentence] if removal.obstacle else []
    if removal.finished:
        notes += [] if with_copies else [_COPIES_STAY]
        notes += [_GRANT_STAYS] if removal.counts["tenants"] else []
        if await names_present(entrance.secrets, call.caller.company, *EVERY):
            notes.append(_ELSEWHERE)
    counts = {name: removal.counts[name] for name in _COUNTS}
    return Answer(RemovalOut(finished=removal.finished, sentence=_sentence(removal), notes=notes, **counts))


def _sentence(removal: Removal) -> str:
    if removal.finished:
        return _DONE
    return _UNDER_WAY if removal.under_way else _AGAIN
