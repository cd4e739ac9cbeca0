"""From pictures to a plan: the table for each, in the order in which it is safe to act."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.operation import (
    Agree,
    BringPeople,
    Bury,
    Create,
    Delete,
    Leave,
    LeaveOut,
    Operation,
    Park,
    Picture,
    Plan,
    Planned,
    Update,
)
from core.model.policy import Policy
from core.sync.digest import Digester
from core.sync.reconcile import decide

_ORDER: dict[type[Operation], int] = {
    Agree: 0,
    Park: 1,
    Bury: 1,
    LeaveOut: 2,
    Update: 3,
    BringPeople: 3,
    Create: 4,
    Leave: 5,
    Delete: 5,
}
"""Agreements first: matching is complete before the first create. Deletions last: a doubt may come up before them."""


def plan(pictures: Iterable[Picture], policy: Policy, digester: Digester) -> Plan:
    """Every picture with its decision; alike input in any order gives the same plan."""
    planned = [Planned(picture, decide(picture, policy, digester)) for picture in pictures]
    return Plan(tuple(sorted(planned, key=_rank)))


def _rank(entry: Planned) -> tuple[int, str, str]:
    picture = entry.picture
    first = min((_ORDER[type(o)] for o in entry.decision.operations), default=0)
    link = picture.link
    activity = link.activity if link else getattr(picture.activity, "id", "")
    event = link.event if link else getattr(picture.event, "id", "")
    return first, activity, event
