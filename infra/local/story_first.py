"""The story's first part: what is in the two calendars, the first sync, and a second run that finds nothing to do."""

from __future__ import annotations

from collections import Counter

from core.model.ids import Side
from core.model.sighting import PRIVATE_CATEGORIES
from core.usecases.hints import note_presence
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.work import ask_for_feed
from infra.local.explain import LeftOut, left_out
from infra.local.tale import Tale
from infra.local.twins import Twin, twins, when

FIRST_SECONDS = 25.0
"""The first sync's time; and half a second more for each entry."""
SHOWN = 14
"""Rows of a table; a larger calendar would only scroll by."""


def tell_file(tale: Tale, name: str) -> None:
    """What was found in the calendar file."""
    file, screen = tale.file, tale.screen
    kinds = Counter(entry.kind for entry in file.entries)
    counted = ", ".join(f"{number} {_plural(kind, number)}" for kind, number in sorted(kinds.items()))
    screen.say(f"Calendar file {name}: {len(file.entries)} entries are now in Anna's mailbox ({counted or 'none'}).")
    if file.dates:
        screen.say(f"Dates of series that are moved, edited or cancelled: {file.dates}.")
    if file.weeks:
        way = "later" if file.weeks > 0 else "earlier"
        screen.say(
            f"It is from another time, so all of it was moved {abs(file.weeks)} whole weeks {way}, to this week."
        )
    if file.far:
        screen.say(f"{file.far} entries further away from today were left aside.")
    for word, items in (("Kept back", file.kept_back), ("Remark", file.remarks)):
        for why, number in Counter(why for why, _ in items).items():
            first = next(subject for reason, subject in items if reason == why)
            screen.say(f"{word}: {number} ({first or 'no subject'}{', ...' if number > 1 else ''}): {why}.")
    planted = tale.planted
    screen.say(
        f"Severa: {len(planted.twins) + len(planted.wanted) + len(planted.unwanted)} activities;"
        f" {len(planted.twins)} of them are events of that mailbox, too."
    )


async def tell_first_sync(tale: Tale) -> None:
    """Both switches go on; the first sync follows by itself."""
    stage, screen = tale.stage, tale.screen
    screen.chapter("The first sync: the administrator switches the company on, Anna switches her own sync on")
    entries = len(tale.events) + len(tale.planted.wanted)
    async with tale.served("The first sync", FIRST_SECONDS + entries / 2):
        await set_company_switch(stage.ports, stage.pair.company, on=True)
        await set_user_switch(stage.ports, stage.pair, on=True)
    linked, alone = await twins(stage), await left_out(stage)
    ways = Counter(way_of(tale, twin) for twin in linked)
    screen.table(
        ("When", "Entry", "What became of it"),
        [(when(twin.event), twin.event.subject, way_of(tale, twin)) for twin in linked[:SHOWN]],
    )
    if len(linked) > SHOWN:
        screen.say(f"... and {len(linked) - SHOWN} more")
    screen.say(" · ".join(f"{way}: {number}" for way, number in sorted(ways.items())) + f" · left out: {len(alone)}")
    reasons = Counter((one.side.value, one.words) for one in alone)
    names = {key: next(o.subject for o in alone if (o.side.value, o.words) == key) for key in reasons}
    screen.table(
        ("Left out in", "How many", "Such as", "Why"),
        [(side, str(number), names[side, why], why) for (side, why), number in sorted(reasons.items())],
    )
    _check_first_sync(tale, linked, alone, ways)


def way_of(tale: Tale, twin: Twin) -> str:
    """How the two came together."""
    if twin.link.event not in tale.events:
        return "created in Microsoft"
    planted = {activity.guid for activity in tale.planted.twins}
    return "matched" if twin.link.activity in planted else "created in Severa"


def _check_first_sync(tale: Tale, linked: list[Twin], alone: list[LeftOut], ways: Counter[str]) -> None:
    cast, planted = tale.stage.cast, tale.planted
    events = cast.outlook.events_of(cast.anna.mailbox)
    activities = cast.severa.people.activities_of(cast.anna.user)
    by_side = Counter(one.side for one in alone)
    tale.promise("What both calendars held already was matched", held=ways["matched"] == len(planted.twins))
    tale.promise(
        "Nothing is doubled or lost: every entry has one twin, or a reason for having none",
        held=len(linked) + by_side[Side.MICROSOFT] == len(events)
        and len(linked) + by_side[Side.SEVERA] == len(activities)
        and len({twin.link.event for twin in linked}) == len({twin.link.activity for twin in linked}) == len(linked)
        and all(one.reason for one in alone),
    )
    wanted = {activity.guid for activity in planted.wanted} <= {twin.link.activity for twin in linked}
    stayed = {activity.guid for activity in planted.unwanted} & {twin.link.activity for twin in linked}
    tale.promise(
        "Ticked types went to Microsoft; a project task and an unticked type did not", held=wanted and not stayed
    )
    private = [twin for twin in linked if twin.event.sensitivity != "normal" or twin.category in PRIVATE_CATEGORIES]
    out = [twin.event.show_as for twin in linked if twin.category == "Absences"]
    tale.promise(
        "Private stays private on both sides, and an absence shows as out of office",
        held=bool(private) and not any("privacy" in twin.difference for twin in private) and set(out) == {"oof"},
    )


async def tell_second_run(tale: Tale) -> None:
    """Everything is looked at again: the mailbox, and Severa's feed."""
    tale.screen.chapter("A second run: Anna navigates in Severa, and the feed tells of everything once more")
    stage, before, asked = tale.stage, tale.writes(), tale.requests()
    async with tale.served("The poll of Severa's feed", by=frozenset({"feeds"})):
        await stage.host.fire("sweep")
        await ask_for_feed(stage.ports, stage.pair.company)
    async with tale.served("The second run"):
        await note_presence(stage.ports, stage.pair)
    severa, graph = (now - then for now, then in zip(tale.requests(), asked, strict=True))
    wrote = tale.writes().since(before)
    tale.screen.say(f"Requests: {severa} to Severa, {graph} to Microsoft; writes: {sum(wrote)}.")
    tale.promise("It settles: a second run writes nothing, on either side", held=sum(wrote) == 0)


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 or kind in ("series", "cancelled") else f"{kind}s" if kind != "single" else "single ones"
