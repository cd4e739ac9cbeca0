"""Who may act for whom, and what stands in the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.ews import MailboxState, Trouble, Where

from .ews_stage import ACCOUNT, ALIAS, ANNA, CALENDAR, HOUR, NINE, Stage, stage, timed

__all__ = ["stage"]
FOLDER = (
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>{0}</m:FolderIds>"
    "</m:GetFolder>"
)
ITEM = timed("S", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z")


@pytest.mark.parametrize(
    ("acts_for", "by", "code"),
    [
        (ANNA.upper(), "PrimarySmtpAddress", "NoError"),
        (ALIAS, "PrimarySmtpAddress", "ErrorNonPrimarySmtpAddress"),
        (ALIAS, "SmtpAddress", "NoError"),
        (ANNA, "PrincipalName", "NoError"),
        ("nobody@acme.example", "SmtpAddress", "ErrorNonExistentMailbox"),
        ("", "", "ErrorMissingEmailAddress"),
    ],
)
async def test_whom_a_request_acts_for(stage: Stage, acts_for: str, by: str, code: str) -> None:
    """By its primary address, or from 2010 on by any."""
    answer = await stage.ask(FOLDER.format(CALENDAR), acts_for=acts_for, by=by)
    assert answer.codes == [code]


async def test_without_acting_for_anybody(stage: Stage) -> None:
    """An account with a mailbox has a calendar; that of somebody else stays shut."""
    stage.ews.options.owners[ACCOUNT] = "bert@acme.example"
    assert (await stage.ask(FOLDER.format(CALENDAR), acts_for="")).codes == ["NoError"]
    other = CALENDAR.replace("/>", f"><t:Mailbox><t:EmailAddress>{ANNA}</t:EmailAddress></t:Mailbox>")
    other += "</t:DistinguishedFolderId>"
    assert (await stage.ask(FOLDER.format(other), acts_for="")).codes == ["ErrorAccessDenied"]


@pytest.mark.parametrize(
    ("release", "code"), [("se", "ErrorImpersonateUserDenied"), ("2007_sp1", "ErrorImpersonationDenied")]
)
async def test_an_account_without_the_right(release: str, code: str) -> None:
    """The refusal is a fault, with HTTP 500."""
    stage = Stage(release)
    stage.ews.options.impersonators = set()
    async with stage.client:
        answer = await stage.sync()
    assert (answer.status, answer.codes) == (500, [code])


async def test_a_mailbox_out_of_scope_or_shut(stage: Stage) -> None:
    """Nobody may act for it; or its calendar may not be read."""
    stage.ews.denied = {ANNA}
    assert (await stage.sync()).codes == ["ErrorImpersonateUserDenied"]
    stage.ews.denied, stage.ews.shut = set(), {ANNA}
    assert (await stage.sync()).codes == ["ErrorAccessDenied"]


@pytest.mark.parametrize("state", [state for state in MailboxState if state is not MailboxState.OK])
async def test_a_mailbox_that_cannot_be_had(stage: Stage, state: MailboxState) -> None:
    """Each state has its code, as a fault; nothing is lost."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
    stage.people.set_state(stage.anna, state)
    answer = await stage.get(item_id)
    assert (answer.status, answer.codes) == (500, [state.value])
    stage.people.set_state(stage.anna, MailboxState.OK)
    assert (await stage.get(item_id)).codes == ["NoError"]


async def test_a_throttled_mailbox(stage: Stage) -> None:
    """It says how long; who comes too early waits all the longer; afterwards all is well."""
    stage.people.throttle(stage.anna, timedelta(seconds=30))
    stage.clock += timedelta(seconds=20)
    answer = await stage.sync()
    assert (answer.status, answer.codes) == (500, ["ErrorServerBusy"])
    assert [(value.get("Name"), value.text) for value in answer.all("t:Value")] == [("BackOffMilliseconds", "30000")]
    stage.clock += timedelta(seconds=29)
    stage.ews.options.busy_status = 503
    assert (await stage.sync()).status == 503
    stage.clock += timedelta(seconds=31)
    assert (await stage.sync()).codes == ["NoError"]


@pytest.mark.parametrize(("where", "left"), [(Where.ITEM, ["a"]), (Where.ITEM_COMMITTED, ["a", "b"])])
async def test_an_item_that_is_busy(stage: Stage, where: Where, left: list[str]) -> None:
    """In an answer of 200, one item says ErrorServerBusy; with or without its effect."""
    stage.ews.troubles.add(Trouble("ErrorServerBusy", "CreateItem", where=where, after=1, back_off=500))
    answer = await stage.create(ITEM.replace("S<", "a<"), ITEM.replace("S<", "b<"))
    assert (answer.status, answer.codes) == (200, ["NoError", "ErrorServerBusy"])
    assert [item.subject for item in stage.people.events_of(stage.anna)] == left
    assert stage.ews.troubles.struck() == 1


