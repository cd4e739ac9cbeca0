"""Three-way merge of one linked entry, field by field (R17), on what each side may hold (R10, R22)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.model.essence import MASKABLE, Essence, Field
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Note, NoteKind, Picture
from core.model.policy import SAME_MOMENT, ConflictRule, Policy
from core.model.sighting import Activity, Event
from core.sync.digest import Digester
from core.sync.project import Projection, is_masked, on_microsoft, on_severa

_FILLABLE = frozenset({Field.TEXT, Field.LOCATION})
"""Where entries are matched for the first time, an empty value of these is filled rather than fought over."""


@dataclass(slots=True)
class Merged:
    """What has to be written: the fields by side, each side's target, and what history is told."""

    writes: dict[Side, set[Field]] = field(default_factory=lambda: {Side.SEVERA: set(), Side.MICROSOFT: set()})
    targets: dict[Side, Essence] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def changed_fields(link: Link, side: Side, essence: Essence, digester: Digester) -> frozenset[Field]:
    """The fields in which that side is no longer as the link remembers it."""
    remembered = link.end(side).digests
    return frozenset(f for f in Field if digester.field(side, f, essence) != remembered.get(f.value))


def merge(picture: Picture, link: Link, policy: Policy, digester: Digester) -> Merged:
    """Bring a linked entry's two ends together. An unseen end is taken to be as the link remembers it."""
    return _Merge(picture, link, policy, digester).run()


class _Merge:
    def __init__(self, picture: Picture, link: Link, policy: Policy, digester: Digester) -> None:
        self.link, self.policy, self.digester = link, policy, digester
        self.activity = picture.activity if isinstance(picture.activity, Activity) else None
        self.event = picture.event if isinstance(picture.event, Event) else None
        self.matched = not link.severa.digests and not link.microsoft.digests
        self.out = Merged()
        self.to_severa = on_severa(self._event_essence(), policy) if self.event else None
        self.to_microsoft = on_microsoft(self.activity.essence) if self.activity else None
        # An unseen event was neither masked nor unmasked since it was last seen.
        self.masked = is_masked(self.event.essence, policy) if self.event else link.masked

    def run(self) -> Merged:
        moved = {Side.SEVERA: self._moved(self.activity), Side.MICROSOFT: self._moved(self.event)}
        if self.event is not None and self.masked != self.link.masked:
            moved[Side.MICROSOFT] |= MASKABLE
        for name in Field:
            if self.masked and name in MASKABLE:
                self._masked(name, moved)
            elif name in moved[Side.SEVERA] and name in moved[Side.MICROSOFT]:
                self._both(name)
            elif name in moved[Side.MICROSOFT]:
                self._write(Side.SEVERA, name)
            elif name in moved[Side.SEVERA]:
                self._write(Side.MICROSOFT, name)
        self._targets()
        return self.out

    def _event_essence(self) -> Essence:
        """At a first match the strictest privacy decides: nobody sees more than before."""
        assert self.event is not None  # noqa: S101 - asked only where there is one
        strict = self.matched and self.activity is not None and self.activity.essence.private
        return replace(self.event.essence, private=True) if strict else self.event.essence

    def _moved(self, end: Activity | Event | None) -> frozenset[Field]:
        return frozenset() if end is None else changed_fields(self.link, end.side, end.essence, self.digester)

    def _projection(self, side: Side) -> Projection | None:
        """What `side` would get from the other one."""
        return self.to_severa if side is Side.SEVERA else self.to_microsoft

    def _holds(self, side: Side, name: Field) -> str:
        """The digest of what `side` holds, as seen or as remembered."""
        end = self.activity if side is Side.SEVERA else self.event
        if end is None:
            return self.link.end(side).digests.get(name.value, "")
        return self.digester.field(side, name, end.essence)

    def _differs(self, side: Side, name: Field) -> bool:
        source = self._projection(side)
        return source is not None and self.digester.field(side, name, source.essence) != self._holds(side, name)

    def _write(self, side: Side, name: Field) -> None:
        """R21: no write without a difference in projections."""
        if self._differs(side, name):
            self.out.writes[side].add(name)

    def _masked(self, name: Field, moved: dict[Side, frozenset[Field]]) -> None:
        """A masked field is read-only from Severa and never compared with the mask; the mask is put on once (R10)."""
        edited = name in moved[Side.SEVERA] and not self.matched
        if not self.link.masked and self._differs(Side.SEVERA, name):
            self.out.writes[Side.SEVERA].add(name)
            if edited:
                self._lost(NoteKind.CONFLICT, f"conflict_{name}", Side.SEVERA, name)
        elif edited:
            self._lost(NoteKind.REMARK, f"masked_{name}", Side.SEVERA, name)

    def _both(self, name: Field) -> None:
        """Changed on both sides: to the same value they agree, to different ones the company's rule decides."""
        if not self._differs(Side.SEVERA, name) or not self._differs(Side.MICROSOFT, name):
            return
        if self.matched and name is Field.PRIVACY:
            strict = self._strictest()
            self._write(strict.other, name)
            return
        if self.matched and name in _FILLABLE and (empty := self._empty(name)):
            self._write(empty, name)
            return
        loser = self._loser()
        self._write(loser, name)
        self._lost(NoteKind.CONFLICT, f"conflict_{name}", loser, name)

    def _strictest(self) -> Side:
        return Side.MICROSOFT if self.event is not None and self.event.essence.private else Side.SEVERA

    def _empty(self, name: Field) -> Side | None:
        for end in (self.activity, self.event):
            if end is not None and not end.essence.value(name):
                return end.side
        return None

    def _loser(self) -> Side:
        """The side whose value goes to history (R17): within a minute, or unknown, Microsoft's value stays."""
        match self.policy.conflict:
            case ConflictRule.SEVERA:
                return Side.MICROSOFT
            case ConflictRule.MICROSOFT:
                return Side.SEVERA
            case ConflictRule.NEWEST:
                return Side.MICROSOFT if self._severa_is_newer() else Side.SEVERA

    def _severa_is_newer(self) -> bool:
        severa, microsoft = self.activity, self.event
        if severa is None or microsoft is None or severa.modified is None or microsoft.modified is None:
            return False
        if severa.version == self.link.severa.wrote or microsoft.version == self.link.microsoft.wrote:
            return False  # That moment is our own write's, not a person's (P43).
        return severa.modified - microsoft.modified > SAME_MOMENT

    def _lost(self, kind: NoteKind, code: str, side: Side, name: Field) -> None:
        end = self.activity if side is Side.SEVERA else self.event
        if end is not None:
            self.out.notes.append(Note(kind, code, side, {name.value: end.essence.value(name)}))

    def _targets(self) -> None:
        for side, names in self.out.writes.items():
            source = self._projection(side)
            if names and source is not None:
                self.out.targets[side] = source.essence
                self.out.notes += narrowing(side, source, frozenset(names))


def narrowing(side: Side, projection: Projection, written: frozenset[Field]) -> list[Note]:
    """What history is told of the fields that `side` cannot hold in full (R22), by the field that each rule narrows."""
    told = [rule for rule in projection.narrowed if Field(rule.split("_", 1)[0]) in written]
    return [Note(NoteKind.REMARK, rule, side) for rule in told]
