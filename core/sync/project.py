"""What each side may hold of an entry: masked (R10), narrowed by named rules (R22). All comparison is between these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from core.model.essence import Essence, Field, line, with_exceptions
from core.model.exceptions import DateException
from core.model.ids import Side
from core.model.operation import Note, NoteKind
from core.model.policy import Policy
from core.model.sighting import Activity, Category
from core.model.when import Series, When
from core.sync import narrow
from core.sync.mask import MASK, is_masked

MICROSOFT_LINE = 255
"""UTF-16 units of a subject and of a place (facts/microsoft.md A4; [MS-OXCICAL] 2.1.3.1.1.20.24 and .15)."""
SEVERA_LOCATION = 1000
"""Severa's documented maximum (facts/severa.md 1.7); counted in UTF-16 units, of which there are never fewer."""
NO_SUBJECT = "(No subject)"
"""Severa's name is required and not empty (facts/severa.md 1.7)."""


_Held = TypeVar("_Held", Essence, DateException)


@dataclass(frozen=True, slots=True)
class Projection:
    """An entry as the other side may hold it. `narrowed` names each loss by its rule, which begins with the field.

    `dates`: what a date loses of its own, by the exception's name.
    """

    essence: Essence
    narrowed: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()


def on_severa(essence: Essence, policy: Policy, *, masked: bool | None = None, kept: bool = False) -> Projection:
    """A Microsoft entry as Severa may hold it.

    `kept`: the activity is of a private category already; else only a Personal type keeps an entry private. `masked`
    is known of a linked entry; a new one is masked by the company's choice.
    """
    private = essence.private and (kept or bool(policy.personal_type))
    if is_masked(essence, policy) if masked is None else masked:
        hidden = [DateException(one.day, one.when, MASK) if one.when else one for one in essence.exceptions]
        return Projection(with_exceptions(Essence(MASK, essence.when, private=private), hidden))
    held = _in_severa(essence if essence.private == private else replace(essence, private=private))
    if held is essence and not essence.exceptions:
        return Projection(essence)
    dates = [_in_severa(one) for one in essence.exceptions if one.when]
    rules = ("subject_missing", "location_too_long")
    return Projection(_dated(held, dates), tuple(_lost(essence, held, rules)), _lost_of_dates(essence, dates, rules))


def _in_severa(held: _Held) -> _Held:
    subject, location = held.subject or NO_SUBJECT, _cut(held.location, SEVERA_LOCATION)
    is_held = (subject, location) == (held.subject, held.location)
    return held if is_held else replace(held, subject=subject, location=location)


def on_microsoft(essence: Essence) -> Projection:
    """A Severa entry as a mailbox may hold it. A series that it cannot hold at all stays as it is: `not_in_mailbox`."""
    held = _in_mailbox(essence)
    if held is essence and not isinstance(essence.when, Series):
        return Projection(essence)
    rules = ("subject_too_long", "location_beyond_mailbox")
    narrowed = _lost(essence, held, rules)
    if isinstance(essence.when, Series):
        likeness = narrow.on_microsoft(essence.when)
        held = replace(held, when=likeness.series or essence.when)
        narrowed += likeness.rules
    dates = [_in_mailbox(one) for one in essence.exceptions if one.when]
    return Projection(_dated(held, dates), tuple(narrowed), _lost_of_dates(essence, dates, rules))


def _in_mailbox(held: _Held) -> _Held:
    subject, location = _cut(held.subject, MICROSOFT_LINE), _cut(held.location, MICROSOFT_LINE)
    is_held = (subject, location) == (held.subject, held.location)
    return held if is_held else replace(held, subject=subject, location=location)


def _lost(whole: _Held, held: _Held, rules: tuple[str, str]) -> list[str]:
    """The rules by which the subject and the place are not held as they are."""
    is_cut = (held.subject != whole.subject, held.location != whole.location)
    return [rule for rule, is_lost in zip(rules, is_cut, strict=True) if is_lost]


def _lost_of_dates(series: Essence, dates: list[DateException], rules: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """What dates lose of their own: what they have from their series is told with that."""
    whole = [one for one in series.exceptions if one.when]
    return tuple(
        (one.name, rule)
        for one, held in zip(whole, dates, strict=True)
        for rule, is_own in zip(rules, (one.subject != series.subject, one.location != series.location), strict=True)
        if is_own and rule in _lost(one, held, rules)
    )


def time_in_mailbox(when: When) -> When:
    """A time as a mailbox may hold it; a series that it cannot hold at all stays as it is: `not_in_mailbox`."""
    return narrow.on_microsoft(when).series or when if isinstance(when, Series) else when


def not_in_mailbox(essence: Essence) -> str:
    """The rule by which a mailbox can hold no likeness of a series (R22); empty where it can."""
    if not isinstance(essence.when, Series):
        return ""
    likeness = narrow.on_microsoft(essence.when)
    return "" if likeness.series else likeness.rules[0].value


def _cut(text: str, units: int) -> str:
    """As many whole characters as fit into so many UTF-16 units, without a blank at the end."""
    if 2 * len(text) <= units:  # Nothing to cut, as nearly always; no character takes more than two units.
        return text.rstrip()
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").rstrip()


def _dated(held: Essence, changed: list[DateException]) -> Essence:
    """With these exceptions besides the cancelled ones."""
    return with_exceptions(held, [*changed, *(one for one in held.exceptions if one.is_cancelled)])


def narrowing(side: Side, projection: Projection, written: frozenset[str]) -> list[Note]:
    """What history is told of the fields that `side` cannot hold in full (R22), once: where they are written."""
    told = [rule for rule in projection.narrowed if Field(rule.split("_", 1)[0]) in written]
    told += [rule for name, rule in projection.dates if name in written]
    return [Note(NoteKind.REMARK, rule, side) for rule in dict.fromkeys(told)]


def known_as(essence: Essence) -> str:
    """The subject that entries are matched by (R6): without case, as long as Microsoft may keep it."""
    subject = _cut(essence.subject, MICROSOFT_LINE)
    # An essence's subject is one line already; what was cut may not be.
    return (subject.strip() if len(subject) == len(essence.subject) else line(subject)).casefold()


def severa_type(essence: Essence, policy: Policy, earlier: str = "") -> str:
    """The type that a Microsoft entry gets: Personal for a private one where there is one, else earlier or default."""
    if essence.private and policy.personal_type:
        return policy.personal_type
    kept = policy.types.get(earlier)
    return earlier if kept is not None and kept.is_active else policy.default_type


def busy_as(activity: Activity) -> str:
    """How a new copy shows in free/busy: absences as out of office, the rest as busy (R11)."""
    return "oof" if activity.category is Category.ABSENCES else "busy"
