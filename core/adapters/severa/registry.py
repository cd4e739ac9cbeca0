"""Users, activity types and tokens in Severa's JSON (facts/severa.md 1.2, 1.8, 1.9). Pure; raises Malformed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.adapters.severa.parsing import Json, Malformed, flag, guid, moment, part, text, zone_or_none
from core.model.company import SeveraUser
from core.model.ids import UserId
from core.model.policy import ActivityType
from core.model.sighting import Category

_CATEGORIES = {str(category): category for category in Category}
_LONGEST_LIFE = 10**9
"""Seconds. A longer life is no number of seconds."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. `expires` is a UTC instant, None where Severa named none: then it serves until it is refused.

    `scope` is what Severa says that it granted, empty where it says nothing.
    """

    access: str = field(repr=False)
    obtained: datetime
    expires: datetime | None
    refresh: str = field(default="", repr=False)
    scope: str = ""


def parse_token(row: Json, now: datetime) -> Token:
    """PublicAuthenticationOutputModel, whose names are not the usual ones of OAuth.

    The lifetime in seconds counts before the instant: it does not depend on two clocks being alike.
    """
    access = text(row, "access_token")
    if not access or not access.isascii() or not access.isprintable() or " " in access:
        raise Malformed("access_token")
    return Token(access, now, _expires(row, now), text(row, "refresh_token"), text(row, "scope"))


def _expires(row: Json, now: datetime) -> datetime | None:
    seconds = row.get("access_token_expires_in")
    if isinstance(seconds, int) and 0 < seconds < _LONGEST_LIFE:
        return now + timedelta(seconds=seconds)
    try:
        return moment(row, "access_token_expires_utc")
    except Malformed:
        return None


def parse_type(row: Json) -> ActivityType:
    """ActivityTypeModel."""
    category = _CATEGORIES.get(text(row, "category"))
    if category is None:
        raise Malformed("category")
    active, default = flag(row, "isActive", default=True), flag(row, "isDefault")
    return ActivityType(guid(row), text(row, "name"), category, is_active=active, is_default=default)


def parse_user(row: Json) -> SeveraUser:
    """UserOutputModel, without the personal data in it. A zone that nobody knows counts as none (P19)."""
    address, zone = text(row, "email").strip(), text(part(row, "timezone"), "ianaName")
    default = part(row, "defaultActivityType")
    return SeveraUser(
        id=UserId(guid(row)),
        addresses=(address,) if address else (),
        zone=zone if zone_or_none(zone) else "",
        default_type=guid(default) if default else "",
        is_active=flag(row, "isActive", default=True),
    )
