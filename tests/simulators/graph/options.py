"""Which lies the simulator tells, and how big its numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Options:
    """Behaviour that a test or the demo may change at any time; the defaults are what Graph usually does.

    `follow_up_write`: Exchange writes once more after each create and PATCH by the API, so that the etag of the
    answer is stale; it happens `follow_up_after` later, at the first request from then on (facts/microsoft.md B).
    `lingering`: a deleted event still answers by its immutable id, from Deleted Items (design R19); without it, it is
    gone at once.
    `delta_lag`: a change shows in delta only this much later. `delta_shuffled`: pages are in no order.
    `delta_twice`: every third item of a round comes a second time. `delta_empty_page`: a round with items begins
    with an empty page. `delta_page_size`: items on a page where no Prefer header asks (facts/microsoft.md A2).
    Series (facts/microsoft.md A3, peers P64): `shared_ical_uid`: occurrences have the master's iCalUId, instead of
    one each. `exception_alone`: delta tells a changed exception alone, instead of its whole series.
    `delta_master_missing`: later rounds leave out the master of a series that began before the window.
    `delta_removed_occurrences`: a deleted series is told by the ids of its occurrences, too.
    Meetings: `invitations_arrive_after`: how long an invitation is on its way. `cancellations_remove`: what was
    cancelled leaves the attendees' calendars by itself, instead of staying there as "Canceled: ..." (facts/microsoft.md
    A4, `isCancelled`).
    `link_host`: nextLink and deltaLink name this host (`https://other.example`) instead of the one that was asked.
    `max_concurrent`: requests that one mailbox serves at once, then 429 with `retry_after` seconds; each request
    holds its place for `service_seconds` of the simulator's sleep (facts/microsoft.md D).
    `token_seconds`: how long Entra's access tokens live.
    """

    follow_up_write: bool = True
    follow_up_after: timedelta = timedelta(0)
    lingering: bool = True
    delta_lag: timedelta = timedelta(0)
    delta_shuffled: bool = False
    delta_twice: bool = False
    delta_empty_page: bool = False
    delta_page_size: int = 10
    shared_ical_uid: bool = False
    exception_alone: bool = False
    delta_master_missing: bool = False
    delta_removed_occurrences: bool = False
    invitations_arrive_after: timedelta = timedelta(0)
    cancellations_remove: bool = False
    link_host: str | None = None
    max_concurrent: int = 4
    retry_after: int = 2
    service_seconds: float = 0.0
    token_seconds: int = 3599
