"""One event for each run: why, for whom, what it took, what came of it; one change is followed from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from core.adapters.memory.telemetry import MemoryTelemetry
from core.adapters.telemetry.lines import Lines
from core.errors import RetryLater
from core.model.rows import Due
from core.model.state import MOST_CAUSES
from core.ports_telemetry import UNSAYABLE, followed
from core.usecases.hints import FEEDS, PAIRS, PAIRS_FIRST, PairMessage, hint
from core.usecases.subscriptions import look_at_pair
from core.usecases.work import handle_feed, handle_pair
from functions import poison, queues, timers
from tests.simulators.common.faults import Action, Fault
from tests.support.canaries import Canaries, listening
from tests.support.live_stage import LiveStage
from tests.support.stage import COMPANY, Stage, at, entry, quiet_stage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def told() -> Iterator[MemoryTelemetry]:
    """Where the triggers tell of what they do."""
    telemetry = MemoryTelemetry()
    with patch("core.wiring.telemetry", lambda: telemetry):
        yield telemetry


async def work(running: LiveStage, told: MemoryTelemetry) -> list[dict[str, Any]]:
    """Handle what waits by now, as the trigger does; the events of the runs."""
    before = len(told.of("run"))
    for queue in (PAIRS, PAIRS_FIRST):
        while message := running.stage.storage.queues.take(queue, running.now):
            asked = PairMessage.parse(message)
            with followed(told, "run", parent=asked.trace):
                await look_at_pair(running.live, asked, queue)
    return told.of("run")[before:]


async def run(stage: Stage, told: MemoryTelemetry) -> list[dict[str, Any]]:
    """The same on memory."""
    before = len(told.of("run"))
    for queue in (PAIRS, PAIRS_FIRST):
        while message := stage.storage.queues.take(queue, stage.clock.now()):
            asked = PairMessage.parse(message)
            with followed(told, "run", parent=asked.trace):
                await handle_pair(stage.ports, asked, queue)
    return told.of("run")[before:]


def edit(running: LiveStage, subject: str) -> None:
    """Somebody adds an event to Anna's mailbox."""
    start = running.now + timedelta(days=1)
    box = running.stage.mailboxes["anna"]
    running.stage.graph.people.add_event(box, subject, start, start + timedelta(hours=1))


async def test_one_change_from_its_notification_to_its_write(kept: LiveStage, told: MemoryTelemetry) -> None:
    """Both events are in one trace, and the second says how long the first one's change took to be written."""
    edit(kept, "Lunch")
    await kept.deliver()
    [notification] = told.of("notifications")
    assert notification["told"] == {"ignored": 0, "notifications": 1, "pairs": 1, "sent": 1}
    kept.pass_time(seconds=2)
    [event] = await work(kept, told)
    pair = kept.stage.pair("anna")
    assert (event["company"], event["user"]) == (pair.company, pair.user)
    assert event["parent"] == notification["traceparent"]
    assert event["traceparent"][:36] == notification["traceparent"][:36]
    assert (event["because"], event["links"]) == (["notifications"], [notification["traceparent"]])
    assert (event["why"], event["lane"], event["attempt"], event["outcome"]) == ("hint", "pairs", 0, "done")
    assert (event["written"], event["lease"]) == ({"created_severa": 1}, {"taken": 1})
    assert event["hint_to_start"] == 2
    assert 2 <= event["hint_to_written"] < 10
    assert event["requests"]["graph"] >= 1
    assert event["requests"]["severa"] >= 1
    assert event["asked_seconds"].keys() == event["requests"].keys() & {"graph", "severa"}
    assert event["seconds"] >= 0


async def test_many_notifications_before_one_run(kept: LiveStage, told: MemoryTelemetry) -> None:
    """The run links to the first ones, as many as fit, and counts from the first."""
    for number in range(MOST_CAUSES + 4):
        edit(kept, f"Lunch {number}")
        await kept.deliver()
        kept.pass_time(seconds=1)
    [event] = await work(kept, told)
    first = [one["traceparent"] for one in told.of("notifications")][:MOST_CAUSES]
    assert (event["links"], event["parent"]) == (first, first[0])
    assert event["hint_to_start"] == MOST_CAUSES + 4


