"""Subjects, texts, addresses, passwords, tokens: planted everywhere, never to be seen where others look.

Real adapters, the simulators behind them, state in Azurite, the HTTP interface in front (design.md section 9).
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.identity.aio import ManagedIdentityCredential

from core.adapters.identity.credentials import SecretCredential
from core.adapters.kept_secrets import KeptSecrets
from core.adapters.quiet import hush
from core.adapters.storage.tables import How, Write
from core.adapters.vault.key_vault import KeyVaultSecrets
from core.errors import SyncError
from core.ports_consent import ConsentPorts
from core.usecases.hints import note_activity_changed, note_presence
from core.wiring import Entrance
from functions.calls.table import CALLS
from infra.local.host import LocalHost
from infra.local.issuer import Issuer
from tests.contract.secrets.entra import entra_stage
from tests.contract.stores.samples import a_company
from tests.functions.http.desk import HOST_JSON, ORIGIN, Untold, callers, http_app
from tests.simulators.common.faults import Action, Fault
from tests.support.azure_stage import azure_stage
from tests.support.canaries import Canaries, RecordedQueues, everything_in_tables, listening, readings
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import LONG_AGO, MONDAY

MANY = 12
"""Deletions that the guard holds."""


OWN = ("readhistory", "preview")
"""Calls that show users their own values and subjects (design.md section 8)."""


@dataclass(slots=True)
class Cage:
    """A company full of canaries, its interface, and what came out of it."""

    stage: RemoteStage
    canaries: Canaries
    azurite: str
    url: str
    issuer: Issuer
    queues: RecordedQueues
    http: httpx.AsyncClient
    names: tuple[str, str]
    answers: list[str] = field(default_factory=list)

    def token(self) -> str:
        """An administrator's; it is a canary too."""
        made = self.issuer.token(self.stage.company, self.stage.pair(self.names[0]).user, admin=True)
        self.canaries.tokens.add(made)
        return made

    async def ask(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        """One request, whose answer is kept."""
        headers = {"Authorization": f"Bearer {token}", "If-Match": "*", **more.pop("headers", {})}
        answer = await self.http.request(method, f"{self.url}/{path}", headers=headers, **more)
        self.answers.append(f"{method} {answer.status_code} {answer.headers} {answer.text}")
        return answer

    def collect_tokens(self) -> None:
        """What the two services issued by now."""
        authority = self.stage.severa._authority
        self.canaries.tokens |= {*authority._access, *authority._refresh, *self.stage.graph.people._world.bearers}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer of bearer tokens."""
    with Issuer() as running:
        yield running


@asynccontextmanager
async def a_cage(azurite: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cage]:
    """The addresses of its users and Severa's secret are canaries from the start."""
    canaries = Canaries()
    names = (f"{canaries.word}-anna", f"{canaries.word}-bert")
    async with remote_stage(azurite, names) as stage, httpx.AsyncClient() as http:
        stage.severa_company = stage.severa.people.replace_secret(stage.severa_company, canaries.text("severa secret"))
        queues = RecordedQueues(stage.ports.queues)
        stage.ports = replace(stage.ports, queues=queues)
        storage = stage.storage
        consents = ConsentPorts(
            stage.ports, storage.consents, Untold(), Untold(), Untold(), frozenset({ORIGIN}), "https://sync.example"
        )
        secrets = KeptSecrets(storage.secrets, {}, stage.clock)
        entrance = Entrance(
            stage.ports, callers(issuer), (ORIGIN,), secrets, storage.consents, secrets, lambda: consents, "our-app"
        )

        async def given() -> Entrance:
            return entrance

        monkeypatch.setattr("core.wiring.entrance", given)
        async with LocalHost(http_app(), host_json=HOST_JSON, settings={}) as host:
            yield Cage(stage, canaries, azurite, host.base_url, issuer, queues, http, names)


def moment(hour: int, day: int = 1) -> datetime:
    """An hour of a day after the stage's Monday (UTC)."""
    return MONDAY.replace(hour=0) + timedelta(days=day, hours=hour)


async def live(cage: Cage) -> None:
    """People write canaries into both calendars; conflicts, deletions, holds, refusals and outages come of it."""
    stage, text, (anna, bert) = cage.stage, cage.canaries.text, cage.names
    severa, graph = stage.severa.people, stage.graph.people
    for who in cage.names:
        box, user = stage.mailboxes[who], stage.users[who]
        severa.add_activity(
            user, text("name"), moment(8), moment(9), notes=text("notes\nof two lines"), location=text("place")
        )
        graph.add_event(box, text("event"), moment(10), moment(11), body=text("body"), location=text("room"))
    box, address = stage.mailboxes[anna], f"{cage.canaries.word}@example.org"
    graph.add_event(box, text("private"), moment(12), moment(13), sensitivity="private")
    graph.add_event(box, text("meeting"), moment(14), moment(15), attendees=[address], organizer=address)
    many = [graph.add_event(box, text(f"{n}"), moment(n, 2), moment(n + 1, 2)) for n in range(MANY)]
    await stage.settle(anna, bert)
    await _conflict(cage)
    stage.clock.advance(timedelta(minutes=30))
    for event in many:
        graph.delete_event(event)
    await stage.run(anna)
    assert await stage.storage.holds.of_company(stage.company)
    await _refusals(cage)


async def _conflict(cage: Cage) -> None:
    """Both sides edit one subject and one text; one value is lost, and kept in history. An activity goes."""
    stage, text, (anna, bert) = cage.stage, cage.canaries.text, cage.names
    [event] = [e for e in stage.mailboxes[anna].items().values() if e.subject == text("event")]
    [mine] = [a for a in stage.severa.people.activities_of(stage.users[anna]) if a.name == text("event")]
    stage.severa.people.edit_activity(mine.guid, name=text("edited in Severa"), notes=text("lost or not"))
    stage.clock.advance(timedelta(minutes=2))
    stage.graph.people.edit_event(event.immutable_id, subject=text("edited in Microsoft"), body=text("or the other"))
    [gone] = [a for a in stage.severa.people.activities_of(stage.users[bert]) if a.name == text("name")]
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.people.remove_activity(gone.guid)
    await note_activity_changed(stage.ports, stage.company, stage.pair(bert).user, gone.guid)
    await stage.settle(anna, bert)


async def _refusals(cage: Cage) -> None:
    """Both services refuse, fail, and answer rubbish, each with canaries in what they say."""
    stage, text, anna = cage.stage, cage.canaries.text, cage.names[0]
    said = {"error": {"code": "ErrorInvalid", "message": text("refusal"), "type": text("x"), "details": [text("y")]}}
    rubbish = [{"guid": "g", "name": text("rubbish"), "startDateTime": text("when")}]
    page = {"value": [{"id": text("id"), "subject": text("rubbish"), "start": {"dateTime": text("when")}}]}
    for number, (status, graph_body, severa_body) in enumerate(
        [(400, said, said), (403, said, said), (500, said, text("<html>")), (200, page, rubbish), (200, text("{"), "[")]
    ):
        start = moment(4 + 2 * number, 5)
        stage.severa.people.add_activity(stage.users[anna], text(f"a{number}"), start, start + timedelta(hours=1))
        later = start + timedelta(hours=1)
        stage.graph.people.add_event(stage.mailboxes[anna], text(f"e{number}"), later, later + timedelta(hours=1))
        for method in ("POST", "PATCH", "GET"):
            stage.graph.faults.add(Fault(Action.STATUS, method, times=3, status=status, body=graph_body))
            stage.severa.faults.add(
                Fault(Action.STATUS, method, "/v1/(activities|users)", times=3, status=status, body=severa_body)
            )
        for _ in range(3):
            await stage.poll()
            await stage.run(anna)
            stage.clock.advance(timedelta(minutes=16))
        stage.graph.faults.clear()
        stage.severa.faults.clear()


async def call_everything(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call, with canaries wherever a caller can put them; an unknown field's bare name alone comes back."""
    word, token = cage.canaries.word, cage.token()
    shown = (await cage.ask("GET", "settings", token)).json()
    good = {name: shown[name] for name in shown if name in await _writable(cage)}
    secrets = {"severa_client_secret": cage.canaries.text("new secret"), "password": cage.canaries.text("password")}
    assert (await cage.ask("PUT", "settings", token, json=good | secrets)).status_code == 200
    bodies: list[dict[str, Any]] = [
        {"content": f"{{not json {word}".encode(), "headers": {"Content-Type": "application/json"}},
        {"content": word.encode(), "headers": {"Content-Type": "text/plain"}},
        {"json": {cage.canaries.text("field"): word}},
        {"json": good | secrets | {"time_zone": word, "default_type": f"{word} "}},
        {"json": {"on": word, "enabled": word, "company_name": word * 100}},
    ]
    for name, call in CALLS.items():
        path = re.sub(r"\{\w+\}", word, call.path)
        await cage.ask(call.method, path, f"{word}.{word}.{word}")
        if name not in {"removecompany", *OWN}:
            await cage.ask(call.method, f"{path}?{word}%20x={word}&after={word}&release={word}&limit={word}", token)
        for body in bodies if call.body else ():
            await cage.ask(call.method, path, token, **body)
    await cage.ask("POST", "settings/consent", token, json={"company_name": cage.canaries.text("company")})
    await _read_own(cage, token)

    async def fails(*_: object) -> None:
        raise RuntimeError(cage.canaries.text("in a failure"))

    with monkeypatch.context() as patch:
        patch.setattr("functions.calls.me.note_presence", fails)
        assert (await cage.ask("POST", "presence", token)).status_code == 500


async def _read_own(cage: Cage, token: str) -> None:
    """What is a user's own shows to that user, and is kept apart from what everybody else is answered."""
    kept = len(cage.answers)
    for name in OWN:
        answer = await cage.ask("GET", CALLS[name].path, token)
        assert answer.status_code == 200
        assert name == "preview" or cage.canaries.word in answer.text
    del cage.answers[kept:]


async def _writable(cage: Cage) -> set[str]:
    contract = (await cage.ask("GET", "openapi.json", cage.token())).json()
    return set(contract["components"]["schemas"]["SettingsIn"]["properties"])


async def test_a_company_full_of_canaries(azurite: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No log, no answer to a caller, no message of a queue and no plain property of a table holds one of them."""
    hush()
    with listening() as lines:
        async with a_cage(azurite, issuer, monkeypatch) as cage:
            await live(cage)
            await note_presence(cage.stage.ports, cage.stage.pair(cage.names[0]))
            await call_everything(cage, monkeypatch)
            cage.collect_tokens()
            await they_are_there(cage)
            rows = await everything_in_tables(azurite)
            gone = await cage.ask("DELETE", "company?copies=remove", cage.token())
            assert gone.status_code == 200
            canaries, company = cage.canaries, cage.stage.company
    assert canaries.found_in(rows) == []
    assert canaries.found_in(cage.queues.sent) == []
    assert canaries.found_in(cage.answers) == []
    assert canaries.found_in(lines) == []
    assert any("was refused" in line for line in lines)
    assert any("left out an activity" in line for line in lines)
    assert any("presence failed: RuntimeError" in line for line in lines)
    assert any(company in row for row in rows)
    assert any(company in message for message in cage.queues.sent)


async def they_are_there(cage: Cage) -> None:
    """The canaries are where they belong, so that finding none elsewhere says something."""
    stage, word = cage.stage, cage.canaries.word
    for who in cage.names:
        assert any(word in event.subject for event in stage.mailboxes[who].items().values())
        assert any(word in activity.name for activity in stage.severa.people.activities_of(stage.users[who]))
    lines = await stage.storage.history.read(stage.pair(cage.names[0]), LONG_AGO, 1000)
    assert any(word in text for line in lines for text in line.note.values.values())
    assert word in (await stage.storage.secrets.secret(stage.company, "EXCHANGE_PASSWORD") or "")
    assert len(cage.canaries.tokens) > 4
    assert await stage.storage.holds.of_company(stage.company)


async def test_the_search_finds_what_is_there(azurite: str) -> None:
    """Plain, compressed, in base64 or in JSON: a search that found nothing would prove nothing."""
    canaries, company = Canaries(), a_company()
    async with remote_stage(azurite) as stage:
        table = stage.storage.holds._table
        for number, value in enumerate([canaries.text("a"), canaries.word.upper(), canaries.text("b").encode()]):
            row = {"PartitionKey": company, "RowKey": str(number), "value": value}
            await table.write(Write(row, How.REPLACE))
        found = canaries.found_in(await everything_in_tables(azurite))
        await stage.storage.holds.forget(company)
    assert len({row.split(":")[0] for row in found}) == 1
    assert len(found) >= 3
    text = canaries.text("ä")
    for form in (
        zlib.compress(text.encode()),
        base64.b64encode(text.encode()),
        json.dumps({"x": text}),
        text.encode("utf-16-le"),
    ):
        assert canaries.found_in(readings(form))
    canaries.tokens.add("Token.Of.Somebody")
    assert canaries.found_in(["Bearer Token.Of.Somebody"])


async def test_secrets_that_are_refused(tmp_path: Path) -> None:
    """Neither Microsoft's libraries nor we tell them when the vault or Entra says no."""
    hush()
    canaries, company = Canaries(), a_company()
    told: list[str] = []
    with listening() as lines:
        async with azure_stage(_folder(tmp_path, "a")) as azure, entra_stage(_folder(tmp_path, "e")) as entra:
            identity = ManagedIdentityCredential(client_id=azure.identity.client_id)
            store = KeyVaultSecrets(azure.url, identity, azure.ca_file)
            await store.put_secret(company, "EXCHANGE_PASSWORD", canaries.text("stored"))
            assert await store.secret(company, "EXCHANGE_PASSWORD") == canaries.text("stored")
            azure.vault.faults.add(Fault(Action.STATUS, times=4, status=500, body=canaries.text("told by the vault")))
            told += await _refused(store.put_secret(company, "EXCHANGE_PASSWORD", canaries.text("new")))
            azure.vault.refuse(azure.identity.principal)
            told += await _refused(store.put_secret(company, "EXCHANGE_PASSWORD", canaries.text("newer")))
            told += await _refused(entra.process(SecretCredential(canaries.text("app secret"))).token())
            azure.identities.faults.add(Fault(Action.STATUS, times=4, status=400, body=canaries.text("no token")))
            await store.aclose()
    assert len(told) == 6
    assert canaries.found_in(told) == []
    assert canaries.found_in(lines) == []


def _folder(parent: Path, name: str) -> Path:
    """Each of them makes an authority of its own."""
    folder = parent / name
    folder.mkdir()
    return folder


async def _refused(call: Any) -> list[str]:
    with pytest.raises(SyncError) as caught:
        await call
    return [str(caught.value), repr(caught.value)]
