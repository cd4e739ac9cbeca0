"""Time zones by the names that Microsoft's programs use."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from tzlocal.windows_tz import win_tz

from core.adapters import zones


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Helsinki", "Europe/Helsinki"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Lord Howe Standard Time", "Australia/Lord_Howe"),
        ("Alberta Standard Time", "America/Edmonton"),
        ("UTC", "UTC"),
        ("Etc/GMT", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("tzone://Microsoft/Custom", None),
        ("Customized Time Zone", None),
        ("GMT +0100 (Standard) / GMT +0200 (Daylight)", None),
        ("America", None),
        ("../../etc/passwd", None),
        ("\x00", None),
        ("", None),
    ],
)
def test_names(name: str, zone: str | None) -> None:
    """Windows and IANA names are known, the newest ones too; custom and made-up ones are not (P19)."""
    assert zones.iana(name) == zone


@pytest.mark.parametrize("name", sorted(win_tz))
def test_windows_names_there_and_back(name: str) -> None:
    """Every Windows name has a zone, and that zone has that name."""
    zone = zones.iana(name)
    assert zone is not None
    assert ZoneInfo(zone).key == zone
    assert zones.windows(zone) == name


def test_iana_names() -> None:
    """Nearly every zone has a Windows name; the rest goes by its own."""
    assert zones.windows("Europe/Helsinki") == "FLE Standard Time"
    assert zones.windows("Antarctica/Troll") is None
    assert len([name for name in available_timezones() if zones.windows(name) is None]) < 20


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("office_360_nz_tz.ics", {"New Zealand Standard Time": "Pacific/Auckland"}),
        ("office_365_extended_timezone.ics", {"W. Europe Standard Time": "Europe/Berlin"}),
        ("office_365_invalid_timezone.ics", {"Customized Time Zone": None}),
    ],
)
def test_zones_that_outlook_wrote(shared: Path, file: str, expected: dict[str, str | None]) -> None:
    """Exports of Outlook name zones by their Windows names, and custom ones by a name that says nothing."""
    text = (shared / "calendars" / file).read_text("utf-8")
    found = set(re.findall(r'^DT(?:START|END);TZID="?([^":;]+)"?:', text, re.MULTILINE))
    assert {name: zones.iana(name) for name in found} == expected
