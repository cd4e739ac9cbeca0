"""A toy world: two dictionaries of entries, and an interpreter that applies a plan to them as the use cases do.

Every write makes a new version. Privacy follows the type's category in Severa. A provider may rewrite what it is given
(`rewrite`), the process may die right after an effect (`dies_after`), and with `lazy` an end whose version is known is
not looked at until it is about to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from core.model.essence import MASKABLE, PLAIN, Essence, Field, with_exception, with_exceptions
from core.model.exceptions import day_of
from core.model.ids import Pair, Side
from core.model.link import Intent, Link, LinkState
from core.model.operation import Bury, Create, Delete, Draft, Note, Operation, Park, Picture, Planned, Update
from core.model.policy import Policy
from core.model.sighting import GONE, PRIVATE_CATEGORIES, UNSEEN, Activity, Event, Gone, Unseen
from core.sync.match import match
from core.sync.merge import changed_fields
from core.sync.plan import plan
from core.sync.reconcile import decide
from core.sync.record import agreed, before_time, buried, date_agreed, parked, with_types
from core.sync.rejoin import base_link, intent_id, joined, rejoin
from core.usecases.dates import due_dates
from tests.support.pictures import ANNA, COMPANY, DIGESTER, MAILBOX, NOW, TYPES

PAIR = Pair(COMPANY, ANNA)
Rewrite = Callable[[Essence], Essence]
Order = Callable[[list[Planned]], list[Planned]]


class Died(Exception):
    """The process died after an effect, before it was recorded."""


def private_by(kind: str, essence: Essence) -> Essence:
    """The essence as an activity of that type holds it."""
    return replace(essence, private=TYPES[kind].category in PRIVATE_CATEGORIES)


def with_fields(held: Essence, wanted: Essence, fields: Iterable[str]) -> Essence:
    """The held essence with those fields of the wanted one. A new time leaves no exceptions."""
    names = {Field.SUBJECT: "subject", Field.TEXT: "text", Field.LOCATION: "location", Field.TIME: "when"}
    names[Field.PRIVACY] = "private"
    made = replace(held, **{names[Field(f)]: getattr(wanted, names[Field(f)]) for f in fields})
    return with_exceptions(made, () if Field.TIME in fields else held.exceptions)


def _is_as_sent(activity: Activity, intent: Intent) -> bool:
    """Whether it has the name and the time of the activity that was to be made; its event may say otherwise by now."""
    sent, held = intent.base.severa.digests, DIGESTER.fields(Side.SEVERA, activity.essence)
    return all(sent[name] == held[name] for name in (Field.SUBJECT, Field.TIME))


@dataclass
class Toy:
    """Both calendars, and what is remembered of them. `writes` is what we did, as (kind, side, id)."""

    policy: Policy
    rewrite: Rewrite | None = None
    lazy: bool = False
    order: Order = list
    activities: dict[str, Activity] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    bin: dict[str, Event] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    notes: list[tuple[str, str, Note]] = field(default_factory=list)
    writes: list[tuple[str, Side, str]] = field(default_factory=list)
    dies_after: int | None = None
    ticks: int = 0
    unfinished: bool = False

    # --- people -----------------------------------------------------------------------------------------------------
    def tick(self, seconds: int = 1) -> datetime:
        """A moment later than every one before."""
        self.ticks += seconds
        return NOW - timedelta(days=1) + timedelta(seconds=self.ticks)

    def put_activity(self, name: str, essence: Essence, kind: str, seconds: int = 1) -> None:
        """Somebody makes or changes an activity."""
        now, held = self.tick(seconds), self.activities.get(name)
        self.activities[name] = Activity(
            name,
            f"s{self.ticks}",
            private_by(kind, essence),
            kind,
            TYPES[kind].category,
            ANNA,
            created=held.created if held else now,
            modified=now,
            has_hours=held.has_hours if held else False,
        )

    def put_event(self, name: str, essence: Essence, seconds: int = 1, **more: object) -> None:
        """Somebody makes or changes an event."""
        now, held = self.tick(seconds), self.events.get(name)
        base = held or Event(name, "", essence, uid=f"uid-{name}", created=now, mark_read=True)
        self.events[name] = replace(base, version=f"m{self.ticks}", essence=essence, modified=now, **more)  # type: ignore[arg-type]

    def remove(self, side: Side, name: str) -> None:
        """Somebody, or we, delete an entry. Events go to where a person can get them back."""
        if side is Side.SEVERA:
            self.activities.pop(name)
        else:
            self.bin[name] = self.events.pop(name)

    # --- one run ----------------------------------------------------------------------------------------------------
    def run(self) -> list[Planned]:
        """Observe, decide, act. What was intended, in the order in which it was done."""
        intended = self.order(list(plan(self.pictures(), self.policy, DIGESTER).entries))
        for planned in intended:
            self._apply(planned)
        if self.unfinished:  # A series was made: its exceptions are what another round finds changed.
            self.unfinished = False
            return [*intended, *self.run()]
        return intended

    def settle(self, rounds: int = 4) -> None:
        """Run until a run writes nothing; AssertionError where that does not come."""
        for _ in range(rounds):
            before = len(self.writes)
            self.run()
            if len(self.writes) == before:
                return
        raise AssertionError(f"did not settle: {self.writes}")

    def run_and_die(self, after: int) -> bool:
        """A run that dies after so many effects; False where it had no more than that."""
        self.dies_after = len(self.writes) + after + 1
        try:
            self.run()
        except Died:
            return True
        finally:
            self.dies_after = None
        return False

    def pictures(self) -> list[Picture]:
        """Everything that there is, recognized."""
        current, old = self.current(), self._displaced()
        known = {link.id_on(side) for link in current + old for side in Side}
        newcomers = {n: a for n, a in self.activities.items() if n not in known}
        strangers = [e for n, e in self.events.items() if n not in known]
        by_activity = {link.activity: link for link in current}
        again = list(rejoin(strangers, self.intents, by_activity, self.policy, MAILBOX, DIGESTER).values())
        again += self._twins(set(newcomers) - {link.activity for link in again})
        taken = {link.id_on(side) for link in again for side in Side}
        linked = [p for p in map(self._linked, current + old) if p and not {p.id_on(s) for s in Side} & taken]
        free = [a for n, a in newcomers.items() if n not in taken], [e for e in strangers if e.id not in taken]
        pairs = match(*free, self.policy)
        matched = {end.id for pair in pairs for end in pair}
        return [
            *linked,
            *(self._recognized(link) for link in again),
            *(Picture(Link(a.id, e.id, Side.MICROSOFT, uid=e.uid), a, e) for a, e in pairs),
            *(Picture(None, a, None) for a in free[0] if a.id not in matched),
            *(Picture(None, None, e) for e in free[1] if e.id not in matched),
        ]

    def current(self) -> list[Link]:
        """Links whose ends were not linked anew since: a revival takes the place of the link that it revives."""
        latest: dict[str, int] = {}
        for link in self.links.values():
            for side in Side:
                latest[link.id_on(side)] = max(latest.get(link.id_on(side), 0), link.generation)
        return [k for k in self.links.values() if all(k.generation >= latest[k.id_on(side)] for side in Side)]

    def _displaced(self) -> list[Link]:
        """Links of which one end found another partner: dead, whatever they say, and known by the end they kept."""
        current = self.current()
        owned = {link.id_on(side) for link in current for side in Side}
        old = [link for link in self.links.values() if link not in current]
        lone = [link for link in old if not all(link.id_on(side) in owned for side in Side)]
        return [
            replace(
                link,
                state=LinkState.DEAD,
                activity="" if link.activity in owned else link.activity,
                event="" if link.event in owned else link.event,
            )
            for link in lone
        ]

    def _linked(self, link: Link) -> Picture | None:
        activity: Activity | Unseen | Gone = self.activities.get(link.activity, GONE)
        event: Event | Unseen | Gone = self.events.get(link.event, GONE)
        if link.state is LinkState.DEAD:
            return None if activity is GONE and event is GONE else Picture(link, activity, event)
        if link.missing is Side.SEVERA and activity is GONE:
            activity = UNSEEN
        if link.missing is Side.MICROSOFT and event is GONE:
            event = UNSEEN
        if self.lazy and isinstance(activity, Activity) and activity.version == link.severa.version:
            activity = UNSEEN
        if self.lazy and isinstance(event, Event) and event.version == link.microsoft.version:
            event = UNSEEN
        if link.state is LinkState.PARKED and not (activity is UNSEEN and event is UNSEEN):
            # A parked link's digests stand still, so both its ends are read where one has news.
            activity = self.activities.get(link.activity, activity)
            event = self.events.get(link.event, event)
        return None if activity is UNSEEN and event is UNSEEN else Picture(link, activity, event)

    def _recognized(self, link: Link) -> Picture:
        return Picture(link, self.activities.get(link.activity, GONE), self.events.get(link.event, GONE))

    def _twins(self, free: set[str]) -> list[Link]:
        """Activities that a create with a lost answer made."""
        out = []
        for intent in self.intents.values():
            young = [a for n, a in self.activities.items() if n in free and a.created and a.created >= intent.begun]
            alike = [a for a in young if intent.side is Side.SEVERA and _is_as_sent(a, intent)]
            if alike:
                out.append(joined(intent, min(alike, key=lambda a: (a.created, a.id)).id))
        return out

    # --- act --------------------------------------------------------------------------------------------------------
    def _apply(self, planned: Planned) -> None:
        picture, decision = planned.picture, planned.decision
        remote = any(isinstance(o, Update | Delete) for o in decision.operations)
        if self.lazy and remote:  # The targets are read, and it is decided again on what they hold.
            picture = self._reread(picture, decision.operations)
            decision = decide(picture, self.policy, DIGESTER)
            if any(isinstance(o, Create) for o in decision.operations):
                return  # Not planned: the next run plans it.
        activity, event = picture.id_on(Side.SEVERA), picture.id_on(Side.MICROSOFT)
        self.notes += [(activity, event, note) for note in decision.notes]
        link = picture.link
        for position, operation in enumerate(decision.operations):
            last = position == len(decision.operations) - 1
            link, picture = self._do(operation, picture, link, last=last)
            if link is not None:
                self.links[link.activity, link.event] = link

    def _reread(self, picture: Picture, operations: tuple[Operation, ...]) -> Picture:
        targets = {o.side for o in operations if isinstance(o, Update | Delete)}
        if Side.SEVERA in targets:
            picture = replace(picture, activity=self.activities.get(picture.id_on(Side.SEVERA), GONE))
        if Side.MICROSOFT in targets:
            picture = replace(picture, event=self.events.get(picture.id_on(Side.MICROSOFT), GONE))
        return picture

    def _do(
        self, operation: Operation, picture: Picture, link: Link | None, *, last: bool
    ) -> tuple[Link | None, Picture]:
        match operation:
            case Create():
                return self._create(operation, picture, link), picture
            case Update():
                return self._update(operation, picture, cast("Link", link), last=last)
            case Delete(side):
                self._delete(side, picture.id_on(side))
                return buried(cast("Link", link), self.policy), picture
            case Park():
                return parked(cast("Link", link), picture, operation, self.policy), picture
            case Bury():
                return buried(cast("Link", link), self.policy), picture
            case _ if link is not None:
                return agreed(link, picture.seen_activity, picture.seen_event, self.policy, DIGESTER), picture
            case _:
                return None, picture

    def _create(self, create: Create, picture: Picture, link: Link | None) -> Link:
        source = cast("Activity | Event", picture.end(create.side.other))
        name = intent_id(DIGESTER, PAIR, create.side, source.id, create.generation)
        if name not in self.intents:
            base = base_link(source, create, link, self.policy, DIGESTER)
            self.intents[name] = Intent(name, PAIR, create.side, source.id, base, self.tick(), NOW)
        intent, made = self.intents[name], f"<{source.id}.{create.generation}>"
        essence = self._rewritten(replace(create.draft.essence, exceptions=()))
        self.writes.append(("create", create.side, made))
        if create.side is Side.SEVERA:
            assert made not in self.activities, "made twice"
            self.put_activity(made, essence, create.draft.type_id)
        else:
            mark = DIGESTER.mark(COMPANY, MAILBOX, source.id, create.generation)
            if made not in self.events:
                self.put_event(made, essence, transaction=name, mark=mark)
        self._may_die()
        self.intents.pop(name)
        activity = source if isinstance(source, Activity) else self.activities[made]
        event = source if isinstance(source, Event) else self.events[made]
        names = PLAIN if source.essence.exceptions else None
        self.unfinished = self.unfinished or names is not None
        return agreed(joined(intent, made), activity, event, self.policy, DIGESTER, names=names, wrote=create.side)

    def _update(self, update: Update, picture: Picture, link: Link, *, last: bool) -> tuple[Link, Picture]:
        self._check_difference(update, picture, link)
        if update.fields & PLAIN or update.draft.type_id:
            link, picture = self._update_plain(update, picture, link)
        for name in due_dates(update, cast("Activity | Event", picture.end(update.side))):
            link, picture = self._update_date(update, picture, link, name)
        names = None if last else update.fields
        activity, event = picture.seen_activity, picture.seen_event
        return agreed(link, activity, event, self.policy, DIGESTER, names=names, wrote=update.side), picture

    def _update_plain(self, update: Update, picture: Picture, link: Link) -> tuple[Link, Picture]:
        name, draft = link.id_on(update.side), update.draft
        if Field.TIME in update.fields:
            link = before_time(link, draft)
            self.links[link.activity, link.event] = link
        self.writes.append(("update", update.side, name))
        if update.side is Side.SEVERA:
            held = self.activities[name]
            link = with_types(link, held, draft)
            self.links[link.activity, link.event] = link  # The earlier type is kept before it is overwritten.
            self.put_activity(
                name, self._with(held.essence, draft, update.fields & PLAIN), draft.type_id or held.type_id
            )
            picture = replace(picture, activity=self.activities[name])
        else:
            self.put_event(name, self._with(self.events[name].essence, draft, update.fields & PLAIN))
            picture = replace(picture, event=self.events[name])
        self._may_die()
        if due_dates(update, cast("Activity | Event", picture.end(update.side))):
            ends = picture.seen_activity, picture.seen_event
            link = agreed(link, *ends, self.policy, DIGESTER, names=update.fields & PLAIN, wrote=update.side)
        return link, picture

    def _update_date(self, update: Update, picture: Picture, link: Link, name: str) -> tuple[Link, Picture]:
        """One date of a series; one that is cancelled stays so: neither side can bring it back."""
        day, entry = day_of(name), link.id_on(update.side)
        assert day is not None
        held = self.activities[entry] if update.side is Side.SEVERA else self.events[entry]
        now, wanted = held.essence.on(day), update.draft.essence.on(day)
        if now is None or wanted is None:
            return link, picture
        if not now.is_cancelled and now != wanted:
            self.writes.append(("date", update.side, entry))
            essence = with_exception(held.essence, day, wanted)
            if isinstance(held, Activity):
                self.put_activity(entry, essence, held.type_id)
                picture = replace(picture, activity=self.activities[entry])
            else:
                self.put_event(entry, essence)
                picture = replace(picture, event=self.events[entry])
            self._may_die()
        ends = {end.side: end.essence for end in (picture.seen_activity, picture.seen_event) if end is not None}
        if name not in update.fields:
            ends.pop(update.side.other, None)
        return date_agreed(link, name, ends, self.policy, DIGESTER), picture

    def _check_difference(self, update: Update, picture: Picture, link: Link) -> None:
        """R21: only what changed on the other side is sent, and only where the target holds something else."""
        target, source = picture.end(update.side), picture.end(update.side.other)
        assert isinstance(target, Activity | Event), "written without a look"
        assert isinstance(source, Activity | Event), "written from nothing"
        for name in update.fields:
            same = target.essence.value(name) == update.draft.essence.value(name)
            assert not same or name not in PLAIN, f"no difference in {name}"
        moved = changed_fields(link, source.side, source.essence, DIGESTER)
        veiled = MASKABLE | {Field.PRIVACY} if update.side is Side.SEVERA else frozenset()
        if update.fields & veiled or (veiled and (link.masked or source.essence.private)):
            # With its mask, and after a crash behind it, a series' dates show or hide what they have of their own.
            veiled |= {name for name in update.fields if day_of(name)}
        # A date may have become as its series says by the write just before: nothing is sent then.
        veiled |= {name for name in update.fields if day_of(name) and not update.draft.essence.value(name)}
        assert update.fields <= moved | veiled, f"sent unchanged: {update.fields - moved}"
        assert not (isinstance(target, Event) and target.is_meeting), "wrote to a meeting"

    def _delete(self, side: Side, name: str) -> None:
        end = self.activities[name] if side is Side.SEVERA else self.events[name]
        assert not (end.has_hours if isinstance(end, Activity) else end.is_meeting), "deleted what has to stay"
        self.writes.append(("delete", side, name))
        self.remove(side, name)
        self._may_die()

    def _with(self, held: Essence, draft: Draft, fields: frozenset[str]) -> Essence:
        return with_fields(held, self._rewritten(draft.essence), fields)

    def _rewritten(self, essence: Essence) -> Essence:
        return self.rewrite(essence) if self.rewrite else essence

    def _may_die(self) -> None:
        if self.dies_after is not None and len(self.writes) >= self.dies_after:
            raise Died

    # --- what came of it ----------------------------------------------------------------------------------------------
    def content(self) -> Mapping[str, object]:
        """What both calendars hold and what is remembered, without versions and moments."""
        return {
            **{a.id: (a.essence, a.type_id) for a in self.activities.values()},
            **{e.id: (e.essence, e.is_meeting) for e in self.events.values()},
            **{f"link {k.activity}": self._remembered(k) for k in sorted(self.current(), key=lambda k: k.activity)},
        }

    def _remembered(self, link: Link) -> object:
        kept = {"agreed": None, "severa": link.severa.digests, "microsoft": link.microsoft.digests}
        return {name: kept.get(name, getattr(link, name)) for name in Link.__slots__}

    def said_of(self, *names: str) -> set[str]:
        """Values that history keeps of those entries."""
        return {v for a, e, note in self.notes if {a, e} & set(names) for v in note.values.values()}
