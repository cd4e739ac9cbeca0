"""The way in for browsers that come through the consent: pages and redirects instead of problem documents."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

import azure.functions as func

from core import wiring
from core.errors import RetryLater, Stop
from core.ports_consent import ConsentPorts
from core.settings import SettingsError
from core.usecases import consent
from core.usecases.consent_rules import ConsentRefused
from functions.edge import consent_pages, headers
from functions.edge.consent_pages import Page

logger = logging.getLogger(__name__)
COOKIE = "__Host-severa-consent"
MOST_BYTES = 4096
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"
"""`__Host-` makes browsers insist on Secure and `/`, and on no Domain: no other host can set it. Lax: Microsoft sends
the browser back to us by a GET from its own site."""
_SECRET = re.compile(r"[0-9a-f]{64}")
Step = Callable[[ConsentPorts], Awaitable[func.HttpResponse]]


async def open_start(req: func.HttpRequest) -> func.HttpResponse:
    """The start page, and the cookie that binds the attempt to this browser."""

    async def step(ports: ConsentPorts) -> func.HttpResponse:
        shown = await consent.open_start(ports, req.params.get("state", ""), req.headers.get("Referer", ""))
        return _shown(consent_pages.start(shown), f"{shown.cookie}; Max-Age=600")

    return await _served(step)


async def come_back(req: func.HttpRequest) -> func.HttpResponse:
    """Microsoft's answer: on to the sign-in, or to the confirmation."""

    async def step(ports: ConsentPorts) -> func.HttpResponse:
        outcome = await consent.callback(ports, dict(req.params), _cookie(req))
        if isinstance(outcome, consent.Confirmation):
            return _shown(consent_pages.confirmation(outcome))
        return func.HttpResponse(status_code=302, headers={**headers.SECURITY, "Location": outcome.address})

    return await _served(step)


async def confirm(req: func.HttpRequest) -> func.HttpResponse:
    """The administrator's confirmation: connected, or try again in a minute."""

    async def step(ports: ConsentPorts) -> func.HttpResponse:
        outcome = await consent.confirm(ports, _state(req), _cookie(req))
        if isinstance(outcome, consent.NotYet):
            return _shown(consent_pages.not_yet(outcome))
        return _shown(consent_pages.connected(outcome), "; Max-Age=0")

    return await _served(step)


async def _served(step: Step) -> func.HttpResponse:
    """The step's answer, or the page for how it failed. Logs hold codes and types only."""
    try:
        ports = (await wiring.entrance()).consent
        if ports is None:
            return _shown(consent_pages.refused("not_configured"))
        return await step(ports())
    except ConsentRefused as refused:
        logger.warning("A consent was refused: %s", refused.code)
        return _shown(consent_pages.refused(refused.code, refused.detail, refused.front_end))
    except SettingsError:
        return _shown(consent_pages.refused("not_configured"))
    except RetryLater as failure:
        logger.warning("A consent could not go on: %s", failure.code)
        return _shown(consent_pages.refused("unavailable"))
    except Stop as failure:
        logger.warning("A consent stopped: %s", failure.code)
        return _shown(consent_pages.refused(failure.code))
    except Exception as failure:  # noqa: BLE001 - whatever it is, it becomes a page without details
        logger.error("A consent failed: %s", type(failure).__name__)  # noqa: TRY400 - a traceback may hold a code
        return _shown(consent_pages.refused("unexpected"))


def _shown(page: Page, cookie: str = "") -> func.HttpResponse:
    """A page under its own policy. `cookie`: a value and how long it lives."""
    extra = {"Content-Security-Policy": page.policy}
    if cookie:
        extra["Set-Cookie"] = f"{COOKIE}={cookie}; {_ATTRIBUTES}"
    return func.HttpResponse(
        page.html,
        status_code=page.status,
        mimetype="text/html",
        charset="utf-8",
        headers={**headers.SECURITY, **extra},
    )


def _cookie(req: func.HttpRequest) -> str:
    for part in str(req.headers.get("Cookie", "")).split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and _SECRET.fullmatch(value):
            return value
    return ""


def _state(req: func.HttpRequest) -> str:
    body = req.get_body()
    if len(body) > MOST_BYTES:
        return ""
    return parse_qs(body.decode("ascii", "replace")).get("state", [""])[-1]