async def test_a_trouble_of_one_operation(stage: Stage) -> None:
    """It strikes the second sync, once, and nobody else's."""
    stage.ews.troubles.add(Trouble("ErrorInternalServerTransientError", "SyncFolderItems", ANNA, after=1))
    assert (await stage.sync()).codes == ["NoError"]
    assert (await stage.sync(acts_for="bert@acme.example")).codes == ["NoError"]
    struck = await stage.sync()
    assert (struck.status, struck.codes) == (500, ["ErrorInternalServerTransientError"])
    assert (await stage.sync()).codes == ["NoError"]


async def test_a_lost_answer(stage: Stage) -> None:
    """What was created is there, though nobody was told; other operations are served."""
    stage.ews.faults.add(Fault(Action.DROP_AFTER_COMMIT, path="/CreateItem"))
    assert (await stage.sync()).codes == ["NoError"]
    with pytest.raises(httpx.ReadError):
        await stage.create(ITEM)
    assert len(stage.people.events_of(stage.anna)) == 1


@pytest.mark.parametrize("action", [Fault(Action.STATUS, status=503, retry_after=7), Fault(Action.TRUNCATE)])
async def test_https_own_troubles(stage: Stage, action: Fault) -> None:
    """503 without SOAP; half an answer."""
    stage.ews.faults.add(action)
    response = await stage.client.post("/EWS/Exchange.asmx", content="<x/>")
    assert response.status_code == 503 or len(response.content) > 0
    assert response.headers.get("Retry-After") == ("7" if response.status_code == 503 else None)


async def test_requests_are_counted_by_operation(stage: Stage) -> None:
    """Both those that are answered and those that fail."""
    await stage.create(ITEM)
    await stage.sync()
    await stage.sync("wrong")
    assert (stage.ews.count("CreateItem"), stage.ews.count("SyncFolderItems"), stage.ews.count()) == (1, 2, 3)
    assert stage.ews.requests.count(contains="SyncFolderItems", status=200) == 2
    assert stage.ews.exchanged[0].acts_for == ANNA


@pytest.mark.parametrize(("release", "most"), [("2010", 10), ("2013", 27)])
async def test_too_many_at_the_same_time(release: str, most: int) -> None:
    """Each release has its number of places; 2007 has none."""
    stage = Stage(release)
    stage.ews.options.service_seconds = 0.01
    async with stage.client:
        answers = await asyncio.gather(*(stage.sync() for _ in range(most + 2)))
    codes = [answer.codes for answer in answers]
    assert codes.count(["ErrorExceededConnectionCount"]) == 2
    assert stage.anna.peak == most


@pytest.mark.parametrize("content", [b"", b"not xml", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
async def test_a_request_that_is_no_soap(stage: Stage, content: bytes) -> None:
    """It is refused."""
    answer = await stage.send(content)
    assert (answer.status, answer.codes) == (500, ["ErrorInvalidRequest"])


async def test_an_operation_that_is_not_there(stage: Stage) -> None:
    """Known to the schema or not."""
    shape = "<m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
    assert (await stage.ask(f"<m:SyncFolderHierarchy>{shape}</m:SyncFolderHierarchy>")).codes == ["ErrorInvalidRequest"]


async def test_an_address_that_leads_to_another_mailbox(stage: Stage) -> None:
    """The ids of the first one's items are the first one's still."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
    other = stage.people.add_mailbox("anna2@acme.example")
    stage.people.change_mailbox_of_address(ANNA, other, primary=True)
    assert (await stage.get(item_id)).codes == ["ErrorAccessDenied"]
    assert (await stage.sync()).ids() == []
    assert stage.people.mailbox(ANNA) is other
    stage.people.remove_mailbox(other)
    assert (await stage.sync()).codes == ["ErrorNonExistentMailbox"]


async def test_a_name_is_resolved(stage: Stage) -> None:
    """By any address, with all of them; or by the beginning of a name, which may be ambiguous."""
    ask = '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>{0}</m:UnresolvedEntry></m:ResolveNames>'
    found = await stage.ask(ask.format(f"smtp:{ALIAS}"))
    assert found.text("t:Resolution/t:Mailbox/t:EmailAddress") == ANNA
    assert found.texts("t:EmailAddresses/t:Entry") == [f"SMTP:{ANNA}", f"smtp:{ALIAS}"]
    stage.people.add_mailbox("anna.b@acme.example", display_name="Anna Berg")
    assert (await stage.ask(ask.format("anna"))).codes == ["ErrorNameResolutionMultipleResults"]
    assert (await stage.ask(ask.format("zoe"))).codes == ["ErrorNameResolutionNoResults"]