async def test_a_run_that_is_put_off(kept: LiveStage, told: MemoryTelemetry) -> None:
    """The later one is in the same trace, and counts from the same hint."""
    edit(kept, "Lunch")
    await kept.deliver()
    kept.stage.graph.faults.add(Fault(Action.STATUS, times=1, status=429, retry_after=30))
    [early] = await work(kept, told)
    assert (early["outcome"], early["code"]) == ("later", "throttled")
    kept.pass_time(seconds=31)
    [late] = await work(kept, told)
    assert (late["outcome"], late["why"], late["attempt"]) == ("done", "later", 1)
    assert (late["parent"], late["links"]) == (early["parent"], early["links"])
    assert late["asked"] == early["asked"]
    assert late["hint_to_written"] >= 31


async def test_a_lease_that_somebody_else_has(told: MemoryTelemetry) -> None:
    """First it is theirs; when it has run out it is taken over."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=4))
    await hint(stage.ports, stage.pair)
    [busy] = await run(stage, told)
    assert (busy["outcome"], busy["lease"]) == ("busy", {"busy": 1})
    stage.clock.advance(timedelta(seconds=6))
    [after] = await run(stage, told)
    assert (after["outcome"], after["lease"], after["attempt"]) == ("done", {"taken_over": 1}, 1)


async def test_a_change_in_severa(told: MemoryTelemetry) -> None:
    """The feed's poll is an event of its own, and the cause of the pair's run."""
    stage = await quiet_stage("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "later"))
    with followed(told, "feed"):
        await handle_feed(stage.ports, COMPANY)
    [feed] = told.of("feed")
    assert (feed["company"], feed["outcome"], feed["code"], feed["passed_on"]) == (COMPANY, "done", "ok", 1)
    [event] = await run(stage, told)
    assert (event["because"], event["parent"]) == (["feed"], feed["traceparent"])
    assert event["written"] == {"updated_microsoft": 1}


async def test_what_is_refused(told: MemoryTelemetry) -> None:
    """By the word of the refusal."""
    stage = await quiet_stage("Bad")
    stage.anna.edit(stage.event("Bad").id, entry("Bad", at(8), "changed"))
    stage.fail("before severa.update", RetryLater("throttled"))
    await hint(stage.ports, stage.pair)
    [event] = await run(stage, told)
    assert event["refused"] == {"throttled": 1}


async def test_a_message_that_another_one_supersedes(told: MemoryTelemetry) -> None:
    """It says so, and nothing else."""
    stage = await quiet_stage("Lunch")
    message = PairMessage(stage.pair, until=1)
    with followed(told, "run"):
        await handle_pair(stage.ports, message, PAIRS)
    [event] = told.of("run")
    assert (event["outcome"], event["code"]) == ("skipped", "superseded")
    assert "lease" not in event


def trigger(builder: Any) -> Callable[..., Awaitable[None]]:
    """The function that the host calls."""
    found: Callable[..., Awaitable[None]] = builder._function.get_user_function()
    return found


class Message:
    """What the host gives a queue trigger."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._body = json.dumps(document).encode()

    def get_body(self) -> bytes:
        """The body."""
        return self._body


async def test_every_trigger_tells_of_itself(kept: LiveStage, told: MemoryTelemetry) -> None:
    """Timers and queues: one event each, with what came of it."""
    pair, ports = kept.stage.pair("anna"), kept.stage.ports

    async def given() -> Any:
        return ports

    async def live() -> Any:
        return kept.live

    await ports.due.put(Due(kept.now, pair.company, pair.user))
    message, company = PairMessage(pair).body(), {"company": pair.company}
    with patch("core.wiring.ports", given), patch("core.wiring.live", live):
        for timer in (timers.sweep_timer, timers.subscriptions_timer, timers.housekeeping_timer):
            await trigger(timer)(None)
        for function in (queues.pairs, queues.pairs_first, poison.pairs_poison, poison.pairs_first_poison):
            await trigger(function)(Message(message))
        await trigger(queues.feeds)(Message(company))
        await trigger(poison.feeds_poison)(Message(company))
    kinds = [event["event"] for event in told.events]
    assert kinds == ["sweep", "subscriptions", "housekeeping", "run", "run", *["poison"] * 2, "feed", "poison"]
    [swept] = told.of("sweep")
    assert swept["due"]["pair"] >= 1
    assert swept["sent"] >= 1
    assert [one["lane"] for one in told.of("poison")] == [PAIRS, PAIRS_FIRST, FEEDS]
    assert {one["company"] for one in told.of("poison")} == {pair.company}
    assert told.of("housekeeping")[0]["finished"] == 1


