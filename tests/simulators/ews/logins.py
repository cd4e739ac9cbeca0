r"""Who may log in: Basic, and NTLM by ntlm.py; accounts that are locked after too many wrong passwords."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from pathlib import Path

from .ntlm import NtlmDoor
from .options import Options


class Logins:
    r"""The accounts of one server, by `DOMAIN\user`. `failed` counts wrong passwords in a row."""

    def __init__(self, passwords: dict[str, str], options: Options, certificate: Path | None) -> None:
        self.passwords, self._options = passwords, options
        self.methods = 'Basic realm="mail"'
        self.tried: list[bool] = []
        self.failed: Counter[str] = Counter()
        self._ntlm = NtlmDoor(certificate)

    def enter(self, connection: object, header: str) -> tuple[str, str]:
        """Who is logged in with this request, empty for nobody; else the WWW-Authenticate to answer with."""
        kind, _, token = header.partition(" ")
        offered = self.methods.lower()
        if kind.lower() == "basic" and "basic" in offered:
            return self._by_password(token), self.methods
        if kind.lower() in ("ntlm", "negotiate") and "ntlm" in offered:
            found = self._ntlm.step(connection, token, self._open_accounts())
            if found.challenge:
                return "", f"{kind} {found.challenge}"
            return self._known(found.account, succeeded=found.succeeded), self.methods
        return ("" if header else self._ntlm.account(connection)), self.methods

    def locked(self, account: str) -> bool:
        """Whether the account is locked."""
        most = self._options.lockout_after
        return bool(most) and self.failed[account.lower()] >= most

    def unlock(self, account: str) -> None:
        """Let the account try again."""
        del self.failed[account.lower()]

    def _by_password(self, token: str) -> str:
        try:
            name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        return self._known(name, succeeded=bool(name) and self._open_accounts().get(name) == password)

    def _known(self, account: str, *, succeeded: bool) -> str:
        self.tried.append(succeeded)
        name = account.lower()
        self.failed[name] = 0 if succeeded else self.failed[name] + 1
        return next((known for known in self.passwords if known.lower() == name), "") if succeeded else ""

    def _open_accounts(self) -> dict[str, str]:
        return {name: password for name, password in self.passwords.items() if not self.locked(name)}
