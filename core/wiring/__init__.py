"""The one place where ports meet adapters. Lazy: an adapter is imported when it is first used, never at start-up."""

from __future__ import annotations

import asyncio

from core.adapters.system import System
from core.ports import Ports
from core.ports_live import LivePorts
from core.ports_telemetry import Telemetry
from core.settings import SettingsError, from_process
from core.usecases.notifications import Inbox
from core.wiring.building import Entrance, Service, build
from core.wiring.gateways import RemoteGateways
from core.wiring.watching import telemetry_of

__all__ = [
    "Entrance",
    "RemoteGateways",
    "Service",
    "System",
    "build",
    "close",
    "entrance",
    "inbox",
    "live",
    "ports",
    "service",
    "telemetry",
]

_service: Service | None = None
_telemetry: Telemetry | None = None
_building = asyncio.Lock()


async def service() -> Service:
    """The service of this process, made on first use. Raises SettingsError where the environment cannot be used."""
    global _service  # noqa: PLW0603 - one service per process, on its one event loop (facts/microsoft.md J1)
    async with _building:
        if _service is None:
            _service = build(from_process())
        return _service


async def ports() -> Ports:
    """The ports of this process. Raises SettingsError."""
    return (await service()).ports


async def entrance() -> Entrance:
    """What the HTTP interface is given. Raises SettingsError."""
    return (await service()).entrance


async def live() -> LivePorts:
    """What subscriptions and housekeeping are given. Raises SettingsError."""
    return (await service()).live


async def inbox() -> Inbox:
    """What takes Graph's notifications in this process. Raises SettingsError."""
    return (await service()).inbox


def telemetry() -> Telemetry:
    """Where this process tells what it does. It is there even where the environment cannot be used."""
    global _telemetry  # noqa: PLW0603 - one per process
    if _telemetry is None:
        try:
            _telemetry = telemetry_of(from_process())
        except SettingsError:
            return telemetry_of(None)
    return _telemetry


async def close() -> None:
    """Close what this process opened, if anything."""
    global _service, _telemetry  # noqa: PLW0603 - see `ports`
    if _telemetry is not None:
        await asyncio.to_thread(_telemetry.close)
        _telemetry = None
    async with _building:
        if _service is not None:
            await _service.aclose()
            _service = None
