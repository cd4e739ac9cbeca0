"""What must hold when the troubles are over and everything has settled (design.md section 1, promises 1 to 5).

Both calendars are compared as people see them, by rules written down here once more, without the engine's own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.policy import PrivateWithoutPersonal
from tests.simulation.dates import crosses, ended, is_series, off, rule_of, takes_place
from tests.simulation.exchange_checks import mailed_by_servers, untold
from tests.simulation.meeting_checks import as_said
from tests.simulation.seen import WORD, Shown
from tests.simulation.stage import Person, Stage
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity

_SERIES = re.compile(r"series (\S+) .* (\S+) (\d\d:\d\d:\d\d\*? \+\d+|all-day \d+)")
"""How history spells the time of a series."""


def pending(stage: Stage) -> list[str]:
    """What waits for its turn, but not what waits for a person."""
    rows = []
    for person in stage.people:
        held, refused = stage.storage.pairs._of(person.pair), untold(stage, person)
        waiting = [r for r in held.pending.values() if not r.hold and r.id not in refused]
        rows += [f"{person.name} {r.side} {r.id[-6:]}" for r in waiting]
    return rows


async def check_everything(stage: Stage) -> None:
    """Tell the stage of each broken promise."""
    _nobody_mailed(stage)
    _one_activity_each(stage)
    for person in stage.people:
        view = View(stage, person)
        _both_agree(view)
        await _nothing_lost(view)
        _nothing_doubled(view)
        _nothing_came_back(view)
        _private_stays_private(view)
        _only_ones_own(view)


class View:
    """One person's two calendars in the end, and what is exempt from agreement."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage, self.person = stage, person
        self.events = [event for event in stage.events(person) if not event.is_cancelled]
        self.activities = stage.activities(person)
        self.shown: dict[str, Shown] = {}
        for event in self.events:
            self.shown[event.immutable_id] = as_said(stage, person, event, stage.shown(person, event))
        for activity in self.activities:
            self.shown[activity.guid] = stage.shown(person, activity)
        self.by_id: dict[str, Event | Activity] = {e.immutable_id: e for e in self.events}
        self.by_id |= {a.guid: a for a in self.activities}
        self.links = [link for link in stage.links(person) if link.state is not LinkState.DEAD]
        self.held = {r.id for r in stage.storage.pairs._of(person.pair).pending.values() if r.hold}
        self.now = stage.clock.now()
        self.apart = self._apart()
        absences = {a.guid for a in self.activities if stage.category(person, a) == "Absences"}
        self.absences = {link.event for link in self.links if link.activity in absences}

    def problem(self, promise: str, what: str) -> None:
        """A promise was broken for this person."""
        self.stage.problem(promise, f"{self.person.name}: {what}")

    def _apart(self) -> set[tuple[str, Any]]:
        """Dates that people changed on both sides, and that are cancelled on one: neither service brings them back."""
        ledger = self.stage.ledger
        both = {(sign, day) for sign, day, side in ledger.touched if (sign, day, _OTHER[side]) in ledger.touched}
        gone = {(shown.sign, day) for shown in self.shown.values() for day in off(shown)}
        # An update by the organizer's edit may invite once more to a date that was declined.
        unseen = {(sign, day) for sign, name, day in ledger.declined if name == self.person.name}
        return both & gone | unseen

    def dates(self, entry: Event | Activity, sign: str = "") -> Counter[Any]:
        """What takes place of a series, but for dates on which the sides may differ. A mask shows no `sign`."""
        found, sign = takes_place(self.stage, self.person, entry), sign or self.shown[_name(entry)].sign
        return Counter(on for day, on in found.items() if (sign, day) not in self.apart)

    def seen(self, entry: Event | Activity, shown: Shown) -> Counter[Any]:
        """All that is compared of an entry. A series of which nothing takes place is not to be seen."""
        if not is_series(entry):
            return Counter([_compared(self, shown)])
        dates = self.dates(entry)
        return dates + Counter([_compared(self, shown)] if dates else [])

    def times(self, entry: Event | Activity, sign: str) -> Any:
        """When it takes place, whatever it is about."""
        if not is_series(entry):
            return self.shown[_name(entry)].span
        return sorted(span for *_, span in self.dates(entry, sign).elements())

    def exempt(self) -> set[str]:
        """Entries that may differ, or lack their twin, and why they may: a rule says so, and its reason is true."""
        found = set(self.held)
        for link in self.links:
            if link.activity in found or link.event in found or self._rests(link):
                found |= {link.activity, link.event}
        settings, setup = self._ticked(), self.person.company.setup
        linked = {link.activity for link in self.links} | {link.event for link in self.links}
        found |= self._out_of_sight() | self._not_held()
        found |= {activity.guid for activity in self.activities if self._was_declined(activity)}
        for activity in self.activities:
            if activity.type not in settings or (activity.guid not in linked and self._is_old(activity)):
                found |= {activity.guid, *(link.event for link in self.links if link.activity == activity.guid)}
        found |= {e.immutable_id for e in self.events if e.instance is not None}  # Invited to that date alone.
        for event in self.events:
            skipped = setup.hidden is PrivateWithoutPersonal.SKIP and not setup.has_personal
            if event.immutable_id not in linked and (self._is_old(event) or (skipped and self._is_private(event))):
                found.add(event.immutable_id)
        return found

    def _was_declined(self, activity: Activity) -> bool:
        """Whether this person had declined the meeting before its activity was made: no list of people says so."""
        sign = self.shown[activity.guid].sign
        key = (sign, self.person.name, None)
        held = {self.shown[event.immutable_id].sign for event in self.events if event.instance is None}
        if key not in self.stage.ledger.declined or sign in held:
            return False
        at = self.stage.ledger.declined[key]
        return at is None or activity.created > at

    def _ticked(self) -> frozenset[str]:
        return self.stage.storage.companies._settings[self.person.company.id][0].synced_types

    def _rests(self, link: Link) -> bool:
        if link.state is not LinkState.PARKED:
            return False
        activity = next((a for a in self.activities if a.guid == link.activity), None)
        event = next((e for e in self.events if e.immutable_id == link.event), None)
        match link.parked:
            case ParkReason.TYPE_NOT_TICKED:
                # A lone end needs an edit to come back, whatever its type is by now.
                types = {link.earlier_type, activity.type if activity is not None else ""}
                return activity is None or event is None or bool(types & self.person.company.once_unticked)
            case ParkReason.PRIVATE_SKIPPED:
                return self.person.company.setup.hidden is PrivateWithoutPersonal.SKIP
            case ParkReason.ARCHIVED:
                survivor: Any = activity or event
                return survivor is not None and self._ended(survivor) < self.now - timedelta(days=6)
            case ParkReason.NOT_A_PARTICIPANT | ParkReason.MEETING_STAYS:
                return activity is None  # Somebody took them off it in Severa, or it: the event is no copy of ours.
            case ParkReason.WORK_HOURS:
                return activity is not None and activity.has_hours
        return False

    def _out_of_sight(self) -> set[str]:
        """Linked entries that ended before the feed's window: edits there are not noticed (docs/simulation.md)."""
        begin, found = self.now - timedelta(days=25), set[str]()
        ends = {a.guid: self._ended(a) for a in self.activities} | {e.immutable_id: self._ended(e) for e in self.events}
        for link in self.links:
            if any(ends.get(end, self.now) < begin for end in (link.activity, link.event)):
                found |= {link.activity, link.event}
        return found

    def _not_held(self) -> set[str]:
        """Series with a date in Severa where Exchange lets none be: it stays where it was in Outlook, which is told."""
        found = untold(self.stage, self.person)
        found |= {end for one in self.links if found & {one.activity, one.event} for end in (one.activity, one.event)}
        for link in self.links:
            activity = self.by_id.get(link.activity)
            if not isinstance(activity, Activity) or not is_series(activity):
                continue
            if crosses(self.person, activity, self.shown[activity.guid]):
                found |= {link.activity, link.event}
        return found

    def _ended(self, entry: Event | Activity) -> Any:
        return ended(self.person, entry)

    def _is_old(self, entry: Event | Activity) -> bool:
        """R7: ended a month before the first sync. The feed's window says when a linked one is no longer seen."""
        first = self.stage.storage.pairs._of(self.person.pair).state.first_sync or self.now
        return bool(self._ended(entry) < first - timedelta(days=29))

    def _is_private(self, event: Event) -> bool:
        return self.shown[event.immutable_id].private

    def is_masked(self, event: Event) -> bool:
        """Whether Severa may show nothing of it: it is private, and the company has no Personal type."""
        setup = self.person.company.setup
        hidden = setup.hidden is PrivateWithoutPersonal.MASK and not setup.has_personal
        return hidden and self._is_private(event)


