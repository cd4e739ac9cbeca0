"""What is believed of Microsoft's answers, and what is refused (facts/microsoft.md F1). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.errors import RetryLater, Stop
from core.model.consent import SignedIn

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of personal Microsoft accounts."""
MAY_CONSENT = frozenset({"62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814"})
"""Template ids of the directory roles that may consent to Graph's application permissions: Global Administrator,
Privileged Role Administrator. (Cloud) Application Administrators may consent to others only."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_CANCELLED = frozenset({"65004"})
_ADMIN_NEEDED = frozenset({"90093", "90094", "90099"})


class ConsentRefused(Exception):
    """The attempt is over. `code` is stable, the edge has the words; `front_end` is the origin to tell, where known."""

    def __init__(self, code: str, detail: str = "", front_end: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.front_end = front_end


@contextmanager
def told_to(front_end: str) -> Iterator[None]:
    """Everything that ends an attempt is a ConsentRefused that knows whom to tell."""
    try:
        yield
    except ConsentRefused as refused:
        refused.front_end = front_end
        raise
    except Stop as failure:
        raise ConsentRefused(failure.code, failure.detail, front_end) from failure
    except RetryLater as failure:
        raise ConsentRefused("unavailable", failure.code, front_end) from failure


def granted_tenant(query: Mapping[str, str]) -> str:
    """The tenant that the answer to the admin consent names; not proven. `admin_consent` is True even on an error."""
    _check_error(query, "consent")
    if query.get("admin_consent", "").lower() != "true":
        raise ConsentRefused("consent_refused")
    tenant = query.get("tenant", "").lower()
    if not _GUID.fullmatch(tenant):
        raise ConsentRefused("tenant_missing")
    if tenant == PERSONAL_TENANT:
        raise ConsentRefused("personal_account")
    return tenant


def check_answer(query: Mapping[str, str]) -> None:
    """Refuse an answer to the sign-in that brings no code."""
    _check_error(query, "sign_in")
    if not query.get("code"):
        raise ConsentRefused("sign_in_refused")


def check_person(person: SignedIn, tenant: str) -> None:
    """Refuse whoever signed in to another organization than `tenant`, or may not grant what was granted there."""
    if person.tenant == PERSONAL_TENANT:
        raise ConsentRefused("personal_account")
    if person.tenant != tenant:
        raise ConsentRefused("tenant_mismatch")
    if not person.roles:
        raise ConsentRefused("roles_not_told")
    if not person.roles & MAY_CONSENT:
        raise ConsentRefused("role_insufficient")


def _check_error(query: Mapping[str, str], what: str) -> None:
    """`error` comes first: everything else in the answer may look like success beside it."""
    error = query.get("error", "")
    if not error:
        return
    numbers = _NUMBER.findall(query.get("error_description", ""))
    detail = f"AADSTS{numbers[0]}" if numbers else ""
    if _ADMIN_NEEDED & set(numbers):
        raise ConsentRefused("admin_needed", detail)
    if query.get("error_subcode") == "cancel" or error == "permission_denied" or _CANCELLED & set(numbers):
        raise ConsentRefused(f"{what}_cancelled", detail)
    raise ConsentRefused(f"{what}_refused", detail)
