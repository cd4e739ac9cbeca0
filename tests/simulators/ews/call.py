"""One admitted request, and how it reads and shows times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from . import ids, series, zones
from .errors import EwsError
from .item import Folder, Item
from .mailbox import Mailbox
from .options import Options
from .releases import Release, at_least
from .soap import Asked, Element, failure, local, success
from .troubles import Where
from .world import World
from .zones import UTC_ZONE, YOUNG, Zone


@dataclass(frozen=True, slots=True)
class Call:
    """`mailbox` is the one of whom the call acts for; None where an account acts that has none."""

    world: World
    release: Release
    asked: Asked
    mailbox: Mailbox | None

    @property
    def address(self) -> str:
        """The address of whom it acts for, empty for nobody."""
        return self.mailbox.address if self.mailbox else ""

    @property
    def schema(self) -> str:
        """What the answer is written in."""
        return self.asked.schema

    @property
    def options(self) -> Options:
        """The simulator's oddities."""
        return self.world.options

    @property
    def modern(self) -> bool:
        """Whether it knows StartTimeZone and TimeZoneContext (facts/microsoft.md G4)."""
        return at_least(self.schema, "Exchange2010")

    @property
    def missing_zones(self) -> frozenset[str]:
        """The zones that the server does not know."""
        young = frozenset() if at_least(self.release.schema, "Exchange2013") else YOUNG
        return young if self.options.missing_zones is None else self.options.missing_zones

    @property
    def zone(self) -> Zone:
        """The zone of the request: that of TimeZoneContext, else UTC."""
        return (zones.known(self.asked.zone) or UTC_ZONE) if self.modern and self.asked.zone else UTC_ZONE

    @property
    def naive_zone(self) -> Zone:
        """Where times without an offset are read."""
        return self.zone if self.modern else (zones.known(self.options.server_zone) or UTC_ZONE)

    def moment(self, text: str, zone: Zone | None = None) -> datetime:
        """The instant that a text means; one without an offset is read in the zone. Raises EwsError."""
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise EwsError("ErrorSchemaValidation", f"'{text}' is no date and time.") from error
        if found.tzinfo is None:
            found = found.replace(tzinfo=(zone or self.naive_zone).rules)
        return found.astimezone(UTC).replace(microsecond=0)

    def shown(self, moment: datetime) -> str:
        """An instant as the answer shows it: with `Z`, or the offset of TimeZoneContext."""
        if self.zone == UTC_ZONE:
            return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
        return moment.astimezone(self.zone.rules).isoformat(timespec="seconds")

    def own_mailbox(self) -> Mailbox:
        """The mailbox that it acts for. Raises EwsError (ErrorMissingEmailAddress)."""
        if self.mailbox is None:
            raise EwsError("ErrorMissingEmailAddress", "The account has no mailbox of its own.")
        return self.mailbox

    def folder(self, element: Element) -> tuple[Mailbox, str]:
        """The mailbox and the distinguished name of a folder that was named. Raises EwsError."""
        if local(element) == "FolderId":
            name = ids.parse(element.get("Id", ""))
            mailbox = self._may_open(self.world.by_guid(name.mailbox))
            known = {mailbox.calendar: Folder.CALENDAR.value, mailbox.deleted_items: Folder.DELETED_ITEMS.value}
            if name not in known:
                raise EwsError("ErrorFolderNotFound")
            return self._open(mailbox, known[name]), known[name]
        named = element.findtext("{*}Mailbox/{*}EmailAddress")
        found = self.world.any_address(named) if named else self.own_mailbox()
        if found is None:
            raise EwsError("ErrorNonExistentMailbox")
        return self._open(self._may_open(found), element.get("Id", "")), element.get("Id", "")

    def known_folder(self, element: Element) -> tuple[Mailbox, Folder]:
        """The mailbox and the folder, which must be one that holds items here. Raises EwsError."""
        mailbox, name = self.folder(element)
        if name not in (Folder.CALENDAR.value, Folder.DELETED_ITEMS.value):
            raise EwsError("ErrorFolderNotFound")
        return mailbox, Folder(name)

    def item(self, element: Element) -> tuple[Mailbox, Item, str]:
        """The mailbox and the item of an ItemId, OccurrenceItemId or RecurringMasterItemId, and the ChangeKey sent.

        Raises EwsError (facts/microsoft.md G3).
        """
        kind = local(element)
        attribute = {"ItemId": "Id", "OccurrenceItemId": "RecurringMasterId", "RecurringMasterItemId": "OccurrenceId"}
        if kind not in attribute:
            raise EwsError("ErrorInvalidOperation", f"{kind} is not simulated.")
        name = ids.parse(element.get(attribute[kind], ""))
        mailbox = self._open(self._may_open(self.world.by_guid(name.mailbox)), Folder.CALENDAR.value)
        found = mailbox.find(name.entry)
        if found is None:
            raise EwsError("ErrorItemNotFound")
        sent = element.get("ChangeKey", "")
        if kind == "OccurrenceItemId":
            if found.rule is None or name.day is not None:
                raise EwsError("ErrorCalendarCannotUseIdForOccurrenceId", "The id is not that of a recurring master.")
            return mailbox, series.by_index(mailbox, found, int(element.get("InstanceIndex", "0"))), sent
        if kind == "RecurringMasterItemId":
            if name.day is None:
                raise EwsError("ErrorCalendarCannotUseIdForRecurringMasterId", "The id is not that of an occurrence.")
            return mailbox, found, sent
        if name.day is not None:
            one = series.instance(mailbox, found, name.day)
            if one is None:
                raise EwsError("ErrorItemNotFound")
            found = one
        return mailbox, found, sent

    def each(
        self,
        things: Iterable[Element],
        serve: Callable[[Element], Iterable[Element]],
        empty: Callable[[], Iterable[Element]] = tuple,
    ) -> list[Element]:
        """A response message for each thing that was asked for: what `serve` gives, or how it is refused.

        `empty`: what the schema wants in a refusal.
        """
        return [self._one(thing, serve, empty) for thing in things]

    def _one(
        self, thing: Element, serve: Callable[[Element], Iterable[Element]], empty: Callable[[], Iterable[Element]]
    ) -> Element:
        operation = self.asked.operation
        trouble = self.world.troubles.match(operation, self.address, Where.ITEM, Where.ITEM_COMMITTED)
        if trouble is not None and trouble.where is Where.ITEM:
            return failure(operation, EwsError(trouble.code, back_off=trouble.back_off), *empty())
        try:
            content = tuple(serve(thing))
        except EwsError as error:
            return failure(operation, error, *empty())
        if trouble is not None:
            return failure(operation, EwsError(trouble.code, back_off=trouble.back_off), *empty())
        return success(operation, *content)

    def _may_open(self, mailbox: Mailbox) -> Mailbox:
        if mailbox is not self.mailbox:
            raise EwsError("ErrorAccessDenied")
        return mailbox

    def _open(self, mailbox: Mailbox, folder: str) -> Mailbox:
        if mailbox.address.lower() in self.world.shut and folder == Folder.CALENDAR.value:
            raise EwsError("ErrorAccessDenied")
        return mailbox


def same_version(item: Item, mailbox: Mailbox, change_key: str) -> bool:
    """Whether a ChangeKey is that of an item as it is; a plain occurrence has its master's."""
    if item.slot is None or item.slot.own is not None:
        return item.change_key == change_key
    return change_key == mailbox.current(item.slot.series).change_key