_OTHER = {"severa": "microsoft", "microsoft": "severa"}


def _name(entry: Event | Activity) -> str:
    return entry.guid if isinstance(entry, Activity) else entry.immutable_id


# --- promise 3 --------------------------------------------------------------------------------------------------------
def _nobody_mailed(stage: Stage) -> None:
    told, meetings = mailed_by_servers(stage), {one.event: one for one in stage.ledger.meetings.values()}
    for mail in stage.severa.mails:
        stage.problem("nobody mailed", str(mail))
    for mail, event in zip(stage.graph.mails, stage.mailed_about, strict=True):
        if event in meetings:
            told[meetings[event].sign, mail.attendee] += 1
        else:
            stage.problem("nobody mailed", str(mail))
    for (sign, attendee), count in told.items():
        meeting = stage.ledger.meetings[sign]
        # For a series Exchange mails of each changed date, too, and again when those are put back (R17).
        recurs = stage.graph.people.event(meeting.event).recurrence is not None
        if count > meeting.edits and not (recurs and meeting.edits):
            stage.problem("nobody mailed", f"{attendee} {count} times about {sign}, edited {meeting.edits} times")


# --- both sides agree -------------------------------------------------------------------------------------------------
def _both_agree(view: View) -> None:
    exempt, partner = view.exempt(), {link.event: link.activity for link in view.links}
    events, activities = Counter[Any](), Counter[Any]()
    loose = set()
    for event in view.events:
        name = event.immutable_id
        if name in exempt:
            continue
        shown = view.shown[name]
        other = view.shown.get(partner.get(name, ""))
        if other is not None and _may_show_less(view, event, other):
            loose.add(partner[name])
            if view.times(event, shown.sign) != view.times(view.by_id[partner[name]], shown.sign):
                view.problem("agrees", f"hidden, at another time: {shown} / {other}")
            continue
        events += view.seen(event, replace(shown, private=True) if name in view.absences else shown)
    for activity in view.activities:
        if activity.guid not in exempt | loose:
            activities += view.seen(activity, view.shown[activity.guid])
    for missing in (events - activities).elements():
        view.problem("agrees", f"in Microsoft only: {missing}")
    for missing in (activities - events).elements():
        view.problem("agrees", f"in Severa only: {missing}")


