"""The local Functions host: runs an app's own HTTP, queue and timer triggers, for development and for tests.

Azure Functions Core Tools cannot be installed where only package registries are reachable (facts/microsoft.md L); the
same app runs unchanged under `func start` and in Azure. From the terminal:
`python -m infra.local.host --app function_app:app --host-json host.json --port 7071`.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Self

import azure.functions as func
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue.aio import QueueServiceClient

from infra.local import host_cron, indexing
from infra.local.azurite import DEVELOPMENT_STORAGE
from infra.local.host_errors import HostError
from infra.local.host_http import LOOPBACK, HttpFront, HttpServer
from infra.local.host_invoke import Counter, Invoker
from infra.local.host_json import parse as parse_host_json
from infra.local.host_queue import INVISIBILITY, QueueListener
from infra.local.host_routes import Routes
from infra.local.host_timer import TimerListener

logger = logging.getLogger(__name__)

POISON_SUFFIX: Final = "-poison"
QUEUE_NAME: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
LONGEST_QUEUE_NAME: Final = 63
DEFAULT_MAX_BODY: Final = 104_857_600
# One more try after a second; the SDK's own default keeps a storage that is down to itself for a minute.
QUICK_RETRIES: Final[dict[str, Any]] = {"retry_total": 1, "initial_backoff": 1, "random_jitter_range": 0}


class LocalHost:
    """Runs the triggers that `app` registers, once. Use as `async with`, or start() and stop().

    `host_json` is the parsed `host.json`. `settings` are the app settings (usually `os.environ`): connections of queue
    triggers, `%NAME%` in queue names and schedules, FUNCTIONS_REQUEST_BODY_SIZE_LIMIT and
    PYTHON_THREADPOOL_THREAD_COUNT are looked up there. `http_port` 0 takes a free port. `max_polling_interval`
    (seconds) replaces the one of `host.json` for all but poison queues, for a quick demonstration. `invisibility`
    (whole seconds) is how long a message stays hidden when this process dies with it; Azure's is 600.

    `functions` are the registered functions, with settings put in. Raises HostError or one of its kinds, here and in
    start(), for everything that keeps the app from running.
    """

    def __init__(
        self,
        app: func.FunctionApp,
        *,
        host_json: Mapping[str, Any],
        settings: Mapping[str, str],
        http_port: int = 0,
        max_polling_interval: float | None = None,
        invisibility: int = INVISIBILITY,
    ) -> None:
        parsed = parse_host_json(host_json)
        self.route_prefix = parsed.route_prefix
        self._settings = settings
        self.functions = tuple(self._resolved(info) for info in indexing.index(app))
        self._queues = self._poison_queues = parsed.queues
        if max_polling_interval is not None:
            self._queues = replace(parsed.queues, max_polling_interval=max_polling_interval)
        self._invisibility = invisibility
        self._invoker = Invoker(self.functions, self._number("PYTHON_THREADPOOL_THREAD_COUNT"))
        max_body = self._number("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") or DEFAULT_MAX_BODY
        self._http = HttpServer(
            HttpFront(Routes(self.functions, self.route_prefix), self._invoker, max_body), http_port
        )
        self._timers = {info.name: self._timer(info) for info in self.functions if info.kind == "timer"}
        self._services: dict[str, QueueServiceClient] = {}
        self._listeners: list[QueueListener] = []
        self._stopping = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def counters(self) -> Mapping[str, Counter]:
        """Runs, failures and runs under way, by function name; live, read-only."""
        return self._invoker.counters

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/PREFIX`, without a slash at its end; the port is known after start()."""
        return f"http://{LOOPBACK}:{self._http.port}" + (f"/{self.route_prefix}" if self.route_prefix else "")

    async def start(self) -> None:
        """Create missing queues, open the HTTP port, then begin to poll and to keep the schedules."""
        try:
            self._listeners = [self._listener(info) for info in self.functions if info.kind == "queue"]
            for listener in self._listeners:
                await _create_queue(listener)
            await self._http.start()
        except BaseException:
            await self._close()
            raise
        runners: list[QueueListener | TimerListener] = [*self._listeners, *self._timers.values()]
        for runner in runners:
            task = asyncio.create_task(runner.run(self._stopping), name=runner.info.name)
            task.add_done_callback(_report)
            self._loops.append(task)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing new, wait up to `grace` seconds for running functions, then cancel what still runs.

        A message whose function was cancelled is handed back as one that failed.
        """
        self._stopping.set()
        await asyncio.gather(self._http.stop(grace), self._stop_loops(grace))
        await self._close()

    async def fire(self, name: str) -> None:
        """Run the timer function `name` now and wait for it; raises what it raises. KeyError for no such timer."""
        await self._timers[name].fire()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def _stop_loops(self, grace: float) -> None:
        if not self._loops:
            return
        _, late = await asyncio.wait(self._loops, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        self._loops.clear()

    async def _close(self) -> None:
        for service in self._services.values():
            await service.close()
        self._services.clear()
        self._invoker.close()

    def _timer(self, info: indexing.FunctionInfo) -> TimerListener:
        return TimerListener(info, host_cron.parse(info.schedule), self._invoker)

    def _listener(self, info: indexing.FunctionInfo) -> QueueListener:
        name = info.queue_name
        if not QUEUE_NAME.fullmatch(name):
            raise HostError(f"Function {info.name}: {name!r} is not a valid queue name.")
        service = self._service(info)
        poison = name + POISON_SUFFIX
        has_poison = not name.endswith(POISON_SUFFIX) and len(poison) <= LONGEST_QUEUE_NAME
        return QueueListener(
            info,
            service.get_queue_client(name),
            service.get_queue_client(poison) if has_poison else None,
            self._poison_queues if name.endswith(POISON_SUFFIX) else self._queues,
            self._invoker,
            self._invisibility,
        )

    def _service(self, info: indexing.FunctionInfo) -> QueueServiceClient:
        name = info.connection or "AzureWebJobsStorage"
        text = self._settings.get(f"AzureWebJobs{name}") or self._settings.get(name)
        if not text:
            raise HostError(f"Function {info.name}: the setting {name} (a storage connection string) is missing.")
        if text == "UseDevelopmentStorage=true":
            text = DEVELOPMENT_STORAGE
        if text not in self._services:
            try:
                self._services[text] = QueueServiceClient.from_connection_string(text, **QUICK_RETRIES)
            except ValueError:
                raise HostError(f"The setting {name} is not a storage connection string.") from None
        return self._services[text]

    def _resolved(self, info: indexing.FunctionInfo) -> indexing.FunctionInfo:
        def setting(match: re.Match[str]) -> str:
            value = self._settings.get(match[1])
            if not value:
                raise HostError(f"Function {info.name}: the setting {match[1]}, named by {match[0]!r}, is missing.")
            return value

        def resolve(text: str) -> str:
            return re.sub(r"%([^%]+)%", setting, text)

        return replace(info, queue_name=resolve(info.queue_name), schedule=resolve(info.schedule))

    def _number(self, name: str) -> int | None:
        text = self._settings.get(name, "")
        if text and not (text.isdecimal() and int(text) > 0):
            raise HostError(f"The setting {name} must be a whole number above 0.")
        return int(text) if text else None


async def _create_queue(listener: QueueListener) -> None:
    connection = listener.info.connection
    try:
        await listener.create_queue()
    except HttpResponseError as error:
        raise HostError(f"The storage of {connection} refused: {error.reason} ({error.status_code}).") from None
    except AzureError:
        raise HostError(f"The storage of {connection} does not answer. Is Azurite running?") from None


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("The trigger of %s ended by a fault of the host.", task.get_name(), exc_info=error)


if __name__ == "__main__":
    from infra.local.host_cli import main

    raise SystemExit(main())
