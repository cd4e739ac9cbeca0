"""Timer triggers: on schedule, never twice at once, and by hand (facts/microsoft.md J5)."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from azure.functions.meta import Datum
from azure.functions.timer import TimerRequestConverter

from infra.local.host_cron import Schedule
from infra.local.host_invoke import Invoker, stopped_within
from infra.local.indexing import FunctionInfo

LATE: Final = timedelta(seconds=1)

# The event loop's clock stands still while a laptop sleeps, so the wall clock is looked at again now and then.
LONGEST_SLEEP: Final = 30.0


class TimerListener:
    """One timer function. Its last schedule is not kept over a restart, so a run missed while down is not made up."""

    def __init__(self, info: FunctionInfo, schedule: Schedule, invoker: Invoker) -> None:
        self.info = info
        self.schedule = schedule
        self._invoker = invoker
        self._one_at_a_time = asyncio.Lock()
        self._last: datetime | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Fire whenever the schedule says so, until `stopping` is set. A failure does not end the schedule."""
        due = self.schedule.next_after(_now())
        if self.info.run_on_startup:
            await self._fire_on_schedule(past_due=False)
        while not stopping.is_set():
            left = (due - _now()).total_seconds()
            if left > 0:
                await stopped_within(stopping, min(left, LONGEST_SLEEP))
                continue
            started = _now()
            await self._fire_on_schedule(past_due=started - due > LATE)
            # From the start, not the end: an occurrence that fell into a long run is served once, right after it.
            due = self.schedule.next_after(max(started, due))

    async def fire(self, *, past_due: bool = False) -> None:
        """Run the function now, after a run that is under way. Raises what the function raises."""
        async with self._one_at_a_time:
            now = _now()
            request = self._request(now, past_due=past_due)
            self._last = now
            await self._invoker.invoke(self.info, request)

    async def _fire_on_schedule(self, *, past_due: bool) -> None:
        with contextlib.suppress(Exception):  # counted and logged by the invoker; timers are not retried
            await self.fire(past_due=past_due)

    def _request(self, now: datetime, *, past_due: bool) -> Any:
        status = {
            "Last": (self._last or datetime.min.replace(tzinfo=UTC)).isoformat(),
            "Next": self.schedule.next_after(now).isoformat(),
            "LastUpdated": (self._last or datetime.min.replace(tzinfo=UTC)).isoformat(),
        }
        info = {"IsPastDue": past_due, "ScheduleStatus": status, "Schedule": {"AdjustForDST": True}}
        return TimerRequestConverter.decode(Datum(json.dumps(info), "json"), trigger_metadata=None)


def _now() -> datetime:
    return datetime.now(UTC)
