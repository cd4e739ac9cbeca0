"""Who is who in Graph's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from core.adapters.graph import people
from core.model.sighting import Attendee, Response


def invited(address: object, response: object = "none") -> dict[str, Any]:
    """An attendee as Graph shows them."""
    return {"type": "required", "emailAddress": {"name": "N", "address": address}, "status": {"response": response}}


@pytest.mark.parametrize(
    ("told", "response"),
    [
        ("none", Response.NONE),
        ("notResponded", Response.NONE),
        ("organizer", Response.ORGANIZER),
        ("tentativelyAccepted", Response.TENTATIVE),
        ("accepted", Response.ACCEPTED),
        ("declined", Response.DECLINED),
        ("maybe", Response.NONE),
        (None, Response.NONE),
    ],
)
def test_an_answer(told: object, response: Response) -> None:
    """Graph's words in ours, of others and of the mailbox's owner."""
    assert people.attendees({"attendees": [invited("Bo@Example.com ", told)]}) == (
        Attendee("bo@example.com", response),
    )
    assert people.own_response({"responseStatus": {"response": told}}) is response


@pytest.mark.parametrize("nothing", [{}, {"attendees": None}, {"attendees": [None, 7, {}, invited(None), invited("")]}])
def test_nobody_with_an_address(nothing: dict[str, Any]) -> None:
    """Whoever has no address cannot be told apart; they are left out."""
    assert people.attendees(nothing) == ()
    assert (people.organizer(nothing), people.own_response(nothing)) == ("", Response.NONE)


def test_whose_meeting_it_is() -> None:
    """Only a plain "no" says that it is somebody else's: bare answers say nothing."""
    assert people.is_organizer({})
    assert people.is_organizer({"isOrganizer": None})
    assert not people.is_organizer({"isOrganizer": False})
    assert people.organizer({"organizer": {"emailAddress": {"address": "Anna@Example.com"}}}) == "anna@example.com"


def test_a_meeting() -> None:
    """Somebody is invited, though without an address, or it is somebody else's."""
    assert not people.is_meeting({"attendees": []})
    assert people.is_meeting({"attendees": [invited(None)]})
    assert people.is_meeting({"isOrganizer": False})
