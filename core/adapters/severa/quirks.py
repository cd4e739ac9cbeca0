"""Severa's oddities, each with its name and its source. What is undocumented is decided here and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class PatchValues(StrEnum):
    """Which JSON types the values of a JSON Patch have."""

    NATIVE = "native"
    """Booleans are booleans: what every client sends."""
    TEXT = "text"
    """Everything is text: the letter of the schema (`value` is `string|null`)."""


PATCH_VALUES = PatchValues.NATIVE
"""Cannot be settled without a live company (facts/severa.md 1.5, part 4 no. 5); the constructor takes the other."""
PATCH_OP = "Replace"
"""The only operation that is supported, in the spelling of the schema's enum; clients also send `replace` (1.5)."""

ROWS = 100
"""Rows of a page: the most that the specification allows, whatever the help centre says (1.4)."""
USERS = 50
"""Users whose activities one listing asks for, so that an address stays short [INF]."""
NEXT_PAGE = "NextPageToken"
"""The response header that holds the next page's token; absent on the last page. The body is a bare array (1.4)."""
MAX_PAGES = 500
"""A listing of more pages than this is not believed: 50,000 rows are more than a company's window holds [INF]."""

CLIENT_ID = "Client_Id"
"""A header that every call carries beside the token; demanded, but maybe not enforced (1.2)."""
SCOPES = "activities:read,activities:write,activities:delete,settings:read,users:read"
"""What a calendar sync needs, separated by commas (1.2)."""
RENEW_EARLY = timedelta(seconds=300)
"""A token is renewed so long before it expires (1.2: GEN); one that lives shorter, at half of its life [INF]."""

LONGEST_LOCATION = 1000
"""Characters of `location`; longer ones are refused (1.7). No other text has a documented limit."""

PAUSE = 1.0
"""Seconds without a request after a 429 that names no time: the quota is counted per second (1.3)."""
LONGEST_PAUSE = 3600.0
"""No `Retry-After` is believed beyond this [INF]."""

HALF_DAY = timedelta(hours=12)
"""Bounds of whole days are midnights of the owner's zone, the end exclusive (1.7, from SOAP). They are read as the
nearest midnight: that takes in ends at 23:59:59 (1.7), days whose midnight the clocks skip, and owners who moved to
another zone since."""

SINGLES, MASTERS, CHANGED_DATES = (("recurrenceType", kind) for kind in ("None", "Series", "Exception"))
"""Filters for what is kept as a row of its own, so that it can be listed without a window. Occurrences are made: how
far endless series are expanded is unknown (1.6). So is what a window means for series, which are listed without."""

FARTHEST_MOVE = timedelta(days=366)
"""No exception is looked for further from its series' listed exception dates [INF]: listings begin somewhere."""
CLOCKS_APART = timedelta(hours=3)
"""As far as an occurrence may be from where another zone's clocks put it: zones change their clocks on other dates."""
