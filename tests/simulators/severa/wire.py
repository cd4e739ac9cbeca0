"""The JSON forms of the simulated Severa, both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from . import series
from .model import Activity, ActivityType, Author, Company, Participant, Reference, User
from .state import CompanyState

Json = dict[str, Any]


def read_moment(text: object) -> datetime:
    """A date-time with its offset, as UTC.

    Raises ValueError for anything else: a moment without an offset, or one whose plus sign became a blank because
    the caller did not encode it.
    """
    if not isinstance(text, str) or "T" not in text:
        raise ValueError(f"{text!r} is no date-time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment.astimezone(UTC)


def activity_json(state: CompanyState, activity: Activity) -> Json:
    """ActivityModel. An activity without a customer, phase or recurrence has null there."""
    owner = state.users[activity.owner]
    kind = state.types[activity.type]
    zone = owner.zone if state.context.options.times == "owner" else UTC

    def moment(value: datetime | None) -> str | None:
        return None if value is None else value.astimezone(zone).isoformat()

    return {
        "guid": activity.guid,
        "name": activity.name,
        "startDateTime": moment(activity.start),
        "endDateTime": moment(activity.end),
        "isAllDay": activity.all_day,
        "hasDuration": activity.has_duration,
        "isClosed": activity.closed,
        "isUnassigned": activity.unassigned,
        "hasHours": activity.has_hours,
        "notes": activity.notes,
        "location": activity.location,
        "activityType": {"guid": kind.guid, "name": kind.name, "category": kind.category},
        "ownerUser": {"guid": owner.guid, "code": None, "name": owner.author.name, "keywords": []},
        "customer": _reference(activity.customer, number=None),
        "phase": _reference(activity.phase, isLocked=False, projectGuid=None, projectName=None),
        "projectTaskStatus": None,
        "recurrence": _recurrence_json(state, activity, moment),
        "recurrenceParentActivityGuid": activity.recurrence_parent,
        "recurrenceRule": activity.recurrence_rule,
        "recurrenceType": activity.recurrence_type,
        "createdDateTime": moment(activity.created),
        "createdBy": author_json(activity.created_by),
        "lastUpdatedDateTime": moment(activity.updated),
        "lastUpdatedBy": author_json(activity.updated_by),
    }


def author_json(author: Author | None) -> Json | None:
    """UserWithFirstNameLastNameAndPhotoFileModel."""
    return (
        None
        if author is None
        else {
            "guid": author.guid,
            "code": None,
            "name": author.name,
            "firstName": author.first_name,
            "lastName": author.last_name,
        }
    )


def type_json(kind: ActivityType) -> Json:
    """ActivityTypeModel."""
    return {
        "guid": kind.guid,
        "name": kind.name,
        "category": kind.category,
        "code": None,
        "isActive": kind.is_active,
        "isDefault": kind.is_default,
        "isPaidLeave": None,
        "createdDateTime": kind.created.isoformat(),
        "createdBy": None,
        "lastUpdatedDateTime": kind.updated.isoformat(),
        "lastUpdatedBy": None,
    }


def user_json(state: CompanyState, user: User) -> Json:
    """UserOutputModel, without the personal data that a calendar sync has no business with."""
    default = state.types.get(user.default_type_guid or "")
    return {
        "guid": user.guid,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "isActive": user.is_active,
        "code": None,
        "timezone": {"guid": None, "name": user.timezone, "systemName": None, "ianaName": user.timezone},
        "defaultActivityType": None if default is None else {"guid": default.guid, "name": default.name},
        "userType": "FullUser",
        "keywords": [],
        "notificationSettings": {"sendNewActivityEmail": user.mailed_on_new_activity},
        "createdDateTime": user.created.isoformat(),
        "createdBy": None,
        "lastUpdatedDateTime": user.updated.isoformat(),
        "lastUpdatedBy": None,
    }


def participant_json(state: CompanyState, participant: Participant) -> Json:
    """ActivityParticipantModel of a user or a guest."""
    user = state.users.get(participant.user)
    who = user or state.guests[participant.user]
    return {
        "guid": participant.guid,
        "activityGuid": participant.activity,
        "participantGuid": participant.user,
        "name": user.author.name if user is not None else state.guests[participant.user].name,
        "email": who.email,
        "type": "User" if user is not None else state.guests[participant.user].kind,
        "status": participant.status,
        "phone": None,
        "mobilePhone": None,
        "isActive": user is None or user.is_active,
    }


def company_json(company: Company) -> Json:
    """OrganizationDetailsOutputModel; its time zone has a name only (facts/severa.md part 5, 7)."""
    return {
        "guid": company.guid,
        "name": company.name,
        "timezone": {"guid": None, "name": company.timezone},
        "activeAddons": [],
    }


def _recurrence_json(state: CompanyState, activity: Activity, moment: Callable[[datetime], str | None]) -> Json | None:
    """ActivityRecurrenceModel; of a series with what Severa itself tells: original starts, and the last one."""
    if activity.recurrence is None or activity.series is None:
        return None if activity.recurrence is None else dict(activity.recurrence)
    clock, listed = state.clock_of(activity), state.context.options.listed_exceptions
    days: set[date] = set()
    days |= activity.series.cancelled if listed != "changed" else set()
    days |= activity.series.changed if listed != "cancelled" else set()
    last = series.last_start(activity, clock)
    return {
        **activity.recurrence,
        "exceptions": [moment(series.occurrence(activity, clock, day).start) for day in sorted(days)],
        "lastOccurrenceDateTime": None if last is None else moment(last),
    }


def _reference(reference: Reference | None, **more: object) -> Json | None:
    return None if reference is None else {"guid": reference.guid, "name": reference.name, **more}
