"""A person's browser at Entra's pages: it opens one, chooses an account, accepts or cancels, and is sent back."""

from __future__ import annotations

import httpx
from starlette.types import ASGIApp

from tests.simulators.common.inprocess import transport

from .entra_accounts import Account


class PageShownError(Exception):
    """Entra kept the person on a page of its own: the application never hears of it."""


class Browser:
    """Goes where a redirect leads, as far as Entra's own pages. `entra_app` is GraphSimulator's."""

    def __init__(self, entra_app: ASGIApp) -> None:
        self._app = entra_app

    async def accept(self, address: str, account: Account) -> str:
        """Sign in, or consent, as that account; where Entra sends the browser then. Raises PageShownError."""
        return await self._answer(address, {"account": account.object_id, "decision": "accept"})

    async def cancel(self, address: str) -> str:
        """Press "Cancel"; where Entra sends the browser then."""
        return await self._answer(address, {"decision": "cancel"})

    async def _answer(self, address: str, form: dict[str, str]) -> str:
        async with httpx.AsyncClient(transport=transport(self._app)) as client:
            page = await client.get(address)
            if page.status_code != httpx.codes.OK:
                raise PageShownError(page.text)
            answer = await client.post(address, data=form)
            if answer.status_code != httpx.codes.FOUND:
                raise PageShownError(answer.text)
            return answer.headers["Location"]