def _may_show_less(view: View, event: Event, activity: Shown) -> bool:
    """A private event behind its mask, which stays on where a person gives the activity a private type later."""
    masked = any(link.masked for link in view.links if link.event == event.immutable_id)
    return view.is_masked(event) and (masked or not activity.private)


def _compared(view: View, shown: Shown) -> tuple[Any, ...]:
    setup = view.person.company.setup
    text = " ".join(shown.text.split())
    return shown.subject.strip(), text, shown.place.strip(), shown.span, shown.private or not setup.has_personal


# --- promise 1 --------------------------------------------------------------------------------------------------------
async def _nothing_lost(view: View) -> None:
    """Every word that a person wrote, and that nobody saw and wrote over, is in a calendar or in history."""
    person, stage = view.person, view.stage
    for name, word in stage.ledger.words.items():
        if word.person != person.name or word.over or word.excused or name in _there(stage, person):
            continue
        also = [one for one in stage.people if one.name in stage.ledger.holders.get(word.sign, ())]
        if not any(name in _there(stage, one) or name in _told(stage, one) for one in (person, *also)):
            view.problem("nothing lost", f"{name}, written in {word.side} {word.entry[-6:]} at {word.at:.1f}")


def _there(stage: Stage, person: Person) -> set[str]:
    """The words that are in a person's calendars."""
    entries: list[Event | Activity] = [*stage.events(person)]
    entries += stage.severa.people.activities_of(person.user, as_member=True)
    return {word for entry in entries for word in stage.shown(person, entry).words}


def _told(stage: Stage, person: Person) -> str:
    """What history has kept for a person."""
    records = stage.storage.history._rows.get(person.pair, {}).values()
    values = (value for record in records for value in record.note.values.values())
    return " ".join(_SERIES.sub(r"series \1..\2 \3", value) for value in values)


# --- promise 2 --------------------------------------------------------------------------------------------------------
def _signs(view: View) -> dict[Side, Counter[str]]:
    events = Counter(view.shown[e.immutable_id].sign for e in view.events if e.instance is None)
    return {Side.MICROSOFT: events, Side.SEVERA: Counter(view.shown[a.guid].sign for a in view.activities)}


def _nothing_doubled(view: View) -> None:
    """No side shows an entry more often than people made it."""
    ledger, held = view.stage.ledger, {view.shown[e].sign for e in view.held if e in view.shown}
    for side, counts in _signs(view).items():
        for sign, count in counts.items():
            if sign and sign not in ledger.may_double | held and count > ledger.made[sign]:
                view.problem("nothing doubled", f"{sign} is {count} times in {side}, made {ledger.made[sign]} times")


def _one_activity_each(stage: Stage) -> None:
    """A meeting is one activity of the company, and so is whatever is shared (R13)."""
    for company in stage.companies.values():
        people = [person for person in stage.people if person.company is company]
        found = {a.guid: stage.shown(person, a).sign for person in people for a in stage.activities(person)}
        held = {r.id for person in people for r in stage.storage.pairs._of(person.pair).pending.values() if r.hold}
        for sign, count in Counter(found.values()).items():
            excused = sign in stage.ledger.may_double or bool(held & {guid for guid in found if found[guid] == sign})
            if sign and not excused and count > stage.ledger.made[sign]:
                stage.problem("nothing doubled", f"{sign} is {count} activities of {company.id[-6:]}")


