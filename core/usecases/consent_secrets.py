"""The secrets of an attempt to consent: random, kept as keyed digests only, good for one step in one browser."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace

from core.model.consent import ConsentAttempt, Step
from core.model.ids import CompanyId
from core.ports_consent import ConsentPorts
from core.usecases.consent_rules import ConsentRefused

_STATE = re.compile(r"([0-9A-Za-z-]{1,64})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Secret:
    """A state as the browser carries it (company, dot, 256 random bits) and the digest that is stored of it."""

    state: str = field(repr=False)
    digest: str


def mint(c: ConsentPorts, company: CompanyId) -> Secret:
    """A new secret."""
    chance = c.ports.randomness
    state = f"{company}.{chance.token()}{chance.token()}"
    return Secret(state, digest(c, company, state))


def digest(c: ConsentPorts, company: CompanyId, secret: str) -> str:
    """The keyed digest: who reads the table cannot carry on with anybody's attempt."""
    return hmac.digest(c.ports.keys.digest_key(company), f"consent {secret}".encode(), hashlib.sha256).hex()


async def keep(c: ConsentPorts, attempt: ConsentAttempt, secret: Secret | None = None) -> str:
    """Store the next step under a new secret; its state."""
    fresh = secret or mint(c, attempt.company)
    await c.consents.put(replace(attempt, digest=fresh.digest))
    return fresh.state


async def take(c: ConsentPorts, state: str, *steps: Step, cookie: str = "") -> ConsentAttempt:
    """The step that a state stands for, which is used up with that. Raises ConsentRefused, RetryLater."""
    form = _STATE.fullmatch(state)
    if form is None:
        raise ConsentRefused("link_unknown")
    company = CompanyId(form[1])
    attempt = await c.consents.take(company, digest(c, company, state))
    if attempt is None or attempt.step not in steps:
        raise ConsentRefused("link_used")
    if attempt.expires <= c.ports.clock.now():
        raise ConsentRefused("link_expired")
    if attempt.browser and not hmac.compare_digest(attempt.browser, digest(c, company, cookie)):
        raise ConsentRefused("other_browser")
    return attempt
