"""Running one function as Azure's Python worker does: `async def` on the event loop, `def` in a thread pool."""

import asyncio
import contextvars
import functools
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from infra.local.indexing import FunctionInfo

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Counter:
    """How often a function was started and how often it failed, since the host was built; `running` is now."""

    runs: int = 0
    failures: int = 0
    running: int = 0


class Invoker:
    """Runs the given functions and counts. `max_threads` None means Python's own default, as in the worker."""

    def __init__(self, functions: Iterable[FunctionInfo], max_threads: int | None) -> None:
        self._counters = {info.name: Counter() for info in functions}
        self.counters = MappingProxyType(self._counters)
        self._threads = ThreadPoolExecutor(max_threads, thread_name_prefix="function")

    async def invoke(self, info: FunctionInfo, trigger: object) -> Any:
        """Run the function with what its trigger delivers and return its result.

        Whatever the function raises is logged with its traceback and raised again. RuntimeError when a function
        without an HTTP answer returns a value, as in the worker.
        """
        counter = self._counters[info.name]
        counter.runs += 1
        counter.running += 1
        try:
            return await self._run(info, trigger)
        except asyncio.CancelledError:
            counter.failures += 1
            logger.warning("Function %s was cancelled while it ran.", info.name)
            raise
        except Exception:
            counter.failures += 1
            logger.exception("Function %s failed.", info.name)
            raise
        finally:
            counter.running -= 1

    async def _run(self, info: FunctionInfo, trigger: object) -> Any:
        call = functools.partial(info.function, **{info.trigger_parameter: trigger})
        if info.is_async:
            result = await call()
        else:
            run = contextvars.copy_context().run
            result = await asyncio.get_running_loop().run_in_executor(self._threads, run, call)
        if info.kind != "http" and result is not None:
            raise RuntimeError(f"Function {info.name} has no $return binding but returned a value.")
        return result

    def close(self) -> None:
        """Let the threads end. A thread that still runs a function cannot be stopped and is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def stopped_within(stopping: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds`, or less when `stopping` is set. Return whether it is set."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True
