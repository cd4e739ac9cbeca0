"""What every request passes: its schema, the right to act for a mailbox, the limits (facts/microsoft.md G1, G2, G6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from .errors import EwsError
from .mailbox import Mailbox, MailboxState
from .releases import Release, at_least, has
from .schemas import Schemas
from .soap import Asked, local
from .world import World

_SHOWN_HEADERS = frozenset({"RequestServerVersion", "ExchangeImpersonation", "MailboxCulture"})
_MODERN_HEADERS = frozenset({"TimeZoneContext", "DateTimePrecision", "ManagementRole"})


def check_schema(world: World, release: Release, asked: Asked, content: bytes, schemas: Schemas | None) -> None:
    """Refuse a version that the server does not know, and what that version does not know. Raises EwsError."""
    if not release.knows(asked.schema):
        raise EwsError("ErrorInvalidServerVersion")
    unknown = [name for name in _names(asked) if not has(asked.schema, name)]
    problems = schemas.problems(asked.schema, content) if schemas else []
    if world.options.strict_headers:
        headers = _SHOWN_HEADERS | (_MODERN_HEADERS if at_least(asked.schema, "Exchange2010") else frozenset())
        unknown += [name for name in asked.headers if name not in headers]
    if asked.acts_by and not has(asked.schema, asked.acts_by):
        unknown.append(asked.acts_by)
    if unknown or problems:
        said = problems[0] if problems else f"{unknown[0]} is not known to {asked.schema}."
        raise EwsError("ErrorSchemaValidation", f"The request failed schema validation: {said}")


def mailbox_of(world: World, release: Release, asked: Asked, account: str) -> Mailbox | None:
    """The mailbox that a request acts for. Raises EwsError."""
    if not asked.acts_by:
        own = world.options.owners.get(account)
        return None if own is None else world.any_address(own)
    impersonators = world.options.impersonators
    if impersonators is not None and account not in impersonators:
        old = release.schema.startswith("Exchange2007")
        raise EwsError("ErrorImpersonationDenied" if old else "ErrorImpersonateUserDenied")
    found = _person(world, asked)
    if found is None:
        raise EwsError("ErrorNonExistentMailbox")
    if found.address.lower() in world.denied:
        raise EwsError("ErrorImpersonateUserDenied")
    if found.state is not MailboxState.OK:
        raise EwsError(found.state.value)
    return found


def check_busy(world: World, mailbox: Mailbox | None) -> None:
    """Refuse while a mailbox is throttled; asking again meanwhile prolongs it. Raises EwsError (ErrorServerBusy)."""
    now = world.now()
    if mailbox is None or mailbox.busy_until is None or mailbox.busy_until <= now:
        return
    mailbox.busy_until = max(mailbox.busy_until, now + world.throttle_for)
    raise EwsError("ErrorServerBusy", back_off=int((mailbox.busy_until - now).total_seconds() * 1000))


@contextmanager
def place(world: World, release: Release, mailbox: Mailbox | None) -> Iterator[None]:
    """One of the places for requests at the same time. Raises EwsError (ErrorExceededConnectionCount)."""
    if mailbox is None:
        yield
        return
    most = world.options.max_concurrent
    if not most and at_least(release.schema, "Exchange2010"):
        most = 27 if at_least(release.schema, "Exchange2013") else 10
    if most and mailbox.in_flight >= most:
        raise EwsError("ErrorExceededConnectionCount", "You have exceeded the available concurrent connections.")
    mailbox.in_flight += 1
    mailbox.peak = max(mailbox.peak, mailbox.in_flight)
    world.peak = max(world.peak, sum(box.in_flight for box in world.mailboxes))
    try:
        yield
    finally:
        mailbox.in_flight -= 1


def _person(world: World, asked: Asked) -> Mailbox | None:
    if asked.acts_by == "PrincipalName":
        wanted = asked.acts_for.lower()
        return next((box for box in world.mailboxes if box.principal_name.lower() == wanted), None)
    if asked.acts_by == "SmtpAddress":
        return world.any_address(asked.acts_for)
    if asked.acts_by != "PrimarySmtpAddress":
        raise EwsError("ErrorInvalidUserSid", f"{asked.acts_by} is not simulated.")
    found = world.primary(asked.acts_for)
    if found is None and world.any_address(asked.acts_for) is not None:
        raise EwsError("ErrorNonPrimarySmtpAddress")
    return found


def _names(asked: Asked) -> Iterator[str]:
    """Elements, attributes, and properties that are named, as far as one release has them and another has not."""
    for element in asked.body.iter(etree.Element):
        yield local(element)
        for name, value in element.attrib.items():
            yield name
            yield value.rpartition(":")[2]
        yield (element.text or "").strip() if local(element) == "LegacyFreeBusyStatus" else ""