def _nothing_came_back(view: View) -> None:
    """What was deleted while both sides showed the same, and not touched again, is nowhere."""
    if view.person.was_off or view.person.company.was_off:
        return
    exempt = {view.shown[e].sign for e in view.exempt() if e in view.shown} | _nowhere(view)
    counts = _signs(view)
    for sign, deed in view.stage.ledger.last.items():
        mine = sign.startswith(f"{view.person.name}.") and view.stage.ledger.made[sign] == 1
        if mine and deed.what == "delete" and deed.settled and sign not in exempt:
            for side in Side:
                if counts[side][sign]:
                    view.problem("stays deleted", f"{sign} is in {side}, deleted in {deed.side} at {deed.at:.1f}")
    for (sign, name), settled in view.stage.ledger.left.items():
        if name == view.person.name and settled and sign not in exempt:
            for side in Side:
                if counts[side][sign]:
                    view.problem("stays deleted", f"{name} left {sign}, and has it in {side}")
    _no_date_came_back(view, exempt)


def _nowhere(view: View) -> set[str]:
    """Series of which nothing takes place: nobody sees them, and in Microsoft 365 nothing proves one deleted."""
    series = [entry for entry in view.by_id.values() if is_series(entry)]
    return {view.shown[_name(one)].sign for one in series if not takes_place(view.stage, view.person, one)}


def _no_date_came_back(view: View, exempt: set[str]) -> None:
    """What was cancelled of a series while both sides showed the same, and not touched again, is off on both."""
    for (sign, day), deed in view.stage.ledger.dates.items():
        if deed.what != "cancels" or not deed.settled or sign in exempt or view.stage.ledger.made[sign] != 1:
            continue
        for name, entry in view.by_id.items():
            shown = view.shown[name]
            has_it = shown.sign == sign and is_series(entry) and rule_of(view.person, entry).holds(day)
            if has_it and day not in off(shown):
                view.problem("stays deleted", f"{day} of {sign} is on again in {name[-6:]}, {deed.side}")


# --- promise 4 --------------------------------------------------------------------------------------------------------
def _private_stays_private(view: View) -> None:
    ledger, plain = view.stage.ledger, set[str]()
    for event in view.events:
        if not view.is_masked(event):
            plain |= view.shown[event.immutable_id].words
    exempt = view.exempt()  # What rests showed it before the event became private: nobody sees more than before.
    hidden = {w for e in view.events if view.is_masked(e) for w in WORD.findall(str(view.shown[e.immutable_id]))}
    for activity in view.activities:
        shown = view.shown[activity.guid]
        if shown.private or activity.guid in exempt:
            continue
        for word in (shown.words & hidden) - plain:
            if word in ledger.words and ledger.words[word].side == "microsoft":
                view.problem("private", f"{word} of a private event shows in Severa")
    _private_in_mailbox(view)


def _private_in_mailbox(view: View) -> None:
    activities, exempt = {a.guid: a for a in view.activities}, view.exempt()
    events = {e.immutable_id: e for e in view.events}
    for link in view.links:
        activity, event = activities.get(link.activity), events.get(link.event)
        if activity is None or event is None or link.event in exempt or not view.shown[link.activity].private:
            continue
        flipped = link.event in view.stage.bared and view.stage.category(view.person, activity) == "Absences"
        if not view.shown[link.event].private and not flipped:
            view.problem("private", f"{link.activity[-6:]} is private in Severa, its event {link.event[-6:]} is not")


def _is_of(view: View, word: str) -> bool:
    """Whether it was written into an entry that this person has, too: one that shows no sign behind its mask."""
    entry = view.stage.ledger.words[word].entry
    return entry in view.by_id or any(entry in (link.activity, link.event) for link in view.links)


def _only_ones_own(view: View) -> None:
    """Nobody's words are in anybody else's calendars, and nothing at all in the mailbox that is nobody's here."""
    for shown in view.shown.values():
        shared = view.stage.ledger.holders.get(shown.sign, set())
        may_see = {view.person.name, *(shared if view.person.name in shared else ())}
        for word in WORD.findall(f"{shown.subject} {shown.text} {shown.place}"):
            if word.split(".")[0] not in may_see and not _is_of(view, word):
                view.problem("private", f"{word} is in the calendars of {view.person.name}")
    if view.person.decoy.journal:
        view.problem("private", "something was written into another mailbox")
