"""Time zones by Exchange's names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.adapters.graph import zones


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Helsinki", "Europe/Helsinki"),
        ("GTB Standard Time", "Europe/Bucharest"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("tzone://Microsoft/Custom", None),
        ("Customized Time Zone", None),
        ("America", None),
        ("../../etc/passwd", None),
        ("\x00", None),
        ("", None),
    ],
)
def test_names(name: str, zone: str | None) -> None:
    """Windows and IANA names are known, custom and made-up ones are not."""
    assert zones.iana(name) == zone


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-01-15T12:00:00.0000000", "UTC", "2026-01-15T12:00:00"),
        ("2026-01-15T12:00:00.9999999", "UTC", "2026-01-15T12:00:00.999999"),
        ("2026-01-15T12:00:00", "FLE Standard Time", "2026-01-15T10:00:00"),
        ("2026-07-15T12:00:00", "Europe/Helsinki", "2026-07-15T09:00:00"),
        ("2026-10-25T03:30:00", "Europe/Helsinki", "2026-10-25T00:30:00"),
        ("2026-01-15T12:00:00+05:30", "UTC", "2026-01-15T06:30:00"),
        ("2026-01-15T12:00:00", "", "2026-01-15T12:00:00"),
        ("2026-01-15T12:00:00", None, "2026-01-15T12:00:00"),
    ],
)
def test_instants(wall: str, zone: object, instant: str) -> None:
    """A wall time in any known zone is an instant; without a zone it is UTC."""
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert zones.instant({"dateTime": wall, "timeZone": zone}) == expected


def test_a_zone_that_nobody_knows() -> None:
    """It has no instant."""
    with pytest.raises(LookupError):
        zones.instant({"dateTime": "2026-01-15T12:00:00", "timeZone": "Mars/Olympus"})
