"""What is decided of a linked meeting (R13 to R16). Nothing is ever written to one but its organizer's own edits. Pure.

One mailbox's event has the say: its pair leads. Every other pair's event gives only presence and declines.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

from core.model.claim import Meeting
from core.model.essence import Field
from core.model.exceptions import day_of
from core.model.expand import has_occurrence_after, occurrence_on
from core.model.ids import Side
from core.model.link import End, Link, ParkReason
from core.model.operation import (
    Agree,
    BringPeople,
    Decision,
    Delete,
    Draft,
    Leave,
    Note,
    NoteKind,
    Operation,
    Park,
    Picture,
    Update,
)
from core.model.policy import ARCHIVE_AGE, Policy
from core.model.sighting import Activity, Attendee, Event, Gone, Response, Role, Shape
from core.model.stretch import over_at
from core.model.when import Series, ends_at
from core.sync.digest import Digester
from core.sync.merge import changed_fields, merge

_NEWS = "news"
"""No digest: what is remembered so is never what an entry holds."""


def people_of(event: Event, digester: Digester) -> str:
    """A digest of everybody whom the meeting invites, be it to one date."""
    guests = (f"{day.isoformat()} {address}" for day, address in event.guests)
    return digester.of("people", event.organizer, *sorted(one.address for one in event.attendees), *sorted(guests))


def address_of(one: Attendee, digester: Digester) -> str:
    """The keyed digest by which somebody who had declined is known again."""
    return digester.of("attendee", one.address)


def as_compared(link: Link, picture: Picture) -> Link:
    """The link after all of a picture was settled: whether what Severa holds was compared with this meeting's event."""
    if picture.meeting is None or picture.seen_event is None:
        return link
    return replace(link, followed=not picture.meeting.leads)


def is_absent(event: object) -> bool:
    """Whether this mailbox has the meeting no more: deleted, cancelled, or declined."""
    if isinstance(event, Event):
        return event.is_cancelled or event.response is Response.DECLINED
    return isinstance(event, Gone)


def decide_meeting(picture: Picture, policy: Policy, digester: Digester) -> Decision:
    """The row for one linked meeting that is not at rest, of which not both ends are gone."""
    return _Meeting(picture, policy, digester).decide()


