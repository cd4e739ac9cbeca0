"""The check that refuses a suspicious kind of operation (R20). What is held waits for a person; the rest proceeds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model.ids import Side
from core.model.operation import Create, Delete, Leave, Note, NoteKind, Operation, Plan, Planned

DELETIONS = 10
DELETED_PERCENT = 30
COMPANY_DELETIONS = 500
CREATES_A_DAY = 1000


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was done in the last 24 hours, and what makes a run suspicious.

    `links`: the pair's living links. `deleted`, `company_deleted`: deletions of the pair and of the company.
    `created`: creates of the pair since the first matching; `matched`: that is done. `empty`: sides whose complete
    view showed nothing. `resumed`: the switch was off meanwhile (R5).
    """

    links: int
    deleted: int = 0
    company_deleted: int = 0
    created: int = 0
    matched: bool = False
    empty: frozenset[Side] = frozenset()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of operation that the guard refused, with its entries and the reason in a stable code."""

    kind: str
    reason: str
    entries: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """The plan that may be applied, and what is held."""

    plan: Plan
    held: tuple[Held, ...]


def guard(plan: Plan, ledger: Ledger) -> Guarded:
    """Split the plan. Operations of a kind that is not held proceed."""
    held = []
    deletions = [p for p in plan.entries if _has(p, Delete) or _has(p, Leave)]
    creates = [p for p in plan.entries if _has(p, Create)]
    if deletions and (reason := _deletions_held(deletions, ledger)):
        held.append(_hold("delete", reason, deletions))
    if creates and ledger.matched and ledger.created + len(creates) > CREATES_A_DAY:
        held.append(_hold("create", "many_creates", creates))
    refused = {id(p.picture) for h in held for p in h.entries}
    return Guarded(Plan(tuple(p for p in plan.entries if id(p.picture) not in refused)), tuple(held))


def _has(planned: Planned, kind: type[Create | Delete | Leave]) -> bool:
    return any(isinstance(operation, kind) for operation in planned.decision.operations)


def _deletions_held(deletions: list[Planned], ledger: Ledger) -> str:
    if ledger.resumed:
        return "deleted_while_off"
    if any(_because_of(o) in ledger.empty for p in deletions for o in p.decision.operations):
        return "side_found_empty"
    total = len(deletions) + ledger.deleted
    if total > DELETIONS and total * 100 > DELETED_PERCENT * (ledger.links + ledger.deleted):
        return "many_deletions"
    if len(deletions) + ledger.company_deleted > COMPANY_DELETIONS:
        return "many_deletions_in_company"
    return ""


def _because_of(operation: Operation) -> Side | None:
    """The side on which it is gone; who leaves an activity deleted or declined an event."""
    return (
        operation.side.other
        if isinstance(operation, Delete)
        else Side.MICROSOFT
        if isinstance(operation, Leave)
        else None
    )


def _hold(kind: str, reason: str, entries: list[Planned]) -> Held:
    return Held(kind, reason, tuple(_told(p, reason) for p in entries))


def _told(planned: Planned, reason: str) -> Planned:
    """Its history says that it is held, instead of what would have been done."""
    operation = planned.decision.operations[0]
    side = operation.side if isinstance(operation, Create | Delete) else Side.SEVERA
    notes = (Note(NoteKind.HELD, reason, side),)
    return replace(planned, decision=replace(planned.decision, notes=notes))
