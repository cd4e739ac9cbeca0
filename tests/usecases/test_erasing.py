"""One user asks what is stored of them, or is erased: all of it goes, calendars and colleagues stay as they are."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import RetryLater
from core.model.claim import Claim
from core.model.consent import ConsentAttempt, Step
from core.model.ids import Pair, Side
from core.model.link import Intent
from core.model.operation import Note, NoteKind
from core.model.rows import Hold, Record
from core.model.subscription import Place, Subscription
from core.ports_live import LivePorts
from core.usecases.erasing import erase_user
from core.usecases.exporting import WITHHELD, export_user
from core.usecases.housekeeping import ROUND
from core.usecases.recorder import LEASE
from infra.operate.one_user import UNCONFIRMED, erase, export
from tests.support.canaries import everything_in_tables
from tests.support.live_stage import live_stage
from tests.support.remote_stage import RemoteStage
from tests.support.stage import ANNA, BERT, COMPANY, MONDAY, Stage, make_stage

HOUR = timedelta(hours=1)
TEN = MONDAY + timedelta(days=1, hours=1)


class NoGraph:
    """Graph, to which only deletions are sent here."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete(self, subscription: str) -> None:
        """Remember it."""
        self.deleted.append(subscription)


def live_of(stage: Stage, graph: NoGraph | None = None) -> LivePorts:
    """What the use cases are given, on memory."""
    storage, asked = stage.storage, graph or NoGraph()
    stores = (storage.directory, storage.attic, storage.consents)
    return LivePorts(stage.ports, storage.subscriptions, lambda _: asked, *stores)  # type: ignore[arg-type,return-value]


async def used() -> Stage:
    """A company in which Anna and Bert left something of every kind."""
    stage = await make_stage()
    storage, pair, bert = stage.storage, stage.pair, Pair(COMPANY, BERT)
    await stage.linked("Lunch", "Dinner")
    await stage.linked("Bert's own", user=BERT)
    for who, subject in ((pair, "Lunch"), (bert, "Bert's own")):
        name, base = f"of {who.user}", await stage.link(subject, who.user)
        intent = Intent(f"intent {name}", who, Side.SEVERA, name, base, stage.clock.now(), stage.clock.now())
        await storage.companies.begin(intent)
        await storage.holds.put(Hold(f"hold-{who.user}", COMPANY, who.user, "delete", "many_deletions", MONDAY, ()))
        await storage.subscriptions.put(COMPANY, Subscription(who.user, f"sub-{who.user}", "t"))
        attempt = ConsentAttempt(name, COMPANY, who.user, "Acme", Step.START, stage.clock.now() + HOUR)
        await storage.consents.put(attempt)
        note = Note(NoteKind.CONFLICT, "conflict", Side.SEVERA, {"text": "private"}, {"text": "public"})
        await storage.history.append(who, [Record(f"line-{who.user}", stage.clock.now(), note)])
    apart = ((ANNA, "2026-12-08"),), ((ANNA, "digest"),), ((ANNA, "2026-12-15"),), (ANNA,)
    await storage.companies.put_claim(COMPANY, Claim("led", "uid", "a", ANNA, (BERT,), ANNA, MONDAY, "", *apart))
    await storage.companies.put_claim(COMPANY, Claim("begun", "uid", "", ANNA, (), ANNA, MONDAY))
    standing = await storage.directory.place(ROUND)
    await storage.directory.put_place(ROUND, Place(COMPANY, ANNA, MONDAY, tag=standing.tag))
    return stage


def mentions(stage: Stage, user: str) -> list[str]:
    """Names of everything in memory that names a user."""
    storage = stage.storage
    stores = (storage.pairs, storage.companies, storage.history, storage.holds, storage.due, storage.consents)
    return [
        f"{type(store).__name__}.{name}"
        for store in (*stores, storage.subscriptions, storage.directory)
        for name, rows in vars(store).items()
        if isinstance(rows, dict) and user in repr(rows)
    ]


