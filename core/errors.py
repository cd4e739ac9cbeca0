"""The failure tree: retry later, item refused, cursor gone, stop. Nothing else leaves an adapter.

Messages are made of codes, methods and ids. They never hold subjects, texts, addresses or tokens (design.md section 9).
"""

from __future__ import annotations


class SyncError(Exception):
    """The root. `code` is stable and may be shown; the original failure is chained as the cause."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class RetryLater(SyncError):
    """The service cannot answer now: throttled, overloaded, unreachable. `after` is what it asked for, in seconds."""

    def __init__(self, code: str, detail: str = "", *, after: float | None = None) -> None:
        super().__init__(code, detail)
        self.after = after


class OutcomeUnknown(RetryLater):
    """A write was sent and its answer lost: it may have happened. Look before doing it again."""


class ItemChanged(RetryLater):
    """The entry was changed since it was read (412): nothing was written. Read it again and decide again."""


class ItemRefused(SyncError):
    """The service refuses this one entry as it is; sending it again would not help. Other entries go on."""


class CursorGone(SyncError):
    """The cursor is no longer known (410, SyncStateNotFound, malformed): a full round is needed."""


class Stop(SyncError):
    """The pair, or its company, cannot go on until a person acts. `whole_company` tells which."""

    def __init__(self, code: str, detail: str = "", *, whole_company: bool = False) -> None:
        super().__init__(code, detail)
        self.whole_company = whole_company


class LeaseLost(SyncError):
    """Another run took this pair over: this one writes nothing more."""


class StorageConflict(RetryLater):
    """A row was moved by somebody else in the meantime: read it again."""


class NotAuthenticated(SyncError):
    """A bearer token proves nothing: missing, malformed, expired, or not of the issuer that we trust."""
