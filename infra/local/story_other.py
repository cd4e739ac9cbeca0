"""The story's part about another company, whose mailboxes are on an Exchange Server of its own."""

from __future__ import annotations

from datetime import timedelta

from core.usecases.switches import set_company_switch
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.story_exchange import tell_connecting
from infra.local.story_people import hours
from infra.local.tale import Scene
from infra.local.twins import Twin, twins, when

BOTH, THERE, HERE = "Boat inspection", "Order the sails", "Visit of the harbour master"
PIER = "Pier 7"


async def tell_other_company(tale: Scene) -> None:
    """It is connected, synchronized for the first time, and edited on both sides."""
    other = tale.stage.other
    if other is None or not isinstance(other.outlook, ExchangeOutlook):
        return
    scene = Scene(tale.stage.about(other), tale.screen, promises=tale.promises)
    sanna = other.anna
    scene.screen.chapter(f"Another company, on {other.outlook.name}: {other.company.name}, where {sanna.name} works")
    await tell_connecting(scene)
    await _first_sync(scene)
    await _edits(scene)
    linked = await twins(scene.stage)
    scene.screen.table(
        ("When", "Severa", other.outlook.name),
        [(when(twin.event), f"{twin.activity.name} · {twin.type_name}", _event(twin)) for twin in linked],
    )
    mails = other.outlook.mails() + len(other.severa.mails)
    scene.screen.say(f"Requests to {other.outlook.name}: {len(other.outlook.requests())}. Mails: {mails}.")
    scene.promise(
        f"Both of {sanna.name}'s calendars hold the same, and nobody was mailed",
        held=len(linked) == 3 and not any(twin.difference for twin in linked) and mails == 0,
    )


async def _first_sync(scene: Scene) -> None:
    stage, cast, sanna = scene.stage, scene.stage.cast, scene.stage.cast.anna
    people = cast.severa.people
    cast.outlook.add_event(sanna.mailbox, BOTH, *hours(scene, 1, 9), {})
    cast.outlook.add_event(sanna.mailbox, HERE, *hours(scene, 2, 13), {"sensitivity": "private"})
    people.add_activity(sanna.user, BOTH, *hours(scene, 1, 9))
    people.add_activity(sanna.user, THERE, *hours(scene, 3, 10))
    async with scene.served("The other company's first sync"):
        await set_company_switch(stage.ports, stage.pair.company, on=True)
        await stage.front_end(sanna).switch_on()
    events, activities = cast.outlook.events_of(sanna.mailbox), people.activities_of(sanna.user)
    scene.promise(
        "Its first sync matched what both sides held, and doubled nothing",
        held=len(events) == len(activities) == len(await twins(stage)) == 3,
    )


async def _edits(scene: Scene) -> None:
    cast, sanna, before = scene.stage.cast, scene.stage.cast.anna, scene.writes()
    found = {twin.activity.name: twin for twin in await twins(scene.stage)}
    moved, noted, hour = found[THERE], found[BOTH], timedelta(hours=1)
    async with scene.served("The other company's edits", notified=True):
        start, end = moved.event.start + hour, moved.event.end + hour
        cast.outlook.edit_event(moved.link.event, {"start": start, "end": end})
        cast.severa.people.edit_activity(noted.link.activity, location=PIER)
        await scene.stage.front_end(sanna).activity_changed(noted.link.activity)
    after = {twin.activity.name: twin for twin in await twins(scene.stage)}
    scene.screen.say(
        f"{THERE!r} was moved in Outlook, to {when(after[THERE].activity)}; {BOTH!r} got a place in Severa,"
        f" {after[BOTH].event.place!r}. {sanna.name} navigated in Severa, so the mailbox was asked."
    )
    arrived = after[THERE].activity.start == start and after[BOTH].event.place == PIER
    wrote = scene.writes().since(before)
    scene.promise("An edit each way arrived by polling, by one write each", held=arrived and tuple(wrote) == (1, 1))


def _event(twin: Twin) -> str:
    private = twin.event.sensitivity != "normal"
    return f"{twin.event.subject} · {twin.event.sensitivity}" if private else twin.event.subject
