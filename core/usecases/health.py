"""Whether this process can serve: its settings are read and its storage answers."""

from __future__ import annotations

from core.errors import SyncError
from core.model.ids import CompanyId
from core.ports import Ports

_NOBODY = CompanyId("00000000-0000-0000-0000-000000000000")


async def check_health(ports: Ports) -> dict[str, str]:
    """`status` and one word for each part; never a company's data, never an address."""
    try:
        await ports.companies.settings(_NOBODY)
    except SyncError as failure:
        return {"status": "failing", "settings": "ok", "storage": failure.code}
    return {"status": "ok", "settings": "ok", "storage": "ok"}
