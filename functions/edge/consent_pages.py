"""The consent's pages: small, without anything from elsewhere, readable without scripts and by screen readers.

Whatever comes from outside is escaped. The one script there is tells the page that opened the window, and only that:
its message is `{"type": "severa-calendar-sync:consent", "status": "connected" | "refused", "code": …}`, sent to the
front end's origin. Microsoft's pages may cut the tie to the opener, so the front end reads its settings too.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from html import escape

from core.usecases.consent import Confirmation, Connected, NotYet, Start
from functions.edge import consent_words
from functions.edge.consent_words import Words

MESSAGE = "severa-calendar-sync:consent"
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.4rem}dt{font-weight:600}dd{margin:0 0 .7rem;overflow-wrap:anywhere}"
    "a.go,button{display:inline-block;font:inherit;padding:.6rem 1.2rem;border:2px solid #0b4f8a;border-radius:4px;"
    "background:#0b4f8a;color:#fff;text-decoration:none;cursor:pointer}"
    "a.go:focus,button:focus{outline:3px solid #b35900;outline-offset:2px}"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with the Content-Security-Policy that is its own."""

    html: str
    policy: str
    status: int = 200


def start(shown: Start) -> Page:
    """Names the Severa company, before anybody is asked for anything."""
    return _page(
        "Connect Microsoft 365",
        f"<p>You are about to let <strong>{escape(shown.company_name)}</strong> in Severa read and write the calendars "
        "of your Microsoft 365 organization.</p>"
        "<p>Microsoft asks for your permission first and then for your sign-in. You need to be a Global Administrator "
        "or Privileged Role Administrator there.</p>"
        "<p>Go on only if you began this yourself in Severa, and if that is your company. Otherwise close this "
        "window.</p>"
        f'<p><a class="go" href="{escape(shown.address)}">Continue to Microsoft</a></p>',
    )


def confirmation(shown: Confirmation) -> Page:
    """Asks to connect this Microsoft organization with this Severa company."""
    domain = shown.account.rpartition("@")[2]
    replaced = (
        f"<dt>Connected until now, and replaced by this</dt><dd>Microsoft organization {escape(shown.replaces)}</dd>"
        if shown.replaces
        else ""
    )
    return _page(
        "Connect these two?",
        "<dl><dt>Microsoft organization</dt>"
        f"<dd>{escape(domain)}<br>Tenant id {escape(shown.tenant)}<br>Signed in as {escape(shown.account)}</dd>"
        f"<dt>Severa company</dt><dd>{escape(shown.company_name)}</dd>{replaced}</dl>"
        "<p>The Severa company's users will be able to have their calendars synchronized. "
        "To stop here, close this window.</p>" + _form(shown.state, "Connect"),
    )


def not_yet(shown: NotYet) -> Page:
    """Microsoft is not ready: the same confirmation again."""
    return _page(*_said(consent_words.waiting(shown.code), _form(shown.state, "Try again")))


def connected(shown: Connected) -> Page:
    """The end: tells the opener, and closes."""
    warning = (
        ""
        if shown.directory
        else "<p>The application may not read the directory (User.Read.All), so users cannot be found by their e-mail "
        "addresses. Grant that permission too before users switch their sync on.</p>"
    )
    body = (
        f'<p role="status">{escape(shown.company_name)} is connected to the Microsoft organization '
        f"{escape(shown.tenant)}.</p>{warning}<p>You can close this window and go on in Severa.</p>"
    )
    return _page("Connected", body, script=_telling(shown.front_end, "connected", "", closes=shown.directory))


def refused(code: str, detail: str = "", front_end: str = "") -> Page:
    """The end of an attempt that failed. It stays open, to be read."""
    words = consent_words.refusal(code)
    shown = f"<p><small>{escape(code)} {escape(detail)}</small></p>"
    script = _telling(front_end, "refused", code, closes=False) if front_end else ""
    title, body = _said(words, shown)
    return _page(title, body, script=script, status=words.status)


def _said(words: Words, more: str) -> tuple[str, str]:
    return words.title, f'<p role="alert">{escape(words.happened)}</p><p>{escape(words.remedy)}</p>{more}'


def _form(state: str, text: str) -> str:
    """Posts to `confirm`, beside whichever of our addresses showed the page."""
    return (
        f'<form method="post" action="confirm"><input type="hidden" name="state" value="{escape(state)}">'
        f"<button>{escape(text)}</button></form>"
    )


def _telling(front_end: str, status: str, code: str, *, closes: bool) -> str:
    message = {"type": MESSAGE, "status": status, "code": code}
    told = f"if(window.opener)window.opener.postMessage({_literal(message)},{_literal(front_end)});"
    return told + ("window.close();" if closes else "")


def _literal(value: object) -> str:
    """JSON that cannot end a script element."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _page(title: str, body: str, *, script: str = "", status: int = 200) -> Page:
    nonce = secrets.token_urlsafe(16)
    scripts = f"; script-src 'nonce-{nonce}'" if script else ""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'{scripts}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    element = f'<script nonce="{nonce}">{script}</script>' if script else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{escape(title)} · Severa calendar sync</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style nonce="{nonce}">{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main>'
        f"{element}</body></html>"
    )
    return Page(html, policy, status)
