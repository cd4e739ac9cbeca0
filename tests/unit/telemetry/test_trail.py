"""What can be said of a run, what cannot, and where it is said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.memory.telemetry import MemoryTelemetry
from core.model.state import MOST_CAUSES, Hint
from core.ports_telemetry import UNSAYABLE, Trail, asking, current, followed, joined

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Lunch with Anna", "anna@example.org", "a\nb", "é", "x" * 161, '{"a"}', "a/b?c"])
def test_what_cannot_be_said(text: str) -> None:
    """Nothing that a subject, an address, a link or a token of any length would be made of gets into an event."""
    trail = Trail("run")
    trail.say(one=text, many=[text, "ok"], counted={text: 1})
    trail.count("more", text)
    trail.causes = (f"{text.replace(' ', '')}é 00-a", "feed 00-b")
    event = trail.event(0)
    assert (event["one"], event["many"], event["counted"]) == (UNSAYABLE, [UNSAYABLE, "ok"], {UNSAYABLE: 1})
    assert event["more"] == {UNSAYABLE: 1}
    assert event["because"] == sorted(["feed", UNSAYABLE])


def test_what_is_said_every_day() -> None:
    """Guids, codes, instants, lanes, places in a trace."""
    for text in ("11111111-1111-4111-8111-111111111111", "pairs-first", NOON.isoformat(), "rate:severa", ""):
        trail = Trail("run")
        trail.say(x=text)
        assert trail.event(0)["x"] == text


def test_hints_that_several_rounds_take_along() -> None:
    """It counts from the first, and names each cause once, as many as fit."""
    trail = Trail("run")
    trail.wrote(NOON)
    assert "hint_to_written" not in trail.event(0)
    trail.serves(Hint(asked=NOON, causes=("feed a", "sweep b")), NOON + timedelta(seconds=2))
    trail.serves(Hint(asked=NOON + timedelta(seconds=1), causes=("feed a", "notifications c")), NOON)
    trail.serves(Hint(), NOON)
    trail.wrote(NOON + timedelta(seconds=5))
    event = trail.event(1.23456)
    assert (event["asked"], event["hint_to_written"], event["seconds"]) == (NOON.isoformat(), 5, 1.235)
    assert (event["because"], event["links"]) == (["feed", "notifications", "sweep"], ["a", "b", "c"])
    assert joined(tuple("abcdefgh"), "x") == tuple("abcdefgh")
    assert len(joined((), map(str, range(50)))) == MOST_CAUSES


async def test_a_run_and_its_tasks() -> None:
    """Tasks that it starts count for it; what goes on beside it does not; outside nobody listens."""
    told = MemoryTelemetry()

    async def ask(service: str) -> None:
        with asking(service):
            await asyncio.sleep(0)

    async def one(service: str) -> None:
        with followed(told, "run"):
            await asyncio.gather(ask(service), ask(service))

    await asyncio.gather(one("graph"), one("severa"), ask("nobody"))
    assert sorted(str(event["requests"]) for event in told.events) == ["{'graph': 2}", "{'severa': 2}"]
    assert (current().cause, current().event(0)) == ("", {"event": "", "seconds": 0})


async def test_a_run_inside_of_another() -> None:
    """Each has its own trail, and afterwards the outer one is there again."""
    told = MemoryTelemetry()
    with followed(told, "call", word="presence") as outer:
        with followed(told, "run", parent=outer.traceparent) as inner:
            assert current() is inner
        assert current() is outer
        assert outer.cause == f"presence {outer.traceparent}"
    assert [event["event"] for event in told.events] == ["run", "call"]


async def test_a_request_that_fails() -> None:
    """It counts, and the event says how the run ended."""
    told = MemoryTelemetry()
    with pytest.raises(ValueError, match="secret"), followed(told, "run"), asking("graph"):
        raise ValueError("a secret")
    [event] = told.events
    assert (event["outcome"], event["code"], event["requests"]) == ("failed", "ValueError", {"graph": 1})
