"""The pages that Entra shows to people: whose account, accept or cancel; and its refusals."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

from .entra_accounts import Account
from .entra_errors import EntraError


def choose(title: str, question: str, accounts: Sequence[Account]) -> HTMLResponse:
    """A form that is sent to the very address that showed it: `account` (object id) and `decision`."""
    rows = "".join(
        f'<label><input type="radio" name="account" value="{escape(one.object_id)}" required> '
        f"{escape(one.user_principal_name)}</label><br>"
        for one in accounts
    )
    buttons = "".join(
        f'<button name="decision" value="{value}"{extra}>{text}</button> '
        for value, text, extra in (("accept", "Accept", ""), ("cancel", "Cancel", " formnovalidate"))
    )
    return HTMLResponse(
        f"<!doctype html><html lang=en><title>{escape(title)}</title><h1>{escape(title)}</h1>"
        f'<p>{escape(question)}</p><form method="post">{rows}<p>{buttons}</p></form></html>'
    )


def refuse(error: EntraError) -> HTMLResponse:
    """Some refusals are told to the person only: the application never hears of them."""
    text = escape(error.message)
    return HTMLResponse(f"<!doctype html><html lang=en><title>Sign in</title><p>{text}</p></html>", error.status)
