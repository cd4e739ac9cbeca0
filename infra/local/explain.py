"""Which entries the service leaves out, and why: asked of its own rules, on what the two services answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.ids import Side
from core.model.policy import NEWCOMER_AGE
from core.model.sighting import Event, Shape
from core.model.when import Window
from core.sync.eligible import activity_not_sent, event_left_out
from core.usecases.binding import as_user, zone_of
from core.usecases.policy import build_policy
from core.usecases.settings import read_settings
from core.usecases.words import words
from core.usecases.world import AHEAD
from infra.local.outlook import Event as StoredEvent
from infra.local.stage import Stage


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One entry that has no twin on the other side. `reason` is the service's own code, empty where it has none."""

    side: Side
    subject: str
    reason: str

    @property
    def words(self) -> str:
        """The reason in words."""
        return words(self.reason).sentence if self.reason else "No rule says why."


async def left_out(stage: Stage) -> list[LeftOut]:
    """Every entry without a link. The requests of this question are taken out of the simulators' count again."""
    asked = len(stage.cast.severa.requests.entries), len(stage.cast.outlook.requests())
    found = await _ask(stage)
    del stage.cast.severa.requests.entries[asked[0] :]
    stage.cast.outlook.uncount(asked[1])
    return found


async def _ask(stage: Stage) -> list[LeftOut]:
    ports, pair, now = stage.ports, stage.pair, stage.now()
    settings, _ = await read_settings(ports, pair.company)
    state = (await ports.pairs.head(pair)).state
    links = await ports.pairs.links(pair)
    severa = await ports.gateways.severa(pair.company, settings)
    microsoft = await ports.gateways.microsoft(pair.company, settings)
    policy = build_policy(pair, settings, state, await severa.activity_types(), now)
    window = Window(now - NEWCOMER_AGE, now + AHEAD)
    known = {link.activity for link in links} | {link.event for link in links}
    activities = (await severa.calendar(as_user(pair, state), zone_of(state, settings)).view(window)).sightings
    events: dict[str, Event] = {}
    async for page in microsoft.calendar(state.mailbox).changes(None, window):
        events |= {event.id: event for event in page.sightings}
    shown = known | set(events)
    stored = [e for e in stage.cast.outlook.events_of(stage.cast.anna.mailbox) if e.id not in shown]
    return [
        *(
            LeftOut(Side.SEVERA, activity.essence.subject, activity_not_sent(activity, policy))
            for activity in activities
            if activity.id not in known
        ),
        *(
            LeftOut(Side.MICROSOFT, event.essence.subject, event_left_out(event, policy))
            for event in events.values()
            if event.id not in known and event.shape in (Shape.SINGLE, Shape.SERIES)  # a date of a series goes with it
        ),
        *(LeftOut(Side.MICROSOFT, event.subject, _unread(event, window)) for event in stored),
    ]


def _unread(event: StoredEvent, window: Window) -> str:
    """Why an event did not show in the window that the service reads; what comes later it has looked for (R7)."""
    begins = event.end <= window.start if not event.recurs else event.start < window.end
    return "too_old" if begins else ""


def health_words(code: str) -> str:
    """What a pair's health code means, and what to do about it."""
    told = words(code)
    return f"{told.sentence} {told.remedy}".strip()
