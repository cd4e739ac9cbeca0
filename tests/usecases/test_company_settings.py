"""A company's settings."""

from dataclasses import replace

import pytest

from core.errors import RetryLater, StorageConflict
from core.model.company import CompanySettings, ExchangeRelease, SyncWhile, Version
from core.usecases.health import check_health
from core.usecases.settings import InvalidSettingsError, check, read_settings, save_settings
from tests.support.stage import COMPANY, make_stage


async def test_nothing_was_stored_yet() -> None:
    """The defaults and an empty tag."""
    stage = await make_stage(first_run=False)
    assert await read_settings(stage.ports, COMPANY) == (CompanySettings(), "")


async def test_settings_are_stored_and_the_switch_stays() -> None:
    """Nobody switches the company on or off by saving settings."""
    stage = await make_stage()
    before, tag = await read_settings(stage.ports, COMPANY)
    await save_settings(stage.ports, COMPANY, replace(before, enabled=False, sync_while=SyncWhile.LOGGED_IN), tag)
    after, _ = await read_settings(stage.ports, COMPANY)
    assert (after.enabled, after.enabled_since, after.sync_while) == (True, before.enabled_since, SyncWhile.LOGGED_IN)


async def test_somebody_else_was_quicker() -> None:
    """A tag that is no longer true is refused."""
    stage = await make_stage()
    settings, tag = await read_settings(stage.ports, COMPANY)
    await save_settings(stage.ports, COMPANY, settings, tag)
    with pytest.raises(StorageConflict):
        await save_settings(stage.ports, COMPANY, settings, tag)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant", "contoso.onmicrosoft.com"),
        ("tenant", "{72f988bf-86f1-41af-91ab-2d7cd011db47}"),
        ("time_zone", "FLE Standard Time"),
        ("time_zone", ""),
        ("time_zone", "../../etc/passwd"),
        ("domain", "SIXTEEN-LETTERS-"),
        ("domain", "ACME\\sync"),
        ("domain", "acme corp"),
        ("domain", ".ACME"),
        ("domain", "ACME\n"),
        ("user_name", "ACME\\sync"),
        ("user_name", "sync:secret"),
        ("user_name", " sync"),
        ("user_name", "s" * 257),
        ("ews_url", "http://mail.example.com/EWS/Exchange.asmx"),
        ("ews_url", "mail.example.com"),
        ("ews_url", "https://outlook.office365.com/EWS/Exchange.asmx"),
        ("synced_types", frozenset(str(n) for n in range(501))),
    ],
)
async def test_settings_that_cannot_be(field: str, value: object) -> None:
    """They are refused with a sentence for the field, and nothing is stored."""
    stage = await make_stage()
    settings, tag = await read_settings(stage.ports, COMPANY)
    with pytest.raises(InvalidSettingsError) as failure:
        await save_settings(stage.ports, COMPANY, replace(settings, **{field: value}), tag)  # type: ignore[arg-type]
    assert list(failure.value.problems) == [field]
    assert (await read_settings(stage.ports, COMPANY))[1] == tag


async def test_a_tenant_matters_for_microsoft_365_only() -> None:
    """With Exchange Server it may be anything."""
    stage = await make_stage()
    settings, tag = await read_settings(stage.ports, COMPANY)
    guid = replace(settings, tenant="72f988bf-86f1-41af-91ab-2d7cd011db47")
    tag = await save_settings(stage.ports, COMPANY, guid, tag)
    await save_settings(stage.ports, COMPANY, replace(settings, version=Version.EXCHANGE_SERVER, tenant="CONTOSO"), tag)


async def test_an_exchange_server() -> None:
    """A logon name with its domain, or a full name without."""
    stage = await make_stage()
    settings, tag = await read_settings(stage.ports, COMPANY)
    server = replace(
        settings,
        version=Version.EXCHANGE_SERVER,
        domain="ACME-HQ",
        ews_url="https://mail.example.com/EWS/Exchange.asmx",
        user_name="sync user",
        release=ExchangeRelease.EX2010_SP2,
    )
    tag = await save_settings(stage.ports, COMPANY, server, tag)
    assert (await read_settings(stage.ports, COMPANY))[0] == server
    full = replace(server, user_name="sync@example.com")
    with pytest.raises(InvalidSettingsError, match="without a domain"):
        await save_settings(stage.ports, COMPANY, full, tag)
    await save_settings(stage.ports, COMPANY, replace(full, domain=""), tag)


async def test_exchange_online_by_its_address() -> None:
    """The remedy is Office 365, not another address."""
    problems = check(CompanySettings(ews_url="https://outlook.office365.com/EWS/Exchange.asmx"))
    assert "Choose the version Office 365" in problems["ews_url"]


async def test_health() -> None:
    """The parts by name; storage that does not answer is named by its code."""
    stage = await make_stage()
    assert await check_health(stage.ports) == {"status": "ok", "settings": "ok", "storage": "ok"}

    async def down(_: object) -> None:
        raise RetryLater("storage_unavailable")

    stage.storage.companies.settings = down  # type: ignore[method-assign, assignment]
    assert (await check_health(stage.ports))["storage"] == "storage_unavailable"