async def test_a_user_is_erased() -> None:
    """Nothing in any store names them or their mailbox; what was removed is said in numbers; calendars stay."""
    stage, graph = await used(), NoGraph()
    before = stage.subjects()
    assert mentions(stage, ANNA)
    erasure = await erase_user(live_of(stage, graph), stage.pair)
    assert mentions(stage, ANNA) == mentions(stage, "mailbox-anna") == []
    assert graph.deleted == [f"sub-{ANNA}"]
    kinds = {
        "users",
        "links",
        "activities",
        "claims",
        "mailboxes",
        "intents",
        "subscriptions",
        "holds",
        "history",
        "due",
    }
    assert kinds <= erasure.counts.keys()
    assert (erasure.counts["links"], erasure.counts["claims"], erasure.counts["holds"]) == (2, 2, 1)
    assert stage.subjects() == before


async def test_what_is_somebody_else_s_stays() -> None:
    """Colleagues keep all of theirs, and the say in a common meeting passes on to one."""
    stage = await used()
    bert = Pair(COMPANY, BERT)
    kept = await stage.ports.pairs.links(bert), await stage.history(BERT), await stage.ports.companies.intents(bert)
    await erase_user(live_of(stage), stage.pair)
    assert kept == (
        await stage.ports.pairs.links(bert),
        await stage.history(BERT),
        await stage.ports.companies.intents(bert),
    )
    claim = await stage.ports.companies.claim(COMPANY, "led")
    assert (claim.lead, claim.made_by, claim.attendees, claim.activity) == (BERT, BERT, (), "a")
    assert not (await stage.ports.companies.claim(COMPANY, "begun")).tag
    assert [hold.user for hold in await stage.holds()] == [BERT]
    await stage.settle((BERT,))


async def test_a_second_time() -> None:
    """There is nothing left to be removed."""
    stage = await used()
    await erase_user(live_of(stage), stage.pair)
    assert (await erase_user(live_of(stage), stage.pair)).counts == {}
    assert mentions(stage, ANNA) == []


async def test_while_a_run_is_under_way() -> None:
    """The switch goes off, and nothing is removed under the run's hands."""
    stage = await used()
    now = stage.clock.now()
    assert await stage.ports.pairs.acquire(await stage.head(), now, now + LEASE)
    erasure = await erase_user(live_of(stage), stage.pair)
    assert (erasure.under_way, erasure.counts) == (True, {})
    assert not (await stage.head()).switch.on
    assert await stage.living()


@pytest.mark.parametrize("effect", ["companies.put_claim", "history.forget", "holds.remove", "pairs.forget"])
async def test_an_erasure_is_interrupted(effect: str) -> None:
    """The next call goes on."""
    stage = await used()
    stage.fail(f"after {effect}", RetryLater("storage_unavailable"), times=1)
    with pytest.raises(RetryLater):
        await erase_user(live_of(stage), stage.pair)
    stage.clock.advance(LEASE)
    await erase_user(live_of(stage), stage.pair)
    assert mentions(stage, ANNA) == []


# --- export -----------------------------------------------------------------------------------------------------------
async def test_a_user_s_own_copy() -> None:
    """Everything of every kind, the values of history too; it is JSON."""
    stage = await used()
    document = json.loads(json.dumps(await export_user(live_of(stage), stage.pair, with_values=True)))
    assert (document["user"], document["member"]["on"], len(document["links"])) == (ANNA, True, 2)
    assert document["mailboxes"] == ["mailbox-anna"]
    assert len(document["activities_held"]) == 2
    for kind in ("intents", "holds", "meetings", "history"):
        assert document[kind], kind
    assert document["subscription"]["id"] == f"sub-{ANNA}"
    [line] = [line for line in document["history"] if line["note"]["code"] == "conflict"]
    assert line["note"]["values"] == {"text": "private"}
    assert f"hold-{BERT}" not in json.dumps(document)


