"""A stateful stand-in for an Exchange Server's EWS, as far as this service asks it."""

from __future__ import annotations

from .server import EwsSimulator, Exchanged
from .soap import SCHEMAS, Release

__all__ = ["SCHEMAS", "EwsSimulator", "Exchanged", "Release"]
