"""One simulated Exchange Server with two mailboxes, asked by raw requests, or by the real exchangelib."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from exchangelib import BASIC, IMPERSONATION, Account, Build, Configuration, Credentials, EWSTimeZone, Version
from exchangelib.folders import Calendar
from exchangelib.protocol import CachingProtocol, Protocol
from lxml import etree

from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import ThreadedServer
from tests.simulators.ews import RELEASES, EwsSimulator, Options
from tests.support.shared import need_shared, shared_dir

ACCOUNT, PASSWORD = r"ACME\sync", "right"
ANNA, ALIAS, BERT = "anna@acme.example", "a.aalto@acme.example", "bert@acme.example"
HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
NAMES = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "m": "http://schemas.microsoft.com/exchange/services/2006/messages",
    "t": "http://schemas.microsoft.com/exchange/services/2006/types",
    "e": "http://schemas.microsoft.com/exchange/services/2006/errors",
}
GUID = "b2f7a6d4-5c0e-4e39-9b1d-7f43a2c86e51"
MARK = f'<t:ExtendedFieldURI PropertySetId="{GUID}" PropertyName="Mark" PropertyType="String"/>'
CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>'
CALENDAR_FOLDER = f"<m:ParentFolderIds>{CALENDAR}</m:ParentFolderIds>"
ID_ONLY = "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>"
ALL = "<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>"
BASIC_HEADER = "Basic " + base64.b64encode(f"{ACCOUNT}:{PASSWORD}".encode()).decode()


class Answer:
    """What came back."""

    def __init__(self, response: httpx.Response) -> None:
        self.status, self.content = response.status_code, response.content
        self.root = etree.fromstring(response.content) if response.content else None

    @property
    def codes(self) -> list[str]:
        """The response codes: of the messages, or of the fault."""
        found = self.root.findall(".//m:ResponseCode", NAMES) + self.root.findall(".//e:ResponseCode", NAMES)
        return [element.text for element in found]

    def all(self, path: str) -> list[Any]:
        """The elements at a path."""
        return list(self.root.findall(f".//{path}", NAMES))

    def texts(self, path: str) -> list[str]:
        """Their texts."""
        return [element.text or "" for element in self.all(path)]

    def text(self, path: str) -> str:
        """The text of the only one."""
        [found] = self.texts(path)
        return found

    def ids(self, path: str = "t:CalendarItem/t:ItemId") -> list[tuple[str, str]]:
        """Ids and change keys."""
        return [(element.get("Id"), element.get("ChangeKey")) for element in self.all(path)]


@dataclass
class Stage:
    """A server of one release; raw requests act for Anna unless told otherwise."""

    release: str = "se"
    clock: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    checked: bool = True

    def __post_init__(self) -> None:
        folder = shared_dir()
        self.ews = EwsSimulator(
            RELEASES[self.release],
            {ACCOUNT: PASSWORD},
            now=lambda: self.clock,
            seed=7,
            options=Options(),
            schemas=folder / "schemas" / "ews" if folder and self.checked else None,
        )
        self.people = self.ews.people
        self.anna = self.people.add_mailbox(ANNA, aliases=[ALIAS], display_name="Anna Aalto", zone="FLE Standard Time")
        self.bert = self.people.add_mailbox(BERT, display_name="Bert Berg")
        self.client = httpx.AsyncClient(transport=transport(self.ews.app), base_url="http://mail.acme.example")
        self.client.headers["Authorization"] = BASIC_HEADER

    @property
    def schema(self) -> str:
        return RELEASES[self.release].schema

    async def send(self, content: str | bytes) -> Answer:
        return Answer(await self.client.post("/EWS/Exchange.asmx", content=content))

    async def ask(
        self, body: str, *, schema: str = "", acts_for: str = ANNA, by: str = "PrimarySmtpAddress", headers: str = ""
    ) -> Answer:
        """One operation."""
        person = (
            f"<t:ExchangeImpersonation><t:ConnectingSID><t:{by}>{acts_for}</t:{by}></t:ConnectingSID>"
            "</t:ExchangeImpersonation>"
        )
        return await self.send(
            f'<s:Envelope xmlns:s="{NAMES["s"]}" xmlns:m="{NAMES["m"]}" xmlns:t="{NAMES["t"]}"><s:Header>'
            f'<t:RequestServerVersion Version="{schema or self.schema}"/>{person if acts_for else ""}{headers}'
            f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )

    async def create(self, *items: str, sends: str = "SendToNone", **asked: Any) -> Answer:
        inner = "".join(f"<t:CalendarItem>{item}</t:CalendarItem>" for item in items)
        return await self.ask(
            f'<m:CreateItem SendMeetingInvitations="{sends}"><m:Items>{inner}</m:Items></m:CreateItem>', **asked
        )

    async def get(self, *ids: str, shape: str = ALL, **asked: Any) -> Answer:
        named = "".join(one if one.startswith("<") else f'<t:ItemId Id="{one}"/>' for one in ids)
        return await self.ask(f"<m:GetItem>{shape}<m:ItemIds>{named}</m:ItemIds></m:GetItem>", **asked)

    async def update(
        self, item: tuple[str, str] | str, *changes: str, sends: str = "SendToNone", how: str = "NeverOverwrite"
    ) -> Answer:
        named = item if isinstance(item, str) else f'<t:ItemId Id="{item[0]}" ChangeKey="{item[1]}"/>'
        return await self.ask(
            f'<m:UpdateItem ConflictResolution="{how}" SendMeetingInvitationsOrCancellations="{sends}">'
            f"<m:ItemChanges><t:ItemChange>{named}<t:Updates>{''.join(changes)}</t:Updates></t:ItemChange>"
            "</m:ItemChanges></m:UpdateItem>"
        )

    async def delete(self, *ids: str, kind: str = "MoveToDeletedItems", sends: str = "SendToNone") -> Answer:
        named = "".join(one if one.startswith("<") else f'<t:ItemId Id="{one}"/>' for one in ids)
        return await self.ask(
            f'<m:DeleteItem DeleteType="{kind}" SendMeetingCancellations="{sends}"><m:ItemIds>{named}</m:ItemIds>'
            "</m:DeleteItem>"
        )

    async def sync(self, state: str = "", most: int = 512, shape: str = ID_ONLY, **asked: Any) -> Answer:
        since = f"<m:SyncState>{state}</m:SyncState>" if state else ""
        return await self.ask(
            f"<m:SyncFolderItems>{shape}<m:SyncFolderId>{CALENDAR}</m:SyncFolderId>{since}"
            f"<m:MaxChangesReturned>{most}</m:MaxChangesReturned></m:SyncFolderItems>",
            **asked,
        )

    async def view(self, start: str, end: str, shape: str = ALL, most: str = "", **asked: Any) -> Answer:
        return await self.ask(
            f'<m:FindItem Traversal="Shallow">{shape}<m:CalendarView StartDate="{start}" EndDate="{end}" {most}/>'
            f"{CALENDAR_FOLDER}</m:FindItem>",
            **asked,
        )

    async def find(self, restriction: str, shape: str = ID_ONLY) -> Answer:
        return await self.ask(
            f'<m:FindItem Traversal="Shallow">{shape}<m:Restriction>{restriction}</m:Restriction>{CALENDAR_FOLDER}'
            "</m:FindItem>"
        )


def timed(subject: str, start: str, end: str, more: str = "") -> str:
    """The inside of a CalendarItem."""
    return f"<t:Subject>{subject}</t:Subject><t:Start>{start}</t:Start><t:End>{end}</t:End>{more}"


def weekly(first: str = "2026-03-09", count: int = 10, zone: str = "FLE Standard Time", days: str = "Monday") -> str:
    """The inside of a CalendarItem that recurs: an hour at nine in Helsinki; the clocks change on 29 March."""
    recurrence = (
        f"<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>{days}</t:DaysOfWeek>"
        f"</t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>{first}</t:StartDate>"
        f"<t:NumberOfOccurrences>{count}</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>"
    )
    return timed(
        "Weekly", f"{first}T09:00:00+02:00", f"{first}T10:00:00+02:00", f'{recurrence}<t:StartTimeZone Id="{zone}"/>'
    )


def setting(uri: str, element: str) -> str:
    """One SetItemField."""
    return f'<t:SetItemField><t:FieldURI FieldURI="{uri}"/><t:CalendarItem>{element}</t:CalendarItem></t:SetItemField>'


def subject(text: str) -> str:
    """A change of the subject."""
    return setting("item:Subject", f"<t:Subject>{text}</t:Subject>")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A server of Subscription Edition."""
    made = Stage()
    async with made.client:
        yield made


class Library:
    """exchangelib against a stage's server over loopback HTTP."""

    def __init__(self, stage: Stage, url: str, address: str = ANNA, password: str = PASSWORD) -> None:
        build = RELEASES[stage.release].build
        config = Configuration(
            service_endpoint=f"{url}/EWS/Exchange.asmx",
            credentials=Credentials(ACCOUNT, password),
            auth_type=BASIC,
            version=Version(Build(*build), api_version=stage.schema),
        )
        self.account = Account(
            address,
            config=config,
            autodiscover=False,
            access_type=IMPERSONATION,
            default_timezone=EWSTimeZone("Europe/Helsinki"),
            locale="en_US",
        )
        self.stage = stage

    @property
    def calendar(self) -> Calendar:
        return self.account.calendar

    def close(self) -> None:
        self.account.protocol.close()
        Protocol.clear_cache()


@pytest.fixture
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    """exchangelib, acting for Anna; the parameter: the server's release, else Subscription Edition."""
    need_shared()
    made = Stage(getattr(request, "param", "se"))
    with ThreadedServer(made.ews.app) as url:
        found = Library(made, url)
        yield found
        found.close()
    assert CachingProtocol._protocol_cache == {}
