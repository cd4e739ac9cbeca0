"""The releases of Exchange Server: builds, schemas, and what each schema knows (facts/microsoft.md G1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMAS = (
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2016",
)
"""From the oldest to the newest: a server knows its own and every one before."""

SINCE: Mapping[str, str] = {
    "StartTimeZone": "Exchange2010",
    "EndTimeZone": "Exchange2010",
    "SmtpAddress": "Exchange2010",
    "SyncScope": "Exchange2010",
    "FirstDayOfWeek": "Exchange2010_SP1",
    "WorkingElsewhere": "Exchange2013",
    "EnhancedLocation": "Exchange2013",
    "TextBody": "Exchange2013",
    "SuppressReadReceipts": "Exchange2013_SP1",
    "StartWallClock": "Exchange2013_SP1",
    "EndWallClock": "Exchange2013_SP1",
    "StartTimeZoneId": "Exchange2013_SP1",
    "EndTimeZoneId": "Exchange2013_SP1",
    "IsOrganizer": "Exchange2013_SP1",
    "RecurringMasterItemIdRanges": "Exchange2013",
}
"""What not every release knows. The schema files say it for theirs alone: that of 2010 SP2 serves 2010, too."""

_FILES = (
    ("Exchange2013", "Exchange2016"),
    ("Exchange2010", "Exchange2010_SP2"),
    ("Exchange2007", "Exchange2007_SP1"),
)


@dataclass(frozen=True, slots=True)
class Release:
    """A server's build, its newest schema, and whether it names that schema in its answers."""

    build: tuple[int, int, int, int]
    schema: str
    tells: bool = True

    def knows(self, schema: str) -> bool:
        """Whether a request of that schema is understood."""
        return schema in SCHEMAS and SCHEMAS.index(schema) <= SCHEMAS.index(self.schema)


RELEASES: Mapping[str, Release] = {
    "2007_sp1": Release((8, 3, 83, 6), "Exchange2007_SP1", tells=False),
    "2010": Release((14, 0, 639, 21), "Exchange2010", tells=False),
    "2010_sp1": Release((14, 1, 218, 15), "Exchange2010_SP1"),
    "2010_sp2": Release((14, 3, 123, 4), "Exchange2010_SP2"),
    "2013": Release((15, 0, 516, 32), "Exchange2013"),
    "2013_sp1": Release((15, 0, 1497, 2), "Exchange2013_SP1"),
    "2016": Release((15, 1, 2507, 6), "Exchange2016"),
    "2019": Release((15, 2, 1544, 4), "Exchange2016"),
    "se": Release((15, 2, 2562, 17), "Exchange2016"),
}
"""One server of each release, by short names."""


def at_least(schema: str, wanted: str) -> bool:
    """Whether a schema is that one or a younger one."""
    return SCHEMAS.index(schema) >= SCHEMAS.index(wanted)


def has(schema: str, name: str) -> bool:
    """Whether a schema has an element, attribute or value of which `SINCE` knows; everything else it has."""
    return name not in SINCE or at_least(schema, SINCE[name])


def schema_file(schema: str) -> str:
    """The folder of the official schema that a schema's requests and answers are held to."""
    return next(folder for earliest, folder in _FILES if at_least(schema, earliest))
