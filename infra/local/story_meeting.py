"""The story's part about a meeting: three mailboxes hold it, and it is one activity (R13 to R16)."""

from __future__ import annotations

from infra.local.cast import Person
from infra.local.story_people import activities_named, columns, events_named, hours, row_of
from infra.local.tale import Tale

SUBJECT, PLACE, OUTSIDE = "Steering group of the harbour", "Meeting room Oak", "olli@customer.example"


async def tell_meeting(tale: Tale) -> None:
    """Anna invites Mika, Kaisa and a customer; then she moves the meeting, and Kaisa declines."""
    tale.screen.chapter("A meeting: Anna invites Mika, Kaisa and a customer, and moves it; Kaisa declines")
    cast, outlook = tale.stage.cast, tale.stage.cast.outlook
    anna, mika, kaisa = cast.everybody
    invited = [mika.mailbox, kaisa.mailbox, OUTSIDE]
    begun = tale.writes()
    # Somebody looks at the organizer's event first: where all three looked at once, two might wait for two minutes.
    async with tale.served("The meeting", mailboxes=[anna]):
        meeting = outlook.invite(anna.mailbox, SUBJECT, *hours(tale, 9, 10), invited)
    async with tale.served("The invitations", mailboxes=[mika, kaisa]):
        pass
    made = [_shown(tale, "Invited")]
    one = _people(tale) == [("Anna", {"Mika", "Kaisa"})] and _mailboxes(tale) == [1, 1, 1]
    before = tale.writes()
    async with tale.served("The organizer's edit", mailboxes=[anna, mika, kaisa]):
        start, end = hours(tale, 9, 13)
        outlook.edit_event(meeting, {"start": start, "end": end, "place": PLACE})
    made.append(_shown(tale, "Moved by Anna"))
    edit, after = tale.writes().since(before), tale.writes()
    moved = [(found.start, found.location) for found in activities_named(tale, SUBJECT)] == [(start, PLACE)]
    async with tale.served("The answer", mailboxes=[kaisa, anna]):
        outlook.decline(_event(tale, meeting, kaisa))
    made.append(_shown(tale, "Declined by Kaisa"))
    answer, untouched = tale.writes().since(after), tale.writes().since(begun).microsoft == 0
    tale.screen.say(f"Invited, too: {OUTSIDE}, who is nobody in Severa.")
    tale.screen.table(columns(tale, "What happened"), made)
    left = _people(tale) == [("Anna", {"Mika"})] and _mailboxes(tale) == [1, 1, 0]
    tale.promise("A meeting is one activity: its organizer owns it, invited colleagues take part", held=one)
    tale.promise("The organizer's edit took one write in Severa", held=moved and tuple(edit) == (1, 0))
    tale.promise(
        "Who declines leaves, and nobody else; no meeting was written to",
        held=left and untouched and answer.severa == 1,
    )


def _shown(tale: Tale, what: str) -> tuple[str, ...]:
    return what, *row_of(tale, activities_named(tale, SUBJECT))[1:]


def _people(tale: Tale) -> list[tuple[str, set[str]]]:
    """Owner and participants of every activity that the meeting is."""
    cast = tale.stage.cast
    names = {person.user.guid: person.name for person in cast.everybody}
    members = cast.severa.people.participants_of
    return [
        (names[one.owner], {names[user.guid] for user in members(one.guid)}) for one in activities_named(tale, SUBJECT)
    ]


def _mailboxes(tale: Tale) -> list[int]:
    return [len(events_named(tale, person, SUBJECT)) for person in tale.stage.cast.everybody]


def _event(tale: Tale, meeting: str, person: Person) -> str:
    found = tale.stage.cast.outlook.event_of_meeting(meeting, person.mailbox)
    if found is None:
        raise LookupError(f"{person.name} was not invited")
    return found.id