async def test_a_trigger_that_fails(told: MemoryTelemetry) -> None:
    """The event says how, and the failure goes on to the host."""

    async def nobody() -> Any:
        raise RetryLater("storage_unreachable")

    with patch("core.wiring.ports", nobody), pytest.raises(RetryLater):
        await trigger(timers.sweep_timer)(None)
    [event] = told.of("sweep")
    assert (event["outcome"], event["code"]) == ("failed", "storage_unreachable")


async def test_canaries(kept: LiveStage) -> None:
    """Subjects, texts, addresses and tokens are in both calendars and in what services say; no event holds them."""
    canaries = Canaries()
    edit(kept, canaries.text("subject"))
    start = kept.now + timedelta(days=2)
    kept.stage.graph.people.add_event(
        kept.stage.mailboxes["anna"], "x", start, start + timedelta(hours=1), body=canaries.text("body"),
        attendees=[f"{canaries.word}@example.org"], organizer=f"{canaries.word}@example.org",
    )  # fmt: skip
    with listening() as lines, patch("core.wiring.telemetry", Lines):
        await kept.deliver()
        kept.stage.severa.faults.add(
            Fault(Action.STATUS, "POST", times=1, status=400, body={"message": canaries.text("no")})
        )
        telemetry = Lines()
        while message := kept.stage.storage.queues.take(PAIRS, kept.now):
            with followed(telemetry, "run", parent=str(message["trace"])) as trail:
                trail.say(code=canaries.text("code"), words=[f"{canaries.word}@example.org"])
                trail.count("refused", canaries.text("word"))
                await look_at_pair(kept.live, PairMessage.parse(message), PAIRS)
    canaries.tokens |= {*kept.stage.graph.people._world.bearers}
    events = [line for line in lines if "severa_sync.events" in line]
    assert len(events) >= 2
    assert any(UNSAYABLE in line for line in events)
    assert canaries.found_in(events) == []


# --- what others rely on ----------------------------------------------------------------------------------------------
def asked_for() -> set[tuple[str, str]]:
    """Every (kind, field) of an event that an alert, the runbook or the page about events asks for."""
    alerts = (ROOT / "infra" / "azure" / "modules" / "alerts.bicep").read_text(encoding="utf-8")
    pages = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("runbook.md", "observability.md"))
    text = alerts + pages
    assert set(re.findall(r"""startswith '\{"event":"(\w+)"'""", text)) == {"run"}
    return {("run", name) for name in re.findall(r"\brun\.(\w+)", text)}


async def test_alerts_ask_for_what_runs_tell(kept: LiveStage, told: MemoryTelemetry) -> None:
    """Each field that a query names is in the event of a run, and each event begins as the queries say."""
    edit(kept, "Lunch")
    await kept.deliver()
    with listening() as lines:
        telemetry = Lines()
        while message := kept.stage.storage.queues.take(PAIRS, kept.now):
            with followed(telemetry, "run", parent=str(message["trace"])) as trail:
                await look_at_pair(kept.live, PairMessage.parse(message), PAIRS)
                trail.say(refused={"throttled": 1})
    [line] = [line.partition("INFO ")[2] for line in lines if "severa_sync.events" in line]
    assert line.startswith('{"event":"run"')
    assert {name for _, name in asked_for()} <= json.loads(line).keys()
    assert len(asked_for()) > 5


async def test_the_page_names_every_field(kept: LiveStage, told: MemoryTelemetry) -> None:
    """docs/observability.md: none is missing there, whatever a run tells."""
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    edit(kept, "Lunch")
    await kept.deliver()
    await work(kept, told)
    named = set(re.findall(r"^\| `([\w`, ]+)` \|", page, re.MULTILINE))
    named = {name for group in named for name in re.findall(r"\w+", group)}
    memory_only = {"traceparent"}
    assert {name for event in told.events for name in event} - memory_only <= named
