"""A company's settings: read, validated, written."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId
from core.ports import Ports
from core.usecases import exchange_url
from core.usecases.homes import moves

TYPES_MAX = 500
DOMAIN_MAX = 15
"""Characters of a NetBIOS name; the sixteenth is its suffix (Microsoft, "Naming conventions in Active Directory")."""
USER_NAME_MAX = 256
_NOT_IN_DOMAINS = frozenset('\\/:*?"<>|')
_NOT_IN_USER_NAMES = frozenset('\\/:*?"<>|[];=,+')
"""Neither a logon name nor a user principal name holds these (the same source)."""


class InvalidSettingsError(ValueError):
    """Settings that cannot be; `problems` has a sentence for each field concerned."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in sorted(problems.items())))
        self.problems = problems


async def read_settings(ports: Ports, company: CompanyId) -> tuple[CompanySettings, str]:
    """The settings and their tag; the defaults and an empty tag where nothing was stored yet."""
    return await ports.companies.settings(company) or (CompanySettings(), "")


async def save_settings(ports: Ports, company: CompanyId, wanted: CompanySettings, tag: str) -> str:
    """Store settings that are valid and still as `tag` says; the new tag.

    The switch has its own call and stays; but where the settings lead to other mailboxes, the company is switched off.
    Raises InvalidSettingsError, StorageConflict.
    """
    problems = check(wanted)
    if problems:
        raise InvalidSettingsError(problems)
    current, _ = await read_settings(ports, company)
    kept = replace(wanted, enabled=current.enabled, enabled_since=current.enabled_since)
    if moves(current, wanted):
        kept = switched_off(kept)
    return await ports.companies.put_settings(company, kept, tag)


def switched_off(settings: CompanySettings) -> CompanySettings:
    """The same settings, the company's switch off."""
    return replace(settings, enabled=False, enabled_since=None)


def check(settings: CompanySettings) -> dict[str, str]:
    """What is wrong, by field."""
    problems = {}
    if settings.version is Version.OFFICE365 and settings.tenant and not _is_guid(settings.tenant):
        problems["tenant"] = "The Microsoft 365 organization is named by its tenant id, a GUID."
    if len(settings.synced_types) > TYPES_MAX:
        problems["synced_types"] = f"At most {TYPES_MAX} activity types can be ticked."
    if settings.ews_url and (code := exchange_url.exchange_url_problem(settings.ews_url)):
        problems["ews_url"] = exchange_url.PROBLEMS[code]
    if settings.exchange_authority:
        from core.usecases import exchange_authority  # noqa: PLC0415 - cold starts need no certificates

        if code := exchange_authority.authority_problem(settings.exchange_authority):
            problems["exchange_authority"] = exchange_authority.PROBLEMS[code]
    if not _is_domain(settings.domain):
        problems["domain"] = (
            f'The domain is its NetBIOS name: at most {DOMAIN_MAX} characters, no blanks, none of \\ / : * ? " < > |, '
            "and no dot at the beginning. Leave it empty where the user name is a full one, such as sync@example.com."
        )
    if not _is_user_name(settings.user_name):
        problems["user_name"] = (
            f"The user name has at most {USER_NAME_MAX} characters, no blank at either end, and no special character; "
            "the domain has its own field."
        )
    elif "@" in settings.user_name and settings.domain:
        problems["user_name"] = "A full user name, such as sync@example.com, goes without a domain."
    if not _is_zone(settings.time_zone):
        problems["time_zone"] = "The time zone is an IANA name such as Europe/Helsinki."
    return problems


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_domain(name: str) -> bool:
    """Whether it may be a NetBIOS domain name, or is empty."""
    has_bad = any(c.isspace() or not c.isprintable() or c in _NOT_IN_DOMAINS for c in name)
    return len(name) <= DOMAIN_MAX and not has_bad and not name.startswith(".")


def _is_user_name(name: str) -> bool:
    has_bad = any(not c.isprintable() or c in _NOT_IN_USER_NAMES for c in name)
    return len(name) <= USER_NAME_MAX and not has_bad and name == name.strip()


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
