"""Exchange's releases by their builds, and the schema that each one is asked with (facts/microsoft.md G1)."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Stop
from core.model.company import ExchangeRelease as Release

SCHEMAS: Mapping[Release, str] = {
    Release.EX2007_SP1: "Exchange2007_SP1",
    Release.EX2010: "Exchange2010",
    Release.EX2010_SP1: "Exchange2010_SP1",
    Release.EX2010_SP2: "Exchange2010_SP2",
    Release.EX2013: "Exchange2013",
    Release.EX2013_SP1: "Exchange2013_SP1",
    Release.EX2016: "Exchange2016",
    Release.EX2019: "Exchange2016",
    Release.SE: "Exchange2016",
}
_FROM_BUILD = (
    ((15, 20, 0), None),  # Exchange Online
    ((15, 2, 2562), Release.SE),
    ((15, 2, 0), Release.EX2019),
    ((15, 1, 0), Release.EX2016),
    ((15, 0, 847), Release.EX2013_SP1),
    ((15, 0, 0), Release.EX2013),
    ((14, 2, 0), Release.EX2010_SP2),
    ((14, 1, 0), Release.EX2010_SP1),
    ((14, 0, 0), Release.EX2010),
    ((8, 1, 0), Release.EX2007_SP1),
)


def release_of(major: int, minor: int, build: int) -> Release:
    """The release with that build, Service Packs later than the last schema's counted in.

    Raises Stop (`exchange_is_online`, `exchange_too_old`).
    """
    for earliest, release in _FROM_BUILD:
        if (major, minor, build) >= earliest:
            if release is None:
                break
            return release
    else:
        raise Stop("exchange_too_old", f"{major}.{minor}", whole_company=True)
    raise Stop("exchange_is_online", f"{major}.{minor}", whole_company=True)
