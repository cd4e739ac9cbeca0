"""Which activity one meeting is, however many mailboxes hold it (R13), and what a pair makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.model.ids import UserId


@dataclass(frozen=True, slots=True)
class Claim:
    """The company-wide row of one meeting. Times in UTC.

    `key` is the keyed digest of the meeting's uid, `uid` that uid (`core/model/uid.py`). `activity` is empty until it
    is made, by the pair of `made_by`, since `begun`. `lead` is the user whose event has the say. `attendees` are the
    company's other users whom the meeting invites, by name or by a list, those who left since, too: who
    is among them is not brought again and gets no copy. `declined` were not brought, since they had declined before:
    users and keyed digests of their addresses, so that whoever looks at the meeting sees when they come after all.
    `dismissed` were taken off by an organizer outside, while the list of whoever leads still names them.
    `tag` is the stored row's ETag.

    Of a series, `guests` were brought to single dates of it by the pair that leads, since their own mailbox is not
    scanned: users and original dates (ISO 8601, by the clocks of Severa's owner).

    `dates` are those that whoever leads is not in, as they declined them, while others are: each with the user whose
    event has the say of it, and who owns it in Severa (the same days).

    Of a single date to which people are invited alone, `series` is the activity that has it among its dates; `activity`
    is that date there, as long as it has an id of its own. Empty: it is a meeting by itself.
    """

    key: str
    uid: str = ""
    activity: str = ""
    lead: UserId = UserId("")
    attendees: tuple[UserId, ...] = ()
    made_by: UserId = UserId("")
    begun: datetime | None = None
    series: str = ""
    guests: tuple[tuple[UserId, str], ...] = ()
    declined: tuple[tuple[UserId, str], ...] = ()
    dates: tuple[tuple[UserId, str], ...] = ()
    dismissed: tuple[UserId, ...] = ()
    tag: str = field(default="", compare=False)

    def users(self) -> frozenset[UserId]:
        """Everybody whom it names."""
        named = (one for one, _ in (*self.guests, *self.declined, *self.dates))
        return frozenset({self.lead, self.made_by, *self.attendees, *self.dismissed, *named} - {UserId("")})


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as one pair sees it. `leads`: this pair's event has the say.

    `may_edit`: an edit that its organizer made in Severa is written to Microsoft (R16); the company may forbid it.
    `brings`: this pair made the activity, so it brings its people once, whoever leads. `lead` is whoever does.
    `declined`: digests of the addresses of those who had declined (`Claim.declined`).
    `dates`: of a series, the names of those of which this pair has the say though it does not lead.
    `beside`: people were invited to two copies of one activity, which are two meetings then; the other one has the say.
    """

    key: str
    leads: bool = True
    lead: UserId = UserId("")
    may_edit: bool = True
    brings: bool = False
    declined: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    beside: bool = False
