"""The Prefer header: preferences count for one request only (facts/microsoft.md A2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from . import zones
from .errors import GraphError

_PREFERENCE = re.compile(r'\s*([\w.\-]+)\s*=\s*(?:"([^"]*)"|([^,;\s]+))')
MAX_PAGE_SIZE = 1000
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one request prefers. `zone_name` is the name as given, in which times are written."""

    immutable_ids: bool = False
    text_bodies: bool = False
    zone_name: str = "UTC"
    zone: ZoneInfo = _UTC
    page_size: int | None = None

    def applied(self) -> str:
        """The Preference-Applied header."""
        applied = [f'outlook.timezone="{self.zone_name}"'] if self.zone_name != "UTC" else []
        applied += ['IdType="ImmutableId"'] if self.immutable_ids else []
        applied += ['outlook.body-content-type="text"'] if self.text_bodies else []
        applied += [f"odata.maxpagesize={self.page_size}"] if self.page_size else []
        return ", ".join(applied)


def parse(headers: Iterable[str]) -> Preferences:
    """Preferences of all Prefer headers of a request. Raises GraphError for a zone that does not exist."""
    given = {name.lower(): quoted or bare for name, quoted, bare in _PREFERENCE.findall(",".join(headers))}
    zone_name = given.get("outlook.timezone", "UTC")
    zone = zones.zone(zone_name)
    if zone is None:
        raise unknown_zone(zone_name)
    size = given.get("odata.maxpagesize", "")
    return Preferences(
        immutable_ids=given.get("idtype", "").lower() == "immutableid",
        text_bodies=given.get("outlook.body-content-type", "").lower() == "text",
        zone_name=zone_name,
        zone=zone,
        page_size=min(int(size), MAX_PAGE_SIZE) if size.isdigit() and int(size) > 0 else None,
    )


def unknown_zone(name: str) -> GraphError:
    """The refusal of a time zone's name."""
    message = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
    return GraphError(400, "TimeZoneNotSupportedException", message)