async def test_a_copy_for_anybody_else() -> None:
    """It says which fields history keeps, and not what they held."""
    stage = await used()
    document = await export_user(live_of(stage), stage.pair, with_values=False)
    [line] = [line for line in document["history"] if line["note"]["code"] == "conflict"]
    assert (line["note"]["values"], line["note"]["stayed"]) == ({"text": WITHHELD}, {"text": WITHHELD})


async def test_a_long_history() -> None:
    """Page by page, all of it."""
    stage = await make_stage()
    note = Note(NoteKind.REMARK, "discarded", Side.SEVERA)
    lines = [Record(f"line-{number:04}", MONDAY + number * HOUR, note) for number in range(1234)]
    await stage.storage.history.append(stage.pair, lines)
    assert len((await export_user(live_of(stage), stage.pair, with_values=True))["history"]) == 1234


# --- the commands -----------------------------------------------------------------------------------------------------
async def test_the_command_to_erase() -> None:
    """Without its confirmation it removes nothing; with it, it says what went."""
    stage = await used()
    live = live_of(stage)
    assert [line async for line in erase(live, stage.pair, yes=False)] == [UNCONFIRMED]
    assert await stage.living()
    lines = [line async for line in erase(live, stage.pair, yes=True)]
    assert ["links", "2"] in [line.split() for line in lines]
    assert [line async for line in erase(live, stage.pair, yes=True)] == ["Nothing is stored of this user."]


async def test_the_command_to_erase_while_a_run_is_under_way() -> None:
    """It says when to ask again."""
    stage = await used()
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + LEASE)
    [line] = [line async for line in erase(live_of(stage), stage.pair, yes=True)]
    assert "ask again" in line


async def test_the_command_to_export(tmp_path: Path) -> None:
    """On the screen without values; into a new file, that only its writer reads, with them."""
    stage, copy = await used(), tmp_path / "anna.json"
    [shown] = [line async for line in export(live_of(stage), stage.pair, None)]
    assert "private" not in json.dumps(json.loads(shown)["history"])
    said = [line async for line in export(live_of(stage), stage.pair, copy)]
    assert "private" not in "".join(said)
    assert copy.stat().st_mode & 0o077 == 0
    assert "private" in json.dumps(json.loads(copy.read_text())["history"])
    with pytest.raises(FileExistsError):
        [line async for line in export(live_of(stage), stage.pair, copy)]


# --- with the real adapters -------------------------------------------------------------------------------------------
async def test_a_user_is_erased_from_tables(azurite: str) -> None:
    """No row of any table holds their guid, their address or their mailbox; Graph watches it no more."""
    async with live_stage(("anna", "bert"), azurite=azurite) as running:
        stage: RemoteStage = running.stage
        anna, user = stage.pair(), stage.pair().user
        graph, box = stage.graph.people, stage.mailboxes["anna"]
        graph.organize_meeting(box, "Weekly", TEN, TEN + HOUR, attendees=["bert@example.org"])
        graph.add_event(box, "Lunch", TEN + 2 * HOUR, TEN + 3 * HOUR, body="Soup")
        await stage.settle("anna", "bert")
        await running.keep()
        stage.severa.people.remove_activity(stage.severa.people.activities_of(stage.users["anna"])[0].guid)
        await stage.settle("anna", "bert")
        assert len(running.at_graph) == 2
        wanted = (user, "anna@example.org", box.object_id)
        assert any(user in row for row in await everything_in_tables(azurite))
        document = json.loads(json.dumps(await export_user(running.live, anna, with_values=True)))
        assert document["links"]
        shown = [one.immutable_id for one in graph.events_of(box)]

        stage.clock.advance(LEASE)
        erasure = await erase_user(running.live, anna)
        assert not erasure.under_way
        ours = [row for row in await everything_in_tables(azurite) if stage.company in row]
        assert [row for row in ours if any(word in row for word in wanted)] == []
        assert len(running.at_graph) == 1
        assert [one.immutable_id for one in graph.events_of(box)] == shown
        assert await stage.ports.pairs.links(stage.pair("bert"))
        assert stage.graph.mails == []
