"""What is different on an Exchange Server, and why. Everything that is not named here is told on both services.

What every story leaves to the adapter, and its own tests show (tests/contract/calendars/test_ews*.py):

| in Graph | on an Exchange Server | because |
|---|---|---|
| notifications | the timer alone | they would need a way from the server to us |
| `transactionId` | the mark is searched for before each create | EWS has no transaction (facts/microsoft.md G5) |
| If-Match | ChangeKey with `NeverOverwrite`; none on a delete | the same (G5) |
| a round tells stubs of dates | it tells the series, which is read whole | SyncFolderItems knows no occurrences (G3) |
| ids stay for ever | an entry in Deleted Items has another id | it is another item there (G3) |
| text comes back as HTML of Exchange's own | it comes back as it was written | it is asked for as plain text |
| whole days are dates | they are midnights in their owner's zone | EWS has no floating days (G4) |

Mails are counted alike: only writes that announce send any, one to each attendee.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRAPH_ALONE: Mapping[str, str] = {
    "test_tenant_change": "an Exchange Server has no tenant; its mailboxes move in test_moves.py",
    "test_notification_counts": "an Exchange Server is asked by the timer: it sends no notifications",
    "test_request_counts": "requests are counted in test_exchange_counts.py, in Exchange's own operations",
    "test_series_counts": "the same",
    "test_series_dates::test_p10_a_cancelled_date_that_no_answer_calls_removed": (
        "it reads Graph's rounds; Exchange names the series alone, and p16 tells the story on both"
    ),
    "test_crashes_in_azurite": "tables do not know where mailboxes are; test_crashes.py is told on both",
    "test_lost_tables::test_rows_are_lost_in_azurite": "the same, and so are the other stories of lost tables",
}
"""Stories that are about Graph itself, by module or test."""
ODD_PATTERNS: Mapping[bool, tuple[dict[str, Any], str]] = {
    False: ({"type": "relativeMonthly", "daysOfWeek": ["monday", "wednesday"], "index": "first"}, "time_weekday_set"),
    True: ({"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "tuesday"]}, "time_week_start"),
}
"""A pattern that Severa cannot hold, and the rule that says so, by whether it is on an Exchange Server: within a month
that counts single days, workdays, weekends and all days only, each of which Severa has too (facts/microsoft.md H)."""
THEIR_OWN = frozenset({"test_exchange_server", "test_exchange_counts", "test_moves", "test_differences"})
"""Stories of Exchange Servers, which choose their releases by themselves, and of no server at all."""
