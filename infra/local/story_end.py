"""The story's end: both calendars side by side, what it cost, and that nobody was mailed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from infra.local.explain import left_out
from infra.local.outlook import Event
from infra.local.outlook_graph import GraphOutlook
from infra.local.tale import Tale
from infra.local.twins import living, twins, when

SHOWN = 24


async def tell_calendars(tale: Tale) -> None:
    """Both calendars, entry by entry."""
    tale.screen.chapter("Both calendars, side by side (Anna's time; what has no twin stays on its own side)")
    cast, linked, alone = tale.stage.cast, await twins(tale.stage), await left_out(tale.stage)
    paired = {twin.link.event for twin in linked} | {twin.link.activity for twin in linked}
    rows = [
        *(
            (twin.activity.start, when(twin.event), f"{twin.activity.name} · {twin.type_name}", _event(twin.event))
            for twin in linked
        ),
        *(
            (event.start, when(event), "-", _event(event))
            for event in cast.outlook.events_of(cast.anna.mailbox)
            if event.id not in paired
        ),
        *(
            (activity.start, when(activity), activity.name, "-")
            for activity in cast.severa.people.activities_of(cast.anna.user)
            if activity.guid not in paired
        ),
    ]
    rows.sort()
    middle = min(range(len(rows)), key=lambda i: abs(rows[i][0] - tale.stage.now()), default=0)
    first = max(0, min(middle - SHOWN // 2, len(rows) - SHOWN))
    tale.screen.table(("When", "Severa", "Microsoft"), [row[1:] for row in rows[first : first + SHOWN]])
    if len(rows) > SHOWN:
        tale.screen.say(f"... and {len(rows) - SHOWN} more")
    different = [f"{twin.event.subject}: {twin.difference}" for twin in linked if twin.difference]
    for sentence in different[:5]:
        tale.screen.say(f"They differ in {sentence}")
    whole = bool(linked) and len(linked) == len(await living(tale.stage))
    tale.promise(f"Both sides hold the same in all {len(linked)} linked entries", held=whole and not different)
    tale.promise("Whatever has no twin has a reason", held=all(one.reason for one in alone))


async def tell_cost(tale: Tale) -> None:
    """Requests, mails, failures."""
    tale.screen.chapter("What it cost")
    cast = tale.stage.cast
    manner = cast.outlook.manner
    _count(tale, "Severa", ("GET", "POST", "PATCH", "DELETE"), [one.method for one in cast.severa.requests.entries])
    _count(tale, manner.name, manner.methods, cast.outlook.requests())
    if isinstance(cast.outlook, GraphOutlook):
        tale.screen.say(f"Tokens of Entra: {len(cast.outlook.simulator.entra_requests.entries)}.")
    mails = cast.outlook.mails() + len(cast.severa.mails)
    failed = sum(counter.failures for counter in tale.stage.host.counters.values())
    runs = sum(counter.runs for name, counter in tale.stage.host.counters.items() if name.startswith("pairs"))
    tale.screen.say(f"Runs of the pair: {runs}. Mails sent by the two services because of us: {mails}.")
    tale.promise("Nobody was mailed", held=mails == 0)
    tale.promise("No function failed, no message was given up", held=failed == 0)


def _count(tale: Tale, name: str, methods: Sequence[str], requests: list[str]) -> None:
    found = Counter(requests)
    counted = [str(found.pop(method, 0)) for method in methods]
    row = name, *counted, str(found.total()), str(len(requests))
    tale.screen.table(("Service", *methods, "others", "all"), [row])


def _event(event: Event) -> str:
    return f"{event.subject} · {event.sensitivity}" if event.sensitivity != "normal" else event.subject
