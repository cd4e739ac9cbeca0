"""How the demonstration and the running stage end: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from azure.core.exceptions import AzureError

from core.errors import SyncError
from infra.local.azurite import PROJECT, AzuriteError
from infra.local.explain import health_words
from infra.local.host_errors import HostError
from infra.local.ics import CalendarFileError
from infra.local.settling import NotInTimeError
from infra.local.tale import StoppedError

FAILED, CANNOT_BEGIN = 1, 2
LOCAL: Final = PROJECT / ".local"
"""What this machine keeps of the local stage; git ignores it."""


class CannotBeginError(Exception):
    """Something of this machine is in the way; the message says what."""


def ended(work: Callable[[], Coroutine[None, None, int]], log: Path, *, stopped: int = FAILED) -> int:
    """Run it to its end; the exit code, `stopped` where a person or a signal ended it. Warnings go to the file."""
    _log_to(log)
    try:
        return asyncio.run(_watched(work))
    except (CalendarFileError, CannotBeginError, AzuriteError, HostError) as error:
        return _say(str(error), CANNOT_BEGIN)
    except StoppedError as error:
        return _say(f"The sync does not run: {health_words(str(error))}", FAILED)
    except NotInTimeError as error:
        return _say(f"{error} The log is {log}.", FAILED)
    except (SyncError, AzureError) as error:
        return _say(f"The storage failed: {str(error).splitlines()[0]}. The log is {log}.", FAILED)
    except BrokenPipeError:
        # Whoever read our words has gone; Python would complain once more at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _say("Stopped.", stopped)


async def _watched(work: Callable[[], Coroutine[None, None, int]]) -> int:
    """The signals that end a process end the work instead, so that Azurite is not left behind."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: task and task.cancel())
    return await work()


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _log_to(path: Path) -> None:
    """On the screen, warnings would stand in the middle of the story."""
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError:
        logging.disable()
        return
    # Opened by the first warning: a second stage that ends at once leaves the first one's log alone.
    handler = logging.FileHandler(path, mode="w", delay=True)
    logging.basicConfig(handlers=[handler], format="%(asctime)s %(levelname)s %(name)s: %(message)s")
