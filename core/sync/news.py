"""The columns of the decision table: how a link stands, and what there is to say of an end."""

from __future__ import annotations

from enum import Enum, auto


class Standing(Enum):
    """What the table's first column says of the link."""

    NEW = auto()
    LIVE = auto()
    RESTING = auto()
    PARKED = auto()
    DEAD = auto()


class News(Enum):
    """What its other two columns say of the ends."""

    ABSENT = auto()
    SAME = auto()
    CHANGED = auto()
    GONE = auto()
