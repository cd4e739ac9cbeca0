"""What must hold when the troubles are over and everything has settled (design.md section 1, promises 1 to 5).

Both calendars are compared as people see them, by rules written down here once more, without the engine's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.policy import PrivateWithoutPersonal
from tests.simulation.ledger import WORD, Shown
from tests.simulation.stage import Person, Stage
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity


def pending(stage: Stage) -> list[str]:
    """What waits for its turn, but not what waits for a person."""
    rows = []
    for person in stage.people:
        held = stage.storage.pairs._of(person.pair)
        rows += [f"{person.name} {r.side} {r.id[-6:]}" for r in held.pending.values() if not r.hold]
    return rows


async def check_everything(stage: Stage) -> None:
    """Tell the stage of each broken promise."""
    _nobody_mailed(stage)
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
        self.events, self.activities = stage.events(person), stage.activities(person)
        self.shown: dict[str, Shown] = {}
        for event in self.events:
            self.shown[event.immutable_id] = stage.shown(person, event)
        for activity in self.activities:
            self.shown[activity.guid] = stage.shown(person, activity)
        self.links = [link for link in stage.links(person) if link.state is not LinkState.DEAD]
        self.held = {r.id for r in stage.storage.pairs._of(person.pair).pending.values() if r.hold}
        self.now = stage.clock.now()
        absences = {a.guid for a in self.activities if stage.category(person, a) == "Absences"}
        self.absences = {link.event for link in self.links if link.activity in absences}

    def problem(self, promise: str, what: str) -> None:
        """A promise was broken for this person."""
        self.stage.problem(promise, f"{self.person.name}: {what}")

    def exempt(self) -> set[str]:
        """Entries that may differ, or lack their twin, and why they may: a rule says so, and its reason is true."""
        found = set(self.held)
        for link in self.links:
            if link.activity in found or link.event in found or self._rests(link):
                found |= {link.activity, link.event}
        settings, setup = self._ticked(), self.person.company.setup
        linked = {link.activity for link in self.links} | {link.event for link in self.links}
        found |= self._out_of_sight()
        for activity in self.activities:
            if activity.type not in settings or (activity.guid not in linked and self._is_old(activity)):
                found |= {activity.guid, *(link.event for link in self.links if link.activity == activity.guid)}
        for event in self.events:
            skipped = setup.hidden is PrivateWithoutPersonal.SKIP and not setup.has_personal
            if event.immutable_id not in linked and (self._is_old(event) or (skipped and self._is_private(event))):
                found.add(event.immutable_id)
        return found

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

    def _ended(self, entry: Event | Activity) -> Any:
        return entry.end or entry.start

    def _is_old(self, entry: Event | Activity) -> bool:
        """R7: ended a month before the first sync. The feed's window says when a linked one is no longer seen."""
        first = self.stage.storage.pairs._of(self.person.pair).state.first_sync or self.now
        return bool(self._ended(entry) < first - timedelta(days=29))

    def _is_private(self, event: Event) -> bool:
        return event.sensitivity != "normal"

    def is_masked(self, event: Event) -> bool:
        """Whether Severa may show nothing of it: it is private, and the company has no Personal type."""
        setup = self.person.company.setup
        hidden = setup.hidden is PrivateWithoutPersonal.MASK and not setup.has_personal
        return hidden and self._is_private(event)


# --- promise 3 --------------------------------------------------------------------------------------------------------
def _nobody_mailed(stage: Stage) -> None:
    for mail in (*stage.graph.mails, *stage.severa.mails):
        stage.problem("nobody mailed", str(mail))


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
        activity = view.shown.get(partner.get(name, ""))
        if activity is not None and _may_show_less(view, event, activity):
            loose.add(partner[name])
            if shown.span != activity.span:
                view.problem("agrees", f"hidden, at another time: {shown} / {activity}")
            continue
        events[_compared(view, replace(shown, private=True) if name in view.absences else shown)] += 1
    for activity in view.activities:
        if activity.guid not in exempt | loose:
            activities[_compared(view, view.shown[activity.guid])] += 1
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
    person, everything = view.person, list(view.shown.values())
    everything += [view.stage.shown(person, a) for a in view.stage.severa.people.activities_of(person.user)]
    there = {word for shown in everything for word in shown.words}
    told = " ".join(_told(view))
    for name, word in view.stage.ledger.words.items():
        if word.person != person.name or word.over or word.excused or name in there:
            continue
        if name not in told:
            view.problem("nothing lost", f"{name}, written in {word.side} {word.entry[-6:]} at {word.at:.1f}")


def _told(view: View) -> Iterable[str]:
    for record in view.stage.storage.history._rows.get(view.person.pair, {}).values():
        yield from record.note.values.values()


# --- promise 2 --------------------------------------------------------------------------------------------------------
def _signs(view: View) -> dict[Side, Counter[str]]:
    events = Counter(view.shown[e.immutable_id].sign for e in view.events)
    return {Side.MICROSOFT: events, Side.SEVERA: Counter(view.shown[a.guid].sign for a in view.activities)}


def _nothing_doubled(view: View) -> None:
    """No side shows an entry more often than people made it."""
    ledger, held = view.stage.ledger, {view.shown[e].sign for e in view.held if e in view.shown}
    for side, counts in _signs(view).items():
        for sign, count in counts.items():
            if sign and sign not in ledger.may_double | held and count > ledger.made[sign]:
                view.problem("nothing doubled", f"{sign} is {count} times in {side}, made {ledger.made[sign]} times")


def _nothing_came_back(view: View) -> None:
    """What was deleted while both sides showed the same, and not touched again, is nowhere."""
    if view.person.was_off or view.person.company.was_off:
        return
    exempt = {view.shown[e].sign for e in view.exempt() if e in view.shown}
    counts = _signs(view)
    for sign, deed in view.stage.ledger.last.items():
        mine = sign.startswith(f"{view.person.name}.") and view.stage.ledger.made[sign] == 1
        if mine and deed.what == "delete" and deed.settled and sign not in exempt:
            for side in Side:
                if counts[side][sign]:
                    view.problem("stays deleted", f"{sign} is in {side}, deleted in {deed.side} at {deed.at:.1f}")


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
        if event.sensitivity == "normal" and not flipped:
            view.problem("private", f"{link.activity[-6:]} is private in Severa, its event {link.event[-6:]} is not")


def _only_ones_own(view: View) -> None:
    """Nobody's words are in anybody else's calendars, and nothing at all in the mailbox that is nobody's here."""
    for shown in view.shown.values():
        for word in WORD.findall(f"{shown.subject} {shown.text} {shown.place}"):
            if not word.startswith(f"{view.person.name}."):
                view.problem("private", f"{word} is in the calendars of {view.person.name}")
    if view.person.decoy.journal:
        view.problem("private", "something was written into another mailbox")
