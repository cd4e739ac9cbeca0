"""Which oddities the simulator has, and how big its numbers are."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Options:
    """Behaviour that a test or the demo may change at any time; the defaults are what Exchange usually does.

    `lockout_after`: a password that was wrong so many times in a row locks its account (0: never).
    `impersonators`: the accounts with the right to act for others; None: all have it (facts/microsoft.md G2).
    `owners`: the addresses of the mailboxes that accounts have of their own; usually a delegate user has none.
    `max_concurrent`: requests of one account served at once for one mailbox; 0: by release, 10 in 2010, 27 from 2013,
    no limit in 2007. Each holds its place for `service_seconds` of the simulator's sleep.
    `find_count_limit`: EWSFindCountLimit (facts/microsoft.md G6); 2007 has none.
    `busy_status`: how a throttled request is answered: 500 with a SOAP fault, or 503 with Retry-After alone.
    `missing_zones`: Windows zones that the server does not know; None: by release.
    `server_zone`: the server's own zone, in which 2007 reads times that say none (facts/microsoft.md G4).
    `cancellations_remove`: what was cancelled leaves the attendees' calendars by itself, instead of staying there as
    "Canceled: ..." (facts/microsoft.md A4, `isCancelled`).
    `strict_headers`: refuse SOAP headers that a release does not know; .NET ignores them.
    """

    lockout_after: int = 5
    impersonators: set[str] | None = None
    owners: dict[str, str] = field(default_factory=dict)
    max_concurrent: int = 0
    service_seconds: float = 0.0
    find_count_limit: int = 1000
    busy_status: int = 500
    missing_zones: frozenset[str] | None = None
    server_zone: str = "W. Europe Standard Time"
    cancellations_remove: bool = False
    strict_headers: bool = False
