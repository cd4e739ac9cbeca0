"""Since when a look is waited for, and on whose account: carried in the hint row from whoever asked to the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.model.state import Hint
from core.ports_telemetry import current, joined


def asked_again(hint: Hint, until: datetime, now: datetime) -> Hint:
    """The row as a hint puts it anew: waited for since the first hint that no run has taken."""
    cause = current().cause
    return replace(
        hint, queued_until=until, asked=hint.asked or now, causes=joined(hint.causes, (cause,) if cause else ())
    )


def put_off(hint: Hint, until: datetime) -> Hint:
    """The row of a run that is put off: whom it served is still waiting, before whoever came in meanwhile."""
    trail = current()
    asked = min((at for at in (trail.asked, hint.asked) if at is not None), default=None)
    return replace(hint, queued_until=until, asked=asked, causes=joined(trail.causes, hint.causes))
