"""A date of a series that does not take place in Exchange. No adapter: Graph and EWS share it."""

from __future__ import annotations

from core.errors import ItemChanged, ItemRefused
from core.model.exceptions import DateException


def without_it(held: DateException | None, wanted: DateException) -> DateException:
    """What is wanted of a date that does not take place: that it does not. `held` is how the series names it.

    Raises ItemChanged (`no_such_date`) where the series has no such date any more, ItemRefused (`occurrence_cancelled`)
    where it is cancelled: Exchange cannot bring it back (facts/microsoft.md A4).
    """
    if wanted.is_cancelled:
        return wanted
    if held is None:
        raise ItemChanged("no_such_date")
    raise ItemRefused("occurrence_cancelled")
