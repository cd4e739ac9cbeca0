"""Connecting a company to its Microsoft organization, step by step (design.md section 9, facts/microsoft.md F1).

`begin` (the administrator, by the front end) → `open_start` → `callback` twice (granted, signed in) → `confirm`.
Every step hands out a new secret, which serves once, for ten minutes from the beginning, in one browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from core.errors import RetryLater, Stop
from core.model.consent import ConsentAttempt, Mailboxes, Step
from core.model.ids import CompanyId, UserId
from core.ports_consent import ConsentPorts
from core.usecases import consent_rules as rules
from core.usecases.consent_binding import bind
from core.usecases.consent_secrets import digest, keep, mint, take
from core.usecases.settings import read_settings

LIFE = timedelta(minutes=10)
NAME_MAX = 200
GIVEN = "{} (a name that Severa did not confirm)"
"""How a name is shown that only the administrator says: the pages warn people by the company's name."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start page: which company is to be connected, the cookie for this browser, where to go on."""

    company_name: str
    cookie: str
    address: str


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """The permission is granted; the browser is to go there, to prove by whom."""

    address: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is to be confirmed. `replaces`: the organization that the company is connected to now, if another one."""

    state: str
    company_name: str
    tenant: str
    account: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Microsoft does not open a mailbox (`code` says how); the same confirmation may be sent again with `state`."""

    state: str
    code: str
    company_name: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The company is connected. `front_end` is the origin to tell; `directory`: users can be looked up."""

    company_name: str
    tenant: str
    front_end: str
    directory: bool


async def begin(c: ConsentPorts, company: CompanyId, admin: UserId, company_name: str = "") -> str:
    """A new attempt of this administrator, whose earlier ones are void; the state for the link to the start page.

    The company's name is Severa's where it tells, else the one that was given, as GIVEN. Raises RetryLater.
    """
    now = c.ports.clock.now()
    await c.consents.forget(company, admin, now)
    settings, _ = await read_settings(c.ports, company)
    told, given = (await c.names.name(company, settings)).strip()[:NAME_MAX], company_name.strip()[:NAME_MAX]
    name = told or (GIVEN.format(given) if given else company)
    return await keep(c, ConsentAttempt("", company, admin, name, Step.START, now + LIFE))


async def open_start(c: ConsentPorts, state: str, referrer: str) -> Start:
    """Bind the attempt to the browser that opened the start page from Severa's own pages.

    A browser names the page that a link was on, and no other page can make it name Severa's: a link that was sent to
    somebody else does not work there. Raises ConsentRefused.
    """
    front_end = _origin(referrer)
    if front_end not in c.front_ends:
        raise rules.ConsentRefused("opened_elsewhere")
    attempt = await take(c, state, Step.START)
    cookie = c.ports.randomness.token() + c.ports.randomness.token()
    bound = replace(attempt, step=Step.GRANT, browser=digest(c, attempt.company, cookie), front_end=front_end)
    return Start(attempt.company_name, cookie, c.sign_in.consent_address(await keep(c, bound)))


async def callback(c: ConsentPorts, query: Mapping[str, str], cookie: str) -> SignInNeeded | Confirmation:
    """Microsoft's answer, to the admin consent first, to the sign-in then. Raises ConsentRefused, RetryLater."""
    attempt = await take(c, query.get("state", ""), Step.GRANT, Step.SIGN_IN, cookie=cookie)
    with rules.told_to(attempt.front_end):
        if attempt.step is Step.GRANT:
            return await _granted(c, attempt, query)
        return await _signed_in(c, attempt, query)


async def confirm(c: ConsentPorts, state: str, cookie: str) -> Connected | NotYet:
    """The administrator confirmed: an app-only token must work and a mailbox answer, then the company is bound.

    What cannot be told now (Microsoft does not answer) is NotYet too. Raises ConsentRefused, RetryLater.
    """
    attempt = await take(c, state, Step.CONFIRM, cookie=cookie)
    with rules.told_to(attempt.front_end):
        try:
            probe = await c.probe.probe(attempt.tenant, await _references(c, attempt))
        except (RetryLater, Stop) as failure:
            if isinstance(failure, Stop) and failure.code != "consent_missing":
                raise
            return NotYet(await keep(c, attempt), failure.code, attempt.company_name)
        if probe.mailboxes is not Mailboxes.ANSWER:
            return NotYet(await keep(c, attempt), f"mailboxes_{probe.mailboxes}", attempt.company_name)
        await bind(c, attempt)
        return Connected(attempt.company_name, attempt.tenant, attempt.front_end, probe.directory)


async def _granted(c: ConsentPorts, attempt: ConsentAttempt, query: Mapping[str, str]) -> SignInNeeded:
    """`tenant` can be forged here: it is only kept, for the sign-in to be compared with."""
    tenant = rules.granted_tenant(query)
    secret = mint(c, attempt.company)
    address, flow = await c.sign_in.begin(secret.state)
    await keep(c, replace(attempt, step=Step.SIGN_IN, tenant=tenant, flow=flow), secret)
    return SignInNeeded(address)


async def _signed_in(c: ConsentPorts, attempt: ConsentAttempt, query: Mapping[str, str]) -> Confirmation:
    rules.check_answer(query)
    person = await c.sign_in.finish(attempt.flow, query)
    rules.check_person(person, attempt.tenant)
    proven = replace(attempt, step=Step.CONFIRM, person=person.person, account=person.account, flow="")
    settings, _ = await read_settings(c.ports, attempt.company)
    replaces = settings.tenant if settings.tenant not in ("", attempt.tenant) else ""
    return Confirmation(await keep(c, proven), attempt.company_name, attempt.tenant, person.account, replaces)


async def _references(c: ConsentPorts, attempt: ConsentAttempt) -> list[str]:
    """Whose mailboxes to try: who signed in, then the administrator as Severa knows them."""
    settings, _ = await read_settings(c.ports, attempt.company)
    try:
        severa = await c.ports.gateways.severa(attempt.company, settings)
        user = await severa.user(attempt.admin)
    except (RetryLater, Stop):
        user = None
    return [attempt.person, *(user.addresses if user is not None else ())]


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
