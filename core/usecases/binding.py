"""Which mailbox a pair belongs to (R1): found by address once, then bound to its stable id."""

from __future__ import annotations

from dataclasses import replace

from core.errors import Stop
from core.model.company import CompanySettings, SeveraUser
from core.model.ids import Pair
from core.model.state import PairState
from core.ports import MicrosoftCompany, Ports, SeveraCompany


async def bind(
    ports: Ports, pair: Pair, state: PairState, severa: SeveraCompany, microsoft: MicrosoftCompany
) -> PairState:
    """The state with the user's mailbox, zone and default type as they are now.

    Raises Stop: the user is not known or not active, has no mailbox, their address leads to another mailbox than the
    bound one, or the mailbox belongs to somebody else of the company.
    """
    user = await severa.user(pair.user)
    if user is None:
        raise Stop("user_not_found")
    if not user.is_active:
        raise Stop("user_not_active")
    mailbox = await microsoft.find_mailbox(user.addresses) if user.addresses else None
    if mailbox is None:
        raise Stop("mailbox_not_found")
    if state.mailbox and mailbox.id != state.mailbox:
        raise Stop("mailbox_changed")
    if await ports.companies.bind_mailbox(pair.company, mailbox.id, pair.user) != pair.user:
        raise Stop("mailbox_taken")
    return replace(state, mailbox=mailbox.id, zone=user.zone, default_type=user.default_type)


def as_user(pair: Pair, state: PairState) -> SeveraUser:
    """The user as the last binding knew them."""
    return SeveraUser(pair.user, (), state.zone, state.default_type)


def zone_of(state: PairState, settings: CompanySettings) -> str:
    """The user's own zone, else the company's (R23)."""
    return state.zone or settings.time_zone
