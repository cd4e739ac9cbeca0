"""What people do in Severa, without HTTP: administrators set a company up, users keep their calendars."""

from __future__ import annotations

from .calendars import Changes, Details
from .members import Members

__all__ = ["Changes", "Details", "People"]


class People(Members):
    """The people of every company of one simulator."""
