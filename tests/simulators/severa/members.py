"""Who owns activities and who takes part in them, as people change it in Severa, without HTTP."""

from __future__ import annotations

from . import writes
from .calendars import Calendars
from .model import Activity, Author, Guest, GuestKind, Participant, User
from .state import CompanyState


class Members(Calendars):
    """Owners, participants and guests. An activity's guid may be that of one date of a series: it is an exception then.

    Who changes something is named in `lastUpdatedBy`: the owner, unless `by` says who. Whether that moves the activity
    at all is the switch `participants_touch`.
    """

    def add_participant(self, guid: str, user: User, *, by: User | None = None) -> Participant:
        """Somebody adds a participant. Raises LookupError where the activity is gone, ValueError where they are in."""
        state, activity = self._find(guid)
        if any(known.user == user.guid for known in state.participants_of(guid)):
            raise ValueError(f"{user.author.name} takes part in {guid} already")
        participant = Participant(state.context.new_guid(), guid, user.guid)
        return writes.add_participant(state, participant, _author(state, activity, by))

    def remove_participant(self, guid: str, user: User | Guest, *, by: User | None = None) -> None:
        """Somebody (a user for themselves, unless `by` says who) takes somebody off. LookupError: was not there."""
        state, activity = self._find(guid)
        if by is None and isinstance(user, User):
            by = user
        for participant in state.participants_of(guid):
            if participant.user == user.guid:
                writes.remove_participant(state, participant, _author(state, activity, by))
                return
        raise LookupError(f"{user.guid} does not take part in {guid}")

    def add_guest(
        self, guid: str, name: str, email: str | None = None, *, kind: GuestKind = "Other", by: User | None = None
    ) -> Guest:
        """Somebody adds a participant who is no user: a contact, a resource, or whom the email integration found.

        The API lists them, and cannot add them (facts/severa.md 1.7).
        """
        state, activity = self._find(guid)
        guest = Guest(state.context.new_guid(), name, email, kind)
        state.guests[guest.guid] = guest
        participant = Participant(state.context.new_guid(), guid, guest.guid, "Invited")
        writes.add_participant(state, participant, _author(state, activity, by))
        return guest

    def change_owner(self, guid: str, to: User, *, by: User | None = None, stays: bool = False) -> Activity:
        """Somebody gives an activity to another user, who takes part no more but owns it; answers it as it is then.

        A series takes its exceptions along. With `stays` the former owner takes part from then on.
        """
        state, activity = self._find(guid)
        former, author = state.users[activity.owner], _author(state, activity, by)
        self.edit_activity(guid, by=by or former, owner=to)
        for participant in state.participants_of(guid):
            if participant.user == to.guid:
                writes.remove_participant(state, participant, author)
        if stays:
            self.add_participant(guid, former, by=by or former)
        return self.activity(guid)

    def participants_of(self, guid: str) -> list[User]:
        """The users who take part in an activity, without its owner and guests. Raises LookupError: it is gone."""
        state, _ = self._find(guid)
        return [state.users[one.user] for one in state.participants_of(guid) if one.user in state.users]


def _author(state: CompanyState, activity: Activity, by: User | None) -> Author:
    return (by or state.users[activity.owner]).author
