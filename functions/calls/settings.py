"""The administrator's calls: settings, the company's switch, activity types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from core.errors import StorageConflict
from core.model.company import CompanySettings
from core.usecases.activity_types import list_activity_types
from core.usecases.exchange_url import is_same_server
from core.usecases.secrets import (
    EXCHANGE_PASSWORD,
    SEVERA_CLIENT_SECRET,
    check_writable,
    names_present,
    store_secrets,
)
from core.usecases.settings import InvalidSettingsError, check, read_settings, save_settings
from core.usecases.switches import set_company_switch
from functions.calls.models import (
    CompanySwitchIn,
    CompanySwitchOut,
    SettingsIn,
    SettingsOut,
    Tickable,
    TypesOut,
)
from functions.calls.operation import Answer, Call, etag
from functions.edge import problem
from functions.edge.problem import Refused

ASK_AGAIN = "Type the delegate user's password again: the one that is stored was meant for another server."
SWITCHED_OFF = (
    "Calendar sync was switched off for the company, because the settings lead to other mailboxes. When it is switched "
    "on again, each user's entries are matched anew with what those mailboxes hold; nothing is deleted for that."
)


async def read(call: Call) -> Answer:
    """The settings as they are."""
    settings, tag = await read_settings(call.ports, call.caller.company)
    return Answer(await _shown(call, settings), etag(tag))


async def save(call: Call) -> Answer:
    """Store the settings; the secrets first, so that settings never point at a secret that could not be stored."""
    wanted: SettingsIn = call.body
    current, tag = await read_settings(call.ports, call.caller.company)
    call.check_version(tag)
    secrets = _secrets(wanted)
    check_writable(call.entrance.secret_writer, secrets)
    settings = _merged(current, wanted)
    if problems := check(settings):
        raise InvalidSettingsError(problems)
    await _check_password_again(call, current, settings, secrets)
    await store_secrets(call.entrance.secret_writer, call.caller.company, secrets)
    with _unless_moved():
        stored = await save_settings(call.ports, call.caller.company, settings, tag)
    after, _ = await read_settings(call.ports, call.caller.company)
    notice = SWITCHED_OFF if current.enabled and not after.enabled else ""
    return Answer(await _shown(call, after, notice), etag(stored))


async def switch(call: Call) -> Answer:
    """The company's switch."""
    wanted: CompanySwitchIn = call.body
    _, tag = await read_settings(call.ports, call.caller.company)
    call.check_version(tag)
    with _unless_moved():
        await set_company_switch(call.ports, call.caller.company, on=wanted.enabled)
    settings, tag = await read_settings(call.ports, call.caller.company)
    return Answer(CompanySwitchOut(enabled=settings.enabled, enabled_since=settings.enabled_since), etag(tag))


async def types(call: Call) -> Answer:
    """What may be ticked."""
    listed = await list_activity_types(call.ports, call.caller.company)
    return Answer(
        TypesOut(
            types=[
                Tickable(
                    id=one.id,
                    name=one.name,
                    category=one.category.value,
                    is_active=one.is_active,
                    is_default=one.is_default,
                    ticked=ticked,
                )
                for one, ticked in listed
            ]
        )
    )


@contextmanager
def _unless_moved() -> Iterator[None]:
    """Somebody else's write in between is theirs to see, not ours to repeat."""
    try:
        yield
    except StorageConflict as conflict:
        raise Refused(problem.CHANGED_MEANWHILE) from conflict


async def _check_password_again(
    call: Call, current: CompanySettings, settings: CompanySettings, secrets: Mapping[str, str]
) -> None:
    """A stored password is write-only: whoever does not know it cannot send it to a server of their choice either."""
    if not settings.ews_url or EXCHANGE_PASSWORD in secrets or is_same_server(current.ews_url, settings.ews_url):
        return
    if await names_present(call.entrance.secrets, call.caller.company, EXCHANGE_PASSWORD):
        raise InvalidSettingsError({"password": ASK_AGAIN})


def _secrets(wanted: SettingsIn) -> dict[str, str]:
    given = {SEVERA_CLIENT_SECRET: wanted.severa_client_secret, EXCHANGE_PASSWORD: wanted.password}
    return {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}


def _merged(current: CompanySettings, wanted: SettingsIn) -> CompanySettings:
    """The tenant is not among what is taken: only a consent that was proven may bind one (design.md section 9)."""
    return replace(
        current,
        version=wanted.version,
        domain=wanted.domain,
        ews_url=wanted.ews_url,
        user_name=wanted.user_name,
        release=wanted.release,
        exchange_tls=wanted.exchange_tls,
        exchange_authority=wanted.exchange_authority,
        severa_client_id=wanted.severa_client_id,
        synced_types=frozenset(wanted.synced_types),
        default_type=wanted.default_type,
        sync_while=wanted.sync_while,
        conflict=wanted.conflict,
        private_without_personal=wanted.private_without_personal,
        meeting_edits=wanted.meeting_edits,
        time_zone=wanted.time_zone,
    )


async def _shown(call: Call, settings: CompanySettings, notice: str = "") -> SettingsOut:
    present = await names_present(call.entrance.secrets, call.caller.company, SEVERA_CLIENT_SECRET, EXCHANGE_PASSWORD)
    return SettingsOut(
        version=settings.version,
        domain=settings.domain,
        ews_url=settings.ews_url,
        user_name=settings.user_name,
        release=settings.release,
        exchange_tls=settings.exchange_tls,
        exchange_authority=settings.exchange_authority,
        severa_client_id=settings.severa_client_id,
        synced_types=sorted(settings.synced_types),
        default_type=settings.default_type,
        sync_while=settings.sync_while,
        conflict=settings.conflict,
        private_without_personal=settings.private_without_personal,
        meeting_edits=settings.meeting_edits,
        time_zone=settings.time_zone,
        tenant=settings.tenant,
        enabled=settings.enabled,
        enabled_since=settings.enabled_since,
        has_severa_client_secret=SEVERA_CLIENT_SECRET in present,
        has_password=EXCHANGE_PASSWORD in present,
        notice=notice,
    )
