"""Who is invited to single dates of a series alone, from the lists of attendees that its changed dates have. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from core.model.sighting import Attendee, Response


def guests(
    series: Iterable[Attendee], dates: Iterable[tuple[date, tuple[Attendee, ...]]]
) -> tuple[tuple[date, str], ...]:
    """Original dates, each with an address that the series does not invite; who declined that date is no guest."""
    always = {one.address for one in series}
    found = {(day, one.address) for day, people in dates for one in people if one.response is not Response.DECLINED}
    return tuple(sorted((day, address) for day, address in found if address not in always))
