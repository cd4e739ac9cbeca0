"""Timer triggers of the local host: on schedule, by hand, never twice at once. No storage is needed."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from infra.local.host import LocalHost
from infra.local.host_errors import HostError, ScheduleError

EVERY_SECOND = "* * * * * *"
NEW_YEAR = "0 0 0 1 1 *"

Handler = Callable[[Any], Any]


def a_host(handler: Handler, schedule: str, settings: dict[str, str] | None = None, **options: Any) -> LocalHost:
    """Return a host of one timer, `sweep`, not started yet."""
    app = func.FunctionApp()

    @app.function_name("sweep")
    @app.timer_trigger(arg_name="timer", schedule=schedule, **options)
    async def sweep(timer: func.TimerRequest) -> None:
        await handler(timer)

    return LocalHost(app, host_json={"version": "2.0"}, settings=settings or {})


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_timer_fires_on_its_schedule() -> None:
    """Once for each moment, never before it, and knows the next one."""
    seen: list[tuple[datetime, str]] = []

    async def handler(timer: Any) -> None:
        seen.append((datetime.now(UTC), timer.schedule_status["Next"]))

    async with a_host(handler, EVERY_SECOND):
        await until(lambda: len(seen) == 3)
    assert len({moment.replace(microsecond=0) for moment, _ in seen}) == 3
    assert all(datetime.fromisoformat(following) > moment for moment, following in seen)


async def test_a_timer_that_runs_on_startup_fires_at_once() -> None:
    """run_on_startup, though the schedule is far away."""
    seen: list[Any] = []

    async def handler(timer: Any) -> None:
        seen.append(timer)

    async with a_host(handler, NEW_YEAR, run_on_startup=True):
        await until(lambda: len(seen) == 1)
    assert seen[0].past_due is False
    assert seen[0].schedule_status["Next"].endswith("-01-01T00:00:00+00:00")


async def test_a_timer_fires_by_hand_and_tells_what_went_wrong() -> None:
    """fire() returns when the run is over; a failure comes back to whoever fired, and is counted."""
    failing = False

    async def handler(_: Any) -> None:
        if failing:
            raise RuntimeError("broken")

    async with a_host(handler, NEW_YEAR) as host:
        await host.fire("sweep")
        failing = True
        with pytest.raises(RuntimeError, match="broken"):
            await host.fire("sweep")
        with pytest.raises(KeyError):
            await host.fire("unknown")
    assert (host.counters["sweep"].runs, host.counters["sweep"].failures) == (2, 1)


async def test_a_failure_does_not_end_the_schedule() -> None:
    """Timers are not retried; the next moment comes all the same."""

    async def handler(_: Any) -> None:
        raise RuntimeError("broken")

    async with a_host(handler, EVERY_SECOND) as host:
        await until(lambda: host.counters["sweep"].failures == 2)


async def test_runs_of_one_timer_never_overlap() -> None:
    """A run longer than the interval delays the next one, which is then past due; by hand waits as well."""
    now, most, late = 0, 0, []

    async def handler(timer: Any) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        late.append(timer.past_due)
        await asyncio.sleep(2.2 if len(late) == 1 else 0.2)
        now -= 1

    async with a_host(handler, EVERY_SECOND) as host:
        await until(lambda: len(late) == 1)
        by_hand = asyncio.create_task(host.fire("sweep"))
        await by_hand
        await until(lambda: len(late) == 3)
    assert most == 1
    assert late[2]


async def test_a_plain_timer_function_runs_in_a_thread() -> None:
    """A `def` function does not stall the event loop."""
    app = func.FunctionApp()
    names: list[str] = []

    @app.timer_trigger(arg_name="timer", schedule=NEW_YEAR)
    def sweep(timer: func.TimerRequest) -> None:
        names.append(threading.current_thread().name)

    async with LocalHost(app, host_json={"version": "2.0"}, settings={}) as host:
        await host.fire("sweep")
    assert names[0].startswith("function")


async def test_a_timer_that_returns_a_value_fails() -> None:
    """As in Azure's worker: there is nowhere for the value to go."""
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="timer", schedule=NEW_YEAR)
    async def sweep(timer: func.TimerRequest) -> int:
        return 1

    async with LocalHost(app, host_json={"version": "2.0"}, settings={}) as host:
        with pytest.raises(RuntimeError, match="returned a value"):
            await host.fire("sweep")


async def test_a_schedule_may_come_from_the_settings() -> None:
    """`%NAME%` is looked up; a name that is not set is told."""

    async def handler(_: Any) -> None: ...

    async with a_host(handler, "%WHEN%", {"WHEN": NEW_YEAR}) as host:
        await host.fire("sweep")
    with pytest.raises(HostError, match="the setting WHEN, named by '%WHEN%', is missing"):
        a_host(handler, "%WHEN%")
    with pytest.raises(ScheduleError, match="five minutes"):
        a_host(handler, "five minutes")
