"""What a merge does with the dates of a series: whose exceptions stay, and what a mask hides of them. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException, name_of
from core.model.when import Series


def as_merged(own: Essence | None, source: Essence, names: set[str]) -> Essence:
    """What a side is to hold: `names` from the source, all else as it is. A single entry's other fields do not matter.

    For a series all of it counts: a new pattern drops exceptions, and those that stay are written again (R17).
    """
    if own is None or not isinstance(source.when, Series):
        return source
    merged = Essence(
        source.subject if Field.SUBJECT in names else own.subject,
        source.when if Field.TIME in names else own.when,
        source.text if Field.TEXT in names else own.text,
        source.location if Field.LOCATION in names else own.location,
        source.private if Field.PRIVACY in names else own.private,
    )
    theirs = [one for one in source.exceptions if one.name in names]
    return with_exceptions(merged, [*(one for one in own.exceptions if one.name not in names), *theirs])


def dropped(own: Essence, target: Essence) -> dict[str, str]:
    """The exceptions, by name, whose dates are none of the target's."""
    return {one.name: one.spelling for one in own.exceptions if target.on(one.day) is None}


def unhidden(shown: Essence, hidden: Essence) -> Essence:
    """A masked series, as Severa shows it, with what its mask hides on each date: the mask itself is nobody's edit."""
    known = with_exceptions(replace(hidden, when=shown.when), [_unhidden(one, hidden) for one in shown.exceptions])
    return replace(shown, exceptions=known.exceptions)


def _unhidden(one: DateException, hidden: Essence) -> DateException:
    held = hidden.on(one.day)
    if one.when is None:
        return one
    if held is None or held.when is None:
        return replace(one, subject=hidden.subject, text=hidden.text, location=hidden.location)
    return replace(held, when=one.when)


def differing(held: Essence, wanted: Essence) -> list[str]:
    """The names of the dates on which they are not alike."""
    days = {one.day for one in (*held.exceptions, *wanted.exceptions)}
    return [name_of(day) for day in sorted(days) if held.exception(day) != wanted.exception(day)]
