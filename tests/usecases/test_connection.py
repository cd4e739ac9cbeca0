"""A test of the connection, over sides that are made up."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest

from core.errors import Stop
from core.model.company import CompanySettings, Version
from core.model.connection import EXCHANGE_SERVER, OFFICE365, SEVERA, Check, Finding, Outcome
from core.model.ids import CompanyId
from core.ports_connection import ConnectionPorts
from core.usecases.connection_test import check_connection
from core.usecases.words import TABLE
from core.usecases.words_of_connection import PASSED
from tests.support.stage import ANNA, BERT, COMPANY, Stage, make_stage


class Side:
    """Passes these steps, then fails with the code, if any."""

    def __init__(self, *steps: Check, code: str = "") -> None:
        self.steps, self.code = steps, code
        self.addresses: tuple[str, ...] | None = None

    async def check(
        self, company: CompanyId, settings: CompanySettings, addresses: Sequence[str] = ()
    ) -> AsyncGenerator[Finding, None]:
        self.addresses = tuple(addresses)
        for step in self.steps:
            yield Finding(step)
        if self.code:
            raise Stop(self.code)

    async def mails(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        yield Finding(Check.SEVERA_MAILS)


def ports(stage: Stage, **sides: Side) -> ConnectionPorts:
    """Sides that pass, but for those that are given."""
    given = {"severa": Side(*SEVERA[:2]), "office365": Side(*OFFICE365), "exchange_server": Side(*EXCHANGE_SERVER)}
    return ConnectionPorts(stage.ports, **{**given, **sides})  # type: ignore[arg-type]


async def test_everything_is_in_order() -> None:
    """Every step of Severa and of the side where the mailboxes are."""
    stage = await make_stage()
    found = await check_connection(ports(stage), COMPANY, ANNA)
    assert [finding.check for finding in found] == [*SEVERA, *OFFICE365]
    assert {finding.outcome for finding in found} == {Outcome.PASSED}
    await stage.change_settings(version=Version.EXCHANGE_SERVER)
    found = await check_connection(ports(stage), COMPANY, ANNA)
    assert [finding.check for finding in found] == [*SEVERA, *EXCHANGE_SERVER]


async def test_a_step_that_fails() -> None:
    """It is named by the step that came next; the rest of its side is skipped, the other side is not."""
    stage = await make_stage()
    severa = Side(Check.SEVERA_TOKEN, code="severa_scope_missing")
    found = {f.check: f for f in await check_connection(ports(stage, severa=severa), COMPANY, ANNA)}
    assert found[Check.SEVERA_SCOPES] == Finding(Check.SEVERA_SCOPES, Outcome.FAILED, "severa_scope_missing")
    assert [found[step].outcome for step in SEVERA[2:]] == [Outcome.SKIPPED, Outcome.SKIPPED]
    assert [found[step].outcome for step in OFFICE365] == [Outcome.PASSED] * len(OFFICE365)


async def test_no_type_for_private_events() -> None:
    """A warning (R10); no type for any event is a failure."""
    stage = await make_stage()
    types = stage.severa.types
    types["type-personal"] = replace(types["type-personal"], is_active=False)
    found = await check_connection(ports(stage), COMPANY, ANNA)
    assert found[2] == Finding(Check.ACTIVITY_TYPES, Outcome.WARNED, "no_personal_type")
    for name in types:
        types[name] = replace(types[name], is_active=False)
    found = await check_connection(ports(stage), COMPANY, ANNA)
    assert found[2] == Finding(Check.ACTIVITY_TYPES, Outcome.FAILED, "no_default_type")


@pytest.mark.parametrize("admin", [ANNA, BERT])
async def test_whose_mailbox_is_tried(admin: str) -> None:
    """The administrator's own first, then those of users whose sync is on."""
    stage = await make_stage()
    side = Side(*OFFICE365)
    await check_connection(ports(stage, office365=side), COMPANY, ANNA if admin == ANNA else BERT)
    own, other = ("anna", "bert") if admin == ANNA else ("bert", "anna")
    assert side.addresses == (f"{own}@example.org", f"{other}@example.org")


async def test_nothing_is_set_up() -> None:
    """Not even then does it raise; nothing is written."""
    stage = await make_stage(first_run=False)
    found = await check_connection(ports(stage), CompanyId("44444444-4444-4444-8444-444444444444"), ANNA)
    assert found[2].code == "not_connected"
    assert await stage.ports.companies.settings(COMPANY) is None


def test_every_step_has_words() -> None:
    """For when it passes."""
    assert set(PASSED) == set(Check)
    assert all(sentence.endswith(".") for sentence in PASSED.values())
    assert "exchange_unreachable" in TABLE
