"""A company's settings: read, validated, written."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId
from core.ports import Ports

TYPES_MAX = 500


class InvalidSettingsError(ValueError):
    """Settings that cannot be; `problems` has a sentence for each field concerned."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in sorted(problems.items())))
        self.problems = problems


async def read_settings(ports: Ports, company: CompanyId) -> tuple[CompanySettings, str]:
    """The settings and their tag; the defaults and an empty tag where nothing was stored yet."""
    return await ports.companies.settings(company) or (CompanySettings(), "")


async def save_settings(ports: Ports, company: CompanyId, wanted: CompanySettings, tag: str) -> str:
    """Store settings that are valid and still as `tag` says; the new tag. The switch has its own call and stays.

    Raises InvalidSettingsError, StorageConflict.
    """
    problems = check(wanted)
    if problems:
        raise InvalidSettingsError(problems)
    current, _ = await read_settings(ports, company)
    kept = replace(wanted, enabled=current.enabled, enabled_since=current.enabled_since)
    return await ports.companies.put_settings(company, kept, tag)


def check(settings: CompanySettings) -> dict[str, str]:
    """What is wrong, by field."""
    problems = {}
    if settings.version is Version.OFFICE365 and settings.tenant and not _is_guid(settings.tenant):
        problems["tenant"] = "The Microsoft 365 organization is named by its tenant id, a GUID."
    if len(settings.synced_types) > TYPES_MAX:
        problems["synced_types"] = f"At most {TYPES_MAX} activity types can be ticked."
    if not _is_zone(settings.time_zone):
        problems["time_zone"] = "The time zone is an IANA name such as Europe/Helsinki."
    return problems


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
