"""Exchange's oddities by name, each with where it is known from. Everything else in this package follows from them."""

from __future__ import annotations

from datetime import timedelta

MOST_CHANGES = 512
"""Changes in one answer of SyncFolderItems: more are refused (facts/microsoft.md G3)."""

ITEMS_AT_ONCE = 10
"""Items in one GetItem: Microsoft's own advice (facts/microsoft.md G3, G6)."""

MOST_VIEWED = 500
"""Entries that one view may show: half of EWSFindCountLimit, which 2010 answers with ErrorServerBusy (facts G1, G6)."""

LONGEST_VIEW = timedelta(days=730)
"""Two years without a leap day (ErrorCalendarViewRangeTooBig, facts/microsoft.md G3)."""

SHORTEST_VIEW = timedelta(minutes=1)
"""A view that is still too full is not cut further: nobody has so many entries in a minute."""

MOST_LATER = 5_000
"""Entries beyond the window that are looked at; a calendar with more is a flood, and what is left waits."""

CONCURRENT_REQUESTS = 4
"""At once to one server, whoever asks: EWSMaxConcurrency is 10 in 2010, 27 later, for all mailboxes of one delegate
together before 2010 SP2 RU4 (facts/microsoft.md G6), and there are other instances of this service."""

MAILBOX_IN_ID = slice(4, 40)
"""Where an id of Exchange's, once decoded, holds its mailbox's guid as text, whatever the folder or the item."""

GLOBAL_OBJECT_ID, CLEAN_GLOBAL_OBJECT_ID = "3", "35"
"""Which meeting an item is of, with the date of a single instance and without, by their ids in the property set
Meeting (MS-OXOCAL 2.2.1.27, 2.2.1.28; facts/microsoft.md G4). The second one can be searched for, UID cannot."""

MOST_TIMES = 999
"""What Outlook and EWS take as a number of times; more are spelt as a last date (MS-OXCICAL 2.1.3.2.2)."""

MOST_MONTHS = 99
"""The longest monthly interval. Yearly has none of its own: every two years is every 24 months."""

WEEK_BEGINS_ON_SUNDAY = frozenset({"Exchange2007_SP1", "Exchange2010"})
"""Schemas without FirstDayOfWeek: there a week begins on Sunday (types.xsd of 2007 SP1; facts/microsoft.md G1)."""

WITHOUT_ZONES = frozenset({"Exchange2007_SP1"})
"""Schemas without StartTimeZone: MeetingTimeZone alone tells the zone (facts/microsoft.md G1, G4)."""

PRIMARY_ONLY = frozenset({"Exchange2007_SP1"})
"""Schemas whose impersonation knows primary addresses alone (facts/microsoft.md G2)."""

IS_RECEIVED = 2
"""The bit of AppointmentState that says "somebody else's meeting" (MS-OXOCAL 2.2.1.10, asfReceived)."""
IS_CANCELLED = 4
"""The bit that says "its organizer cancelled it" (asfCanceled); 2007 has no other word for it."""
