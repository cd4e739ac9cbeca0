"""Where a company's mailboxes are, and whether a change of settings leads elsewhere."""

from __future__ import annotations

from core.model.company import CompanySettings, Version


def home_of(settings: CompanySettings) -> str:
    """Where the company's mailboxes are; empty where that is not settled yet."""
    if settings.version is Version.EXCHANGE_SERVER:
        return str(Version.EXCHANGE_SERVER)
    return f"{settings.version}:{settings.tenant.lower()}" if settings.tenant else ""


def moves(before: CompanySettings, after: CompanySettings) -> bool:
    """Whether the change of settings leads to other mailboxes than before."""
    return bool(home_of(before)) and home_of(before) != home_of(after)