class _Meeting:
    def __init__(self, picture: Picture, policy: Policy, digester: Digester) -> None:
        self.picture, self.policy, self.digester = picture, policy, digester
        self.link, self.meeting = cast("Link", picture.link), cast("Meeting", picture.meeting)
        self.activity, self.event = picture.seen_activity, picture.seen_event

    def decide(self) -> Decision:
        if is_absent(self.picture.event):
            return self._gone_here()
        if isinstance(self.picture.activity, Gone):
            return self._gone_in_severa()
        if self.activity is not None and self.activity.role is Role.NONE:
            return self._not_in_it()
        return self._lead() if self.meeting.leads else self._follow()

    # --- somebody is out of it ----------------------------------------------------------------------------------------
    def _gone_here(self) -> Decision:
        """R15: the organizer's meeting goes for everybody; anybody else's event concerns that person alone."""
        if self.link.ends is not None and self.link.ends < self.policy.now - ARCHIVE_AGE:
            return Decision(
                (Park(ParkReason.ARCHIVED, Side.MICROSOFT),), "it ended long ago: archiving is not deleting"
            )
        if self.activity is not None and self.activity.role is Role.NONE:
            return Decision((Leave(),), "in it on neither side")
        if self.meeting.leads and self.link.organized:
            if self.activity is not None and self.activity.has_hours:
                return Decision((Park(ParkReason.WORK_HOURS, Side.MICROSOFT),), "work hours are recorded on it")
            return Decision(
                (Delete(Side.SEVERA),), "its organizer cancelled it", (self._lost("deleted", self.activity),)
            )
        return Decision((Leave(),), "deleted or declined", (self._lost("left_meeting", self.activity),))

    def _gone_in_severa(self) -> Decision:
        """R16: a deletion counts as the owner's, so it cancels a coming meeting that the owner organized."""
        event = self.event
        is_theirs = self.link.organized or self.link.origin is Side.MICROSOFT
        owned = is_theirs and event is not None and event.is_organizer
        if event is not None and owned and self.meeting.may_edit and self._is_coming(event):
            note = self._lost("deleted", event, Side.MICROSOFT)
            return Decision((Delete(Side.MICROSOFT, announces=True),), "its organizer deleted it in Severa", (note,))
        return Decision((Park(ParkReason.MEETING_STAYS, Side.SEVERA),), "a meeting is its organizer's affair")

    def _not_in_it(self) -> Decision:
        """Invited, but in Severa not, or no longer: who has just been recognized is brought in, others stay out."""
        if self.link.agreed is None:
            return Decision((BringPeople(),), "invited, and not in the activity yet")
        if self.activity is not None and self.activity.shape is Shape.OCCURRENCE:
            return Decision((BringPeople(),), "its date lost all its own people with a new pattern: nobody's doing")
        return Decision((Park(ParkReason.NOT_A_PARTICIPANT),), "taken off the activity in Severa")

    def _lost(self, code: str, end: Activity | Event | None, side: Side = Side.SEVERA) -> Note:
        names = sorted(end.essence.names()) if end is not None else ()
        values = {str(name): end.essence.value(name) for name in names} if end is not None else {}
        return Note(NoteKind.DELETED, code, side, values)

    # --- both are there -----------------------------------------------------------------------------------------------
    def _lead(self) -> Decision:
        announces = self._is_organizers_edit()
        link = self._compared_with_nothing() if self.link.followed else self.link
        merged = merge(self.picture, link, self.policy, self.digester, writes_meeting=announces)
        updates: list[Operation] = []
        if self.event is not None and self._people_changed(self.event):
            updates.append(BringPeople())  # First: a date that Severa makes an exception of keeps the people of then.
        # A new time comes last, as with any entry: it costs a series its exceptions.
        for side, names in sorted(merged.writes.items(), key=lambda write: Field.TIME in write[1]):
            if names:
                draft = Draft(merged.targets[side], merged.type_id if side is Side.SEVERA else "", announces=announces)
                updates.append(Update(side, draft, frozenset(names)))
        reason = "the meeting moved" if updates else "both sides hold the same"
        return Decision(tuple(updates) or (Agree(),), reason, _in_one(merged.notes))

    def _compared_with_nothing(self) -> Link:
        """The link of an event that has the say from now on: whatever it holds may be news to Severa.

        But for its privacy, unless it is private: a type that a person chose in Severa is theirs.
        """
        ends = [end for end in (self.activity, self.event) if end is not None]
        names = {*self.link.severa.digests, *self.link.microsoft.digests}.union(*(one.essence.names() for one in ends))
        if self.event is None or not self.event.essence.private:
            names -= {Field.PRIVACY}
        known = {name: seal for name, seal in self.link.microsoft.digests.items() if name not in names}
        link = self.link.with_end(Side.MICROSOFT, End(digests=known | dict.fromkeys(names, _NEWS)))
        return replace(link, masked=False)  # What this event would hide, the one that led before may have shown.

    def _people_changed(self, event: Event) -> bool:
        """Whether others are invited than Severa was told of, or somebody who had declined did not after all."""
        if self.link.people != people_of(event, self.digester):
            return True
        coming = (one for one in event.attendees if one.response is not Response.DECLINED)
        return bool(self.meeting.declined) and any(
            address_of(one, self.digester) in self.meeting.declined for one in coming
        )

    def _follow(self) -> Decision:
        """Only the dates that this person cancelled say something; the maker of the activity brings its people once.

        But of a date that whoever leads is not in, this event may have the say (R13).
        """
        operations: list[Operation] = []
        event = self.event
        if event is not None and (away := self._declined_dates(event)):
            operations.append(Update(Side.SEVERA, Draft(event.essence), away))
        told, notes = self._own_dates()
        operations += told
        if event is not None and self._brings(event):
            operations.append(BringPeople())
        return Decision(tuple(operations) or (Agree(),), "follows the meeting", notes)

    def _own_dates(self) -> tuple[list[Operation], tuple[Note, ...]]:
        """The dates of which this event has the say, where they are not as it says."""
        if self.event is None or not self.meeting.dates:
            return [], ()
        merged = merge(self.picture, self._compared_with_nothing(), self.policy, self.digester)
        off = {one.name for one in self.event.essence.exceptions if one.is_cancelled}
        names = frozenset(merged.writes[Side.SEVERA]) & self.meeting.dates - off
        if not names:
            return [], ()
        told = frozenset(name for name in names if not self._is_as_it_was(name))
        notes = [note for note in merged.notes if note.values and told.issuperset(note.values)]
        return [Update(Side.SEVERA, Draft(merged.targets[Side.SEVERA]), names)], _in_one(notes)

    def _brings(self, event: Event) -> bool:
        if self.meeting.beside:  # Nobody else sees whom it invites.
            return self.link.people != people_of(event, self.digester)
        return self.meeting.brings and not self.link.people

    def _is_as_it_was(self, name: str) -> bool:
        """Whether Severa has that date as all of the series was at the last agreement: then nobody edited it."""
        essence = self.activity.essence if self.activity is not None else None
        held = essence.exception(cast("date", day_of(name))) if essence is not None else None
        if essence is None or held is None or held.when != occurrence_on(cast("Series", essence.when), held.day):
            return False
        values = {Field.SUBJECT: held.subject, Field.TEXT: held.text, Field.LOCATION: held.location}
        known = self.link.severa.digests
        return all(known.get(name) == self.digester.of(Side.SEVERA, name, value) for name, value in values.items())

    def _declined_dates(self, event: Event) -> frozenset[str]:
        """Dates that are newly cancelled in this mailbox, and not in Severa as far as is known."""
        moved = changed_fields(self.link, Side.MICROSOFT, event.essence, self.digester)
        dates = {day: name for name in moved if (day := day_of(name)) is not None}
        known = self.activity.essence if self.activity is not None else None
        return frozenset(
            name
            for day, name in dates.items()
            if (mine := event.essence.exception(day)) is not None
            and mine.is_cancelled
            and not (known is not None and (theirs := known.exception(day)) is not None and theirs.is_cancelled)
        )

    def _is_organizers_edit(self) -> bool:
        """R16: of a coming meeting, made in Severa by the one who organizes it, and allowed by the company.

        What was only just recognized as a meeting was never agreed on, so nothing of it is an edit: nobody is mailed.
        """
        event, activity = self.event, self.activity
        if not self.link.severa.digests and not self.link.microsoft.digests:
            return False
        if event is None or activity is None or not self.meeting.may_edit or not event.is_organizer:
            return False
        return activity.updated_by == self.policy.user and self._is_coming(event)

    def _is_coming(self, event: Event) -> bool:
        when, now, dates = event.essence.when, self.policy.now, event.essence.exceptions
        if not isinstance(when, Series):
            return ends_at(when) > now
        changed = any(one.when is not None and over_at(one.when) > now for one in dates)
        return changed or has_occurrence_after(when, now, {one.day for one in dates})


def _in_one(notes: list[Note]) -> tuple[Note, ...]:
    """All that was set back in one go is one line of history, which can be restored as a whole."""
    back = [note for note in notes if note.code == "meeting_set_back"]
    rest = tuple(note for note in notes if note.code != "meeting_set_back")
    if not back:
        return rest
    values = {name: value for note in back for name, value in note.values.items()}
    return (*rest, Note(back[0].kind, back[0].code, back[0].side, values))
