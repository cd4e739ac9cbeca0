"""Three-way merge of one linked entry, field by field (R17), on what each side may hold (R10, R22)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from core.model.essence import MASKABLE, Essence, Field
from core.model.exceptions import day_of
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Note, NoteKind, Picture
from core.model.policy import SAME_MOMENT, ConflictRule, Policy
from core.model.sighting import Activity, Category, Event
from core.sync.digest import Digester
from core.sync.mask import is_mask_on, is_masked, keeps_private
from core.sync.project import Projection, known_as, narrowing, on_microsoft, on_severa, severa_type
from core.sync.series import as_merged, dropped, unhidden

_FIELDS = tuple(Field)
_FILLABLE = frozenset({Field.TEXT, Field.LOCATION})
"""Where entries are matched for the first time, an empty value of these is filled rather than fought over."""


@dataclass(slots=True)
class Merged:
    """What has to be written: the fields by side, each side's target, and what history is told.

    `type_id`: the activity type to write in Severa, where privacy flips (R10).
    """

    writes: dict[Side, set[str]] = field(default_factory=lambda: {Side.SEVERA: set(), Side.MICROSOFT: set()})
    targets: dict[Side, Essence] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    type_id: str = ""


def changed_fields(link: Link, side: Side, essence: Essence, digester: Digester) -> frozenset[str]:
    """The fields in which that side is no longer as the link remembers it."""
    remembered = link.end(side).digests
    if not remembered:
        return essence.names()
    held = digester.fields(side, essence)
    names = held.keys() | remembered.keys()
    return frozenset(name for name in names if held.get(name, "") != remembered.get(name, ""))


def merge(picture: Picture, link: Link, policy: Policy, digester: Digester, *, writes_meeting: bool = False) -> Merged:
    """Bring a linked entry's two ends together. An unseen end is taken to be as the link remembers it.

    A meeting is written only with `writes_meeting`; otherwise Severa is set back to what it says (R16).
    """
    return _Merge(picture, link, policy, digester, one_way=picture.meeting is not None and not writes_meeting).run()


class _Merge:
    def __init__(self, picture: Picture, link: Link, policy: Policy, digester: Digester, *, one_way: bool) -> None:
        self.one_way, self.is_meeting = one_way, picture.meeting is not None
        self.link, self.policy, self.digester = link, policy, digester
        self.activity, self.event = picture.seen_activity, picture.seen_event
        self.matched = not link.severa.digests and not link.microsoft.digests
        self.moved = {Side.SEVERA: self._moved(self.activity), Side.MICROSOFT: self._moved(self.event)}
        if link.masked:  # Severa cannot hold this entry's privacy, so what its type says of it means nothing.
            self.moved[Side.SEVERA] -= {Field.PRIVACY}
        self.out = Merged()
        self.masked = link.masked
        self.to_severa = self._on_severa()
        self.to_microsoft = self._on_microsoft()

    def run(self) -> Merged:
        self._privacy()
        if self.event is not None:  # Whether there is something to hide hangs on the privacy that it is about to have.
            self.masked = self._is_masked(self.event.essence)
            if self.masked != self.link.masked:
                self.to_severa, self.to_microsoft = self._on_severa(), self._on_microsoft()
        for name in (*_FIELDS, *self._dates()):
            if name in MASKABLE and self.masked:
                self._mask(name)
            elif (name in MASKABLE and self.link.masked) or self._changes_its_mask(name):
                self._unmask(name)
            elif name is not Field.PRIVACY:
                self._pass_on(name)
        self._targets()
        return self.out

    # --- what each side holds, and what it would get -----------------------------------------------------------------
    def _dates(self) -> list[str]:
        """The dates of a series that are, or were, an exception on either side."""
        held = {one.name for end in (self.activity, self.event) if end is not None for one in end.essence.exceptions}
        remembered = {*self.link.severa.digests, *self.link.microsoft.digests}
        return sorted(held | {name for name in remembered if day_of(name)})

    def _moved(self, end: Activity | Event | None) -> frozenset[str]:
        return frozenset() if end is None else changed_fields(self.link, end.side, end.essence, self.digester)

    def _is_masked(self, essence: Essence) -> bool:
        if Field.PRIVACY in self.out.writes[Side.MICROSOFT]:
            essence = replace(essence, private=not essence.private)
        return is_mask_on(self.link, self.activity, essence, self.policy, self.digester)

    def _on_severa(self) -> Projection | None:
        if self.event is None:
            return None
        kept = keeps_private(self.link, self.activity, self.digester)
        return on_severa(self.event.essence, self.policy, masked=self.masked, kept=kept)

    def _on_microsoft(self) -> Projection | None:
        if self.activity is None:
            return None
        essence = self.activity.essence
        if self.masked and self.event is not None:
            essence = unhidden(essence, self.event.essence)
        return on_microsoft(essence)

    def _projection(self, side: Side) -> Projection | None:
        """What `side` would get from the other one."""
        return self.to_severa if side is Side.SEVERA else self.to_microsoft

    def _end(self, side: Side) -> Activity | Event | None:
        return self.activity if side is Side.SEVERA else self.event

    def _differs(self, side: Side, name: str) -> bool:
        """Whether `side`, as seen or as remembered, holds something else than it would get."""
        source, end = self._projection(side), self._end(side)
        if source is None:
            return False
        if end is not None:
            return source.essence.value(name) != end.essence.value(name)
        return self.digester.field(side, name, source.essence) != self.link.end(side).digests.get(name, "")

    def _write(self, side: Side, name: str) -> bool:
        """R21: no write without a difference in projections."""
        if not self._differs(side, name):
            return False
        is_all = self._is_fixed(side, name) or self._is_fixed_text(side, name)
        if is_all is not None:
            kept = {str(name): cast("Activity", self.activity).essence.value(name)}
            self.out.notes.append(Note(NoteKind.REMARK, "online_meeting_text", Side.SEVERA, kept))
        if not is_all:
            self.out.writes[side].add(name)
        return not is_all

    def _is_fixed(self, side: Side, name: str) -> bool:
        """An online meeting's text holds the way in (R12): Severa's stays in Severa, and all other fields travel."""
        return (side, name) == (Side.MICROSOFT, Field.TEXT) and self.event is not None and self.event.is_online

    def _is_fixed_text(self, side: Side, name: str) -> bool | None:
        """The same of one date: whether its text is all that differs; None where that does not, or nothing is fixed."""
        day, source, event = day_of(name), self._projection(side), self.event
        if side is Side.SEVERA or day is None or source is None or event is None or not event.is_online:
            return None
        wanted, held = source.essence.on(day), event.essence.on(day)
        if wanted is None or held is None or wanted.is_cancelled or held.is_cancelled or wanted.text == held.text:
            return None
        return replace(wanted, text=held.text) == held

    # --- privacy (R10, R11) ------------------------------------------------------------------------------------------
    def _privacy(self) -> None:
        event = self.event
        if self.is_meeting:
            # A type that a person chose in Severa is theirs, and a meeting's own privacy is its organizer's.
            if Field.PRIVACY in self.moved[Side.MICROSOFT] and (
                event is None or event.essence.private or not self.matched
            ):
                self._write(Side.SEVERA, Field.PRIVACY)
        elif self.matched:
            # Nobody sees more than before: the stricter of two that were made apart decides.
            self._write(Side.SEVERA if event is not None and event.essence.private else Side.MICROSOFT, Field.PRIVACY)
        elif event is not None and self._bares_absence(event):
            self._absence_stays()
        elif event is not None and self.link.masked and not is_masked(event.essence, self.policy):
            self._write(Side.SEVERA, Field.PRIVACY)  # With what was hidden comes what Severa can now say of it.
        else:
            self._pass_on(Field.PRIVACY)

    def _bares_absence(self, event: Event) -> bool:
        flipped = Field.PRIVACY in self.moved[Side.MICROSOFT] and not event.essence.private
        return flipped and self.activity is not None and self.activity.category is Category.ABSENCES

    def _absence_stays(self) -> None:
        """Its type is a person's own choice, and what is no longer hidden in the mailbox does not make it a meeting."""
        if Field.PRIVACY in self.moved[Side.SEVERA]:
            self._write(Side.MICROSOFT, Field.PRIVACY)
            self._lost(NoteKind.CONFLICT, Side.MICROSOFT, Field.PRIVACY)
        else:
            self.out.notes.append(Note(NoteKind.REMARK, "privacy_of_absence", Side.SEVERA))

    # --- the mask (R10): behind it, a field is read-only from Severa and never compared -------------------------------
    def _mask(self, name: str) -> None:
        edited = name in self.moved[Side.SEVERA] and not self._is_alike(name)
        if self.link.masked:
            if edited:
                self._lost(NoteKind.REMARK, Side.SEVERA, name)
        elif (edited or not self.matched) and self._write(Side.SEVERA, name) and edited:
            self._lost(NoteKind.CONFLICT, Side.SEVERA, name)

    def _changes_its_mask(self, name: str) -> bool:
        """A date that takes place hides what it has of its own, or shows it, together with its series."""
        if self.masked == self.link.masked or self.matched or (day := day_of(name)) is None:
            return False
        held = [end.essence.exception(day) for end in (self.activity, self.event) if end is not None]
        return not any(one is not None and one.is_cancelled for one in held)

    def _unmask(self, name: str) -> None:
        if self._write(Side.SEVERA, name) and name in self.moved[Side.SEVERA]:
            self._lost(NoteKind.CONFLICT, Side.SEVERA, name)

    # --- all the rest (R17) ------------------------------------------------------------------------------------------
    def _pass_on(self, name: str) -> None:
        """What one side changed goes to the other; on both to the same value, they agree; else a rule decides."""
        in_severa, in_microsoft = name in self.moved[Side.SEVERA], name in self.moved[Side.MICROSOFT]
        if self.one_way and (in_severa or in_microsoft):
            self._set_back(name)
        elif in_severa and in_microsoft:
            self._both(name)
        elif in_microsoft:
            self._write(Side.SEVERA, name)
        elif in_severa:
            self._write(Side.MICROSOFT, name)

    def _set_back(self, name: str) -> None:
        """Severa follows a meeting; what a person changed there is told. At a first match nothing is emptied."""
        if self._is_alike(name) or (self.matched and name in _FILLABLE and self._empty(name) is Side.MICROSOFT):
            return
        edited = name in self.moved[Side.SEVERA] and (
            not self.matched or name not in _FILLABLE or not self._empty(name)
        )
        if self._write(Side.SEVERA, name) and edited:
            self._lost(NoteKind.CONFLICT, Side.SEVERA, name, "meeting_set_back")

    def _both(self, name: str) -> None:
        if not self._differs(Side.SEVERA, name) or not self._differs(Side.MICROSOFT, name) or self._is_alike(name):
            return
        if self.matched and name in _FILLABLE and (empty := self._empty(name)):
            self._write(empty, name)
            return
        loser = Side.SEVERA if self._is_fixed(Side.MICROSOFT, name) else self._loser()
        self._write(loser, name)
        self._lost(NoteKind.CONFLICT, loser, name)

    def _is_alike(self, name: str) -> bool:
        """Where entries were matched without case, how a subject is spelt is no quarrel."""
        known = {known_as(held.essence) for held in (self.activity, self.to_severa) if held is not None}
        return self.matched and name is Field.SUBJECT and len(known) == 1

    def _empty(self, name: str) -> Side | None:
        return next((s for s in Side if (end := self._end(s)) is not None and not end.essence.value(name)), None)

    def _loser(self) -> Side:
        """The side whose value goes to history (R17): within a minute, or unknown, Microsoft's value stays."""
        rule = self.policy.conflict
        severa_stays = self._severa_is_newer() if rule is ConflictRule.NEWEST else rule is ConflictRule.SEVERA
        return Side.MICROSOFT if severa_stays else Side.SEVERA

    def _severa_is_newer(self) -> bool:
        severa, microsoft = self._moment(Side.SEVERA), self._moment(Side.MICROSOFT)
        return severa is not None and microsoft is not None and severa - microsoft > SAME_MOMENT

    def _moment(self, side: Side) -> datetime | None:
        """When a person changed that side last; the moment of our own write is nobody's (P43)."""
        end = self._end(side)
        return None if end is None or end.version == self.link.end(side).wrote else end.modified

    def _lost(self, kind: NoteKind, side: Side, name: str, code: str = "") -> None:
        code = code or f"{'conflict' if kind is NoteKind.CONFLICT else 'masked'}_{name.partition(':')[0]}"
        essence, other = cast("Activity | Event", self._end(side)).essence, self._projection(side)
        stayed = {str(name): other.essence.value(name)} if kind is NoteKind.CONFLICT and other is not None else {}
        self.out.notes.append(Note(kind, code, side, {str(name): essence.value(name)}, stayed))

    def _targets(self) -> None:
        if Field.PRIVACY in self.out.writes[Side.SEVERA] and self.event is not None:
            self.out.type_id = severa_type(self.event.essence, self.policy, self.link.earlier_type)
        for side, names in self.out.writes.items():
            source = self._projection(side)
            if source is not None and names:
                end = self._end(side)
                target = as_merged(end.essence if end else None, source.essence, names)
                self.out.targets[side] = target
                self.out.notes += narrowing(side, source, frozenset(names))
                if Field.TIME in names:
                    self._tell_of_time(side, end, target)

    def _tell_of_time(self, side: Side, end: Activity | Event | None, target: Essence) -> None:
        """What a new time does besides: a zone that is not the owner's, dates that are no longer in the pattern."""
        if side is Side.SEVERA and self.event is not None:
            self.out.notes += [Note(NoteKind.REMARK, remark, Side.MICROSOFT) for remark in self.event.remarks]
        if end is not None and (lost := dropped(end.essence, target)):
            self.out.notes.append(Note(NoteKind.REMARK, "exceptions_dropped", side, lost))
