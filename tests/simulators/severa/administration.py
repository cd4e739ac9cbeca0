"""What a company's administrator does in Severa: users, activity types, the API credential."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypedDict, Unpack

from .model import CATEGORIES, ActivityType, Author, Category, Company, User
from .state import CompanyState, Context

SCOPES = frozenset(
    {"activities:read", "activities:write", "activities:delete", "settings:read", "users:read", "organization:read"}
)
"""What a calendar sync needs (facts/severa.md 1.2)."""
TYPE_NAMES: Mapping[Category, str] = {
    "CalendarEntry": "Meeting",
    "SalesEvent": "Call",
    "Task": "Project task",
    "Personal": "Personal",
    "Absences": "Annual leave",
}


class UserChanges(TypedDict, total=False):
    """What can be changed in a user."""

    first_name: str
    last_name: str
    email: str | None
    timezone: str
    default_type_guid: str | None
    is_active: bool
    mailed_on_new_activity: bool


class TypeChanges(TypedDict, total=False):
    """What can be changed in an activity type."""

    name: str
    is_default: bool
    is_active: bool


class Administration:
    """The administrators of every company of one simulator."""

    def __init__(self, context: Context) -> None:
        self.states: dict[str, CompanyState] = {}
        """By client id of the company's API credential."""
        self._context = context

    def add_company(
        self,
        name: str,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: Iterable[str] = SCOPES,
        timezone: str = "Europe/Helsinki",
        categories: Iterable[Category] = CATEGORIES,
    ) -> Company:
        """A company with an API credential and one default activity type for each of the categories.

        Raises ValueError where the client id is taken.
        """
        client_id = client_id or self._context.new_guid()
        if client_id in self.states:
            raise ValueError(f"the client id {client_id} is taken")
        secret = client_secret or self._context.new_guid()
        company = Company(self._context.new_guid(), name, timezone, client_id, secret, frozenset(scopes))
        api = Author(self._context.new_guid(), "REST", "API")
        self.states[client_id] = CompanyState(company, api, self._context)
        for category in categories:
            self.add_activity_type(company, TYPE_NAMES[category], category, is_default=True)
        return company

    def replace_secret(self, company: Company, client_secret: str) -> Company:
        """The API credential has another secret from now on; tokens that were issued live on."""
        state = self.states[company.client_id]
        state.company = replace(company, client_secret=client_secret)
        return state.company

    def add_user(
        self,
        company: Company,
        name: str,
        email: str | None = None,
        *,
        timezone: str = "Europe/Helsinki",
        default_type: ActivityType | None = None,
        is_active: bool = True,
        mailed_on_new_activity: bool = True,
    ) -> User:
        """A user; `name` is first and last name, `timezone` an IANA name."""
        now = self._context.now()
        first, _, last = name.partition(" ")
        user = User(
            guid=self._context.new_guid(),
            company_guid=company.guid,
            first_name=first,
            last_name=last or first,
            email=email,
            timezone=timezone,
            default_type_guid=None if default_type is None else default_type.guid,
            is_active=is_active,
            mailed_on_new_activity=mailed_on_new_activity,
            created=now,
            updated=now,
        )
        self.states[company.client_id].users[user.guid] = user
        return user

    def edit_user(self, user: User, **changes: Unpack[UserChanges]) -> User:
        """The administrator changes a user."""
        users = self.state_of(user).users
        users[user.guid] = replace(users[user.guid], updated=self._context.now(), **changes)
        return users[user.guid]

    def add_activity_type(
        self,
        company: Company,
        name: str,
        category: Category,
        *,
        is_default: bool = False,
        is_active: bool = True,
    ) -> ActivityType:
        """An activity type; a new default takes the place of its category's old one."""
        now = self._context.now()
        guid = self._context.new_guid()
        kind = ActivityType(guid, company.guid, name, category, is_default, is_active, now, now)
        self._store(self.states[company.client_id], kind)
        return kind

    def edit_activity_type(self, kind: ActivityType, **changes: Unpack[TypeChanges]) -> ActivityType:
        """The administrator renames a type, makes it the default of its category, or retires it."""
        state = self._state(kind.company_guid)
        changed = replace(state.types[kind.guid], updated=self._context.now(), **changes)
        self._store(state, changed)
        return changed

    def types_of(self, company: Company) -> list[ActivityType]:
        """The company's activity types, in the order of their creation."""
        return list(self.states[company.client_id].types.values())

    def state_of(self, user: User) -> CompanyState:
        """The data of the user's company."""
        return self._state(user.company_guid)

    def _state(self, company_guid: str) -> CompanyState:
        return next(state for state in self.states.values() if state.company.guid == company_guid)

    def _store(self, state: CompanyState, kind: ActivityType) -> None:
        if kind.is_default:
            for other in list(state.types.values()):
                if other.category == kind.category and other.is_default:
                    state.types[other.guid] = replace(other, is_default=False)
        state.types[kind.guid] = kind
