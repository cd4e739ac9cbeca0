"""The decision table: what is known of one entry → what to do, and why. One table, one `match`, a reason a row."""

from __future__ import annotations

from typing import cast

from core.model.essence import MASKABLE, PLAIN, Field
from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import (
    Agree,
    Bury,
    Create,
    Decision,
    Delete,
    Draft,
    Leave,
    LeaveOut,
    Note,
    NoteKind,
    Operation,
    Park,
    Picture,
    Update,
)
from core.model.policy import ARCHIVE_AGE, Policy
from core.model.sighting import Activity, Event, Gone, Role
from core.sync.digest import Digester
from core.sync.eligible import activity_left_out, activity_not_sent, event_left_out, is_not_held, rests
from core.sync.mask import is_mask_on, keeps_private
from core.sync.meeting import decide_meeting, is_absent
from core.sync.merge import changed_fields, merge
from core.sync.news import News, Standing
from core.sync.project import busy_as, narrowing, not_in_mailbox, on_microsoft, on_severa, severa_type


def decide(picture: Picture, policy: Policy, digester: Digester) -> Decision:
    """The row for one entry. Rejoining and matching have happened before (R6): what is unlinked here is new."""
    return _Table(picture, policy, digester).decide()


class _Table:
    def __init__(self, picture: Picture, policy: Policy, digester: Digester) -> None:
        self.picture, self.policy, self.digester = picture, policy, digester

    @property
    def _link(self) -> Link:
        return cast("Link", self.picture.link)

    def decide(self) -> Decision:  # noqa: PLR0911 - one row, one return
        severa, microsoft = self._news(Side.SEVERA), self._news(Side.MICROSOFT)
        match (self._standing(), severa, microsoft):
            case (Standing.NEW, _, News.ABSENT):
                return self._newcomer(Side.MICROSOFT)  # new in Severa
            case (Standing.NEW, News.ABSENT, _):
                return self._newcomer(Side.SEVERA)  # new in Microsoft
            case (Standing.LIVE | Standing.RESTING | Standing.PARKED | Standing.DEAD, News.GONE, News.GONE):
                return Decision((Bury(),), "gone on both sides")
            case (Standing.RESTING, _, _):
                return self._rest()  # a rule lets it rest; nothing is deleted
            case (Standing.LIVE, _, _) if self.picture.meeting is not None:
                return decide_meeting(self.picture, self.policy, self.digester)  # R13 to R16
            case (Standing.PARKED | Standing.DEAD, _, _) if self.picture.meeting is not None:
                return self._meeting_at_rest()  # a meeting is never made again
            case (Standing.LIVE, News.SAME, News.SAME):
                return Decision((Agree(),), "in agreement")
            case (Standing.LIVE, News.CHANGED | News.SAME, News.CHANGED | News.SAME):
                return self._merge()  # one side moved, or both
            case (Standing.LIVE, News.SAME, News.GONE):
                return self._follow(Side.MICROSOFT)  # an untouched twin follows a deletion
            case (Standing.LIVE, News.GONE, News.SAME):
                return self._follow(Side.SEVERA)
            case (Standing.LIVE, News.CHANGED, News.GONE):
                return self._revive(Side.MICROSOFT)  # an edit outlives a deletion (R18)
            case (Standing.LIVE, News.GONE, News.CHANGED):
                return self._hand_in() if self._goes_on() else self._revive(Side.SEVERA)
            case (Standing.PARKED, News.CHANGED | News.SAME, News.CHANGED | News.SAME) if News.CHANGED in (
                severa,
                microsoft,
            ):
                return self._merge()  # a new version, and nothing keeps it parked
            case (Standing.PARKED, News.CHANGED, _):
                return self._revive(Side.MICROSOFT)  # a new version of the surviving end
            case (Standing.PARKED, _, News.CHANGED):
                return self._revive(Side.SEVERA)
            case (Standing.PARKED, _, _):
                return self._rest()  # no new version: parked stays parked
            case (Standing.DEAD, News.CHANGED, News.CHANGED):
                return self._rest() if self._resting() else self._merge()  # both came back
            case (_, News.CHANGED, _):
                return self._return(Side.MICROSOFT)  # dead, and a person restored the activity
            case _:
                return self._return(Side.SEVERA)  # dead, and a person restored the event

    # --- the columns -----------------------------------------------------------------------------------------------
    def _standing(self) -> Standing:
        link = self.picture.link
        if link is None:
            return Standing.NEW
        if link.state is LinkState.DEAD:
            return Standing.DEAD
        if self._resting():
            return Standing.RESTING
        return Standing.PARKED if link.state is LinkState.PARKED else Standing.LIVE

    def _resting(self) -> ParkReason | None:
        reason, activity = rests(self.picture, self.policy), self.picture.seen_activity
        if reason is ParkReason.PRIVATE_SKIPPED and keeps_private(self._link, activity, self.digester):
            return None  # Not seen, but remembered to hide its content itself.
        return reason

    def _news(self, side: Side) -> News:
        end, link = self.picture.end(side), self.picture.link
        if end is None:
            return News.ABSENT
        if isinstance(end, Gone):
            return News.GONE
        if link is None:
            return News.CHANGED
        if isinstance(end, Activity) and end.role is Role.NONE and self.picture.meeting is None:
            return News.GONE  # Who is no longer in it loses our copy (R14).
        came_back = link.state is LinkState.DEAD or link.missing is side
        if not isinstance(end, Activity | Event):
            return News.GONE if came_back else News.SAME
        if came_back:
            return News.CHANGED  # Seen alive, and checked by the observer.
        wakes = self._wakes(link, end) if link.state is LinkState.PARKED else self._moved(link, end)
        return News.CHANGED if wakes else News.SAME

    def _wakes(self, link: Link, end: Activity | Event) -> bool:
        """Once nothing keeps it parked, a new version wakes an entry; a lone end needs an edit, as it would revive."""
        is_new = end.version != link.end(end.side).version
        return is_new and (link.missing is None or self._moved(link, end))

    def _moved(self, link: Link, end: Activity | Event) -> bool:
        """Content counts, never the version alone: that says only that it is worth looking."""
        fields = changed_fields(link, end.side, end.essence, self.digester)
        if isinstance(end, Activity):
            # What the mask hides is read-only from Severa (R10): such an edit outlives nothing.
            ignored = MASKABLE if link.masked and isinstance(self.picture.event, Gone) else frozenset()
            return bool(fields - ignored)
        mask = is_mask_on(link, self.picture.seen_activity, end.essence, self.policy, self.digester)
        # A mask that goes on or off is something to write, though nobody's edit: it outlives nothing either.
        return bool(fields) or (mask != link.masked and not isinstance(self.picture.activity, Gone))

    # --- the rows --------------------------------------------------------------------------------------------------
    def _newcomer(self, side: Side) -> Decision:
        activity, event = self.picture.seen_activity, self.picture.seen_event
        reason = activity_not_sent(activity, self.policy) if activity else ""
        reason = event_left_out(event, self.policy) if event else reason
        if reason:
            source = cast("Activity | Event", activity or event)
            notes = _not_held(reason, source) if is_not_held(reason) else ()
            return Decision((LeaveOut(reason),), f"not synchronized: {reason}", notes)
        return self._create(side, 0, f"new in {side.other.value.capitalize()}")

    def _return(self, side: Side) -> Decision:
        activity, event = self.picture.seen_activity, self.picture.seen_event
        reason = activity_left_out(activity, self.policy) if activity else ""
        reason = event_left_out(event, self.policy) if event else reason
        reason = reason or (self._resting() or "")
        if reason:
            return Decision((Bury(),), f"came back, but is not synchronized: {reason}")
        return self._revive(side)

    def _meeting_at_rest(self) -> Decision:
        """It goes on where both its ends are there, and this person is in it; nothing is ever made anew."""
        activity, event = self.picture.seen_activity, self.picture.seen_event
        is_in = activity is not None and activity.role is not Role.NONE
        if is_in and event is not None and not is_absent(event):
            return decide_meeting(self.picture, self.policy, self.digester)
        return Decision((Bury(),), "over") if self._link.state is LinkState.DEAD else self._rest()

    def _create(self, side: Side, generation: int, reason: str, notes: tuple[Note, ...] = ()) -> Decision:
        source = self.picture.end(side.other)
        if isinstance(source, Activity):
            projection = on_microsoft(source.essence)
            draft = Draft(projection.essence, busy=busy_as(source))
        else:
            event = cast("Event", source)
            earlier = self.picture.link.earlier_type if self.picture.link else ""
            projection = on_severa(event.essence, self.policy)
            draft = Draft(projection.essence, severa_type(event.essence, self.policy, earlier))
            notes += tuple(Note(NoteKind.REMARK, remark, Side.MICROSOFT) for remark in event.remarks)
        told = (*notes, *narrowing(side, projection, PLAIN))
        return Decision((Create(side, draft, generation),), reason, told)

    def _revive(self, side: Side) -> Decision:
        link = self._link
        code = "revived_without_customer" if side is Side.SEVERA else "revived_masked" if link.masked else "revived"
        note = Note(NoteKind.REMARK, code, side)
        return self._create(side, link.generation + 1, "an edit outlives a deletion", (note,))

    def _rest(self) -> Decision:
        missing = next((s for s in Side if self._news(s) is News.GONE), None)
        reason = self._resting() or self._link.parked or ParkReason.DISCARDED
        notes = self._no_longer_held() if self._link.state is LinkState.LIVE else ()
        return Decision((Park(reason, missing),), f"rests: {reason.value}", notes)

    def _no_longer_held(self) -> tuple[Note, ...]:
        activity, event = self.picture.seen_activity, self.picture.seen_event
        if event is not None and event.not_held:
            return _not_held(event.not_held, event)
        if activity is not None and (rule := not_in_mailbox(activity.essence)):
            return _not_held(rule, activity)
        return ()

    def _follow(self, gone: Side) -> Decision:
        """R19: archiving is not deleting, recorded work is not deleted, a meeting is its organizer's affair."""
        survivor, ends = self.picture.end(gone.other), self._link.ends
        if ends is not None and ends < self.policy.now - ARCHIVE_AGE:
            return Decision((Park(ParkReason.ARCHIVED, gone),), "it ended long ago: archiving is not deleting")
        if isinstance(survivor, Activity) and survivor.role is Role.PARTICIPANT:
            note = Note(NoteKind.DELETED, "left_activity", Side.SEVERA)
            return Decision((Leave(),), "a participant's copy concerns that participant", (note,))
        if isinstance(survivor, Activity) and survivor.has_hours:
            return Decision((Park(ParkReason.WORK_HOURS, gone),), "work hours are recorded on it")
        essence = survivor.essence if isinstance(survivor, Activity | Event) else None
        lost = {str(name): essence.value(name) for name in sorted(essence.names())} if essence else {}
        return Decision(
            (Delete(gone.other),),
            f"deleted in {gone.value.capitalize()}",
            (Note(NoteKind.DELETED, "deleted", gone.other, lost),),
        )

    def _goes_on(self) -> bool:
        """Whether only this person is out of the activity: it is there for others, so it is not made once more."""
        activity = self.picture.seen_activity
        return activity is not None and activity.role is Role.NONE

    def _hand_in(self) -> Decision:
        """An edit goes on in the activity that goes on for others (R18); then the copy goes, as an untouched one."""
        merged = self._merge()
        edits = tuple(o for o in merged.operations if isinstance(o, Update) and o.side is Side.SEVERA)
        if edits:
            return Decision(edits, "edited by somebody who is no longer in it", merged.notes)
        return self._follow(Side.SEVERA)

    def _merge(self) -> Decision:
        merged = merge(self.picture, self._link, self.policy, self.digester)
        updates: list[Operation] = []
        # A new time comes last: it costs a series its exceptions, which are on the other side by then.
        for side, names in sorted(merged.writes.items(), key=lambda write: Field.TIME in write[1]):
            if names:
                draft = Draft(merged.targets[side], merged.type_id if side is Side.SEVERA else "")
                updates.append(Update(side, draft, frozenset(names)))
        reason = "merged" if len(updates) > 1 else "one side moved" if updates else "both sides hold the same"
        return Decision(tuple(updates) or (Agree(),), reason, tuple(merged.notes))


def _not_held(rule: str, end: Activity | Event) -> tuple[Note, ...]:
    """R22: the other side can hold no likeness of it, so it stays where it is; which one that is, and by which rule."""
    values = {str(name): end.essence.value(name) for name in (Field.SUBJECT, Field.TIME)}
    return (Note(NoteKind.REMARK, rule, end.side, values),)
