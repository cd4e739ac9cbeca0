"""Graph's oddities by name, each with where it is known from. Everything else in this package follows from them."""

from __future__ import annotations

from datetime import timedelta

from core.adapters.mark import PROPERTY_NAME, PROPERTY_SET

PREFER = 'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text"'
"""Preferences count for one request only and are in no link: sent again on every page (facts/microsoft.md A2)."""

PAGE_SIZE = 100
"""Entries on a page, of 10 by default and 1,000 at most (facts/microsoft.md A4); pages carry the whole texts."""

MAX_VIEW = timedelta(days=1825)
"""A calendar view of a longer stretch is refused with `ErrorInvalidParameter` (facts/microsoft.md A4; peers.md P55)."""

CONCURRENT_REQUESTS = 3
"""Graph allows four at a time to one mailbox, and throttles now and then with exactly four (facts/microsoft.md D)."""

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""A page of 100 entries stays far below; more is not read into memory."""

MARK_PROPERTY = f"String {{{PROPERTY_SET}}} Name {PROPERTY_NAME}"
"""The extended property of our mark. It comes only where `$expand` names it, never in delta (facts/microsoft.md A4)."""

MARK_EXPAND = f"singleValueExtendedProperties($filter=id eq '{MARK_PROPERTY}')"
"""The `$expand` that brings the mark."""

EVENT_FIELDS = (
    "id",
    "iCalUId",
    "changeKey",
    "type",
    "subject",
    "body",
    "location",
    "start",
    "end",
    "isAllDay",
    "originalStartTimeZone",
    "sensitivity",
    "attendees",
    "isCancelled",
    "isOnlineMeeting",
    "transactionId",
    "createdDateTime",
    "lastModifiedDateTime",
    "seriesMasterId",
    "isOrganizer",
    "organizer",
    "responseStatus",
)
"""What an event is listed with. Delta takes no `$select` and sends everything (facts/microsoft.md A1)."""

WHOLE_FIELDS = (
    *EVENT_FIELDS,
    "recurrence",
    "occurrenceId",
    "originalStart",
    "cancelledOccurrences",
    "exceptionOccurrences",
)
"""What one event is read with: it may be a series master, and only a GET of that very event brings what was cancelled
or changed of it (facts/microsoft.md A3). Some of these come only where they are named."""

WHOLE_EXPAND = ("exceptionOccurrences", MARK_EXPAND)
"""An expanded exception comes with what the whole request selects (Graph, "Get event", example 4)."""

MORE_EXCEPTIONS = "exceptionOccurrences@odata.nextLink"
"""Where an expansion goes on that did not fit into the answer (OData JSON format 4.01, section 4.6.5)."""

SERIES_ON_A_PAGE = 20
"""How many series are asked for at once, and come on one page of a round: each takes a request of its own."""

MOST_LATER = 5_000
"""Entries beyond the window that are looked at; a calendar with more is a flood, and what is left waits."""

STALL_REPEATS = 3
"""How often one round may show the very same page. Wedged streams repeat theirs for ever under ever-new links, and
never give a delta link (facts/microsoft.md A2, "Wedged stream")."""

SPARE_PAGES = 50
"""How many pages a round may have beyond the entries it showed: pages may be empty, but not without end."""

ITEM_GONE = "erroritemnotfound"
"""The only code with which an item says that it is gone. Other 404 speak of the mailbox (facts/microsoft.md A5, R19).

A deleted item may go on answering from Deleted Items by its immutable id, and a second DELETE is then refused with
400 `ErrorInvalidRequest` (facts/microsoft.md A5): presence is what a view shows, not what a read by id answers.
"""

OCCURRENCE_GONE = frozenset(
    {"errorcalendaroccurrenceisdeletedfromrecurrence", "errorcalendaroccurrenceindexisoutofrecurrencerange"}
)
"""How Exchange says that a series has no such date (any more) (facts/microsoft.md G3)."""

OCCURRENCE_CROSSES = frozenset({"erroroccurrencecrossingboundary", "erroroccurrencetimespantoobig"})
"""An occurrence may not reach the day of the one before or after it (facts/microsoft.md A3, G3; peers.md P16b)."""

MAILBOX_ELSEWHERE = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi"})
"""Inactive, soft-deleted, unlicensed, or on the company's own Exchange Server (facts/microsoft.md A5, I)."""

MAILBOX_UNKNOWN = frozenset({"resourcenotfound", "errorinvaliduser", "request_resourcenotfound"})
"""No such user, or one without a mailbox (facts/microsoft.md A5)."""

CURSOR_GONE = frozenset({"syncstatenotfound", "resyncrequired", "syncstateinvalid"})
"""A link whose generation the server has dropped; as 410 and as 400 (facts/microsoft.md A2; peers.md P48)."""

MALFORMED_LINK = "badly formed token"
"""A malformed delta link is a plain 400 `BadRequest`; only its message tells (facts/microsoft.md A2)."""

HANDSHAKE_FAILED = "validation request failed"
"""How a 400 says that our address did not answer while the subscription was being made. Graph, "Set up notifications
for changes in resource data": `Subscription validation request failed`; the code differs by version."""
