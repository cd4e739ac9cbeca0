"""Assertions of foreign issuers, by an application's federated identity credentials (facts/microsoft.md F3)."""

from __future__ import annotations

from collections.abc import Sequence

import jwt

from .directory import Federated
from .entra_errors import EntraError


def check(assertion: str, trusted: Sequence[Federated], tenant: str, client: str) -> bool:
    """Whether a trusted issuer vouches for the application; False for an assertion that the application made itself.

    Issuer, subject and audience are looked up in this order, each compared exactly. Raises EntraError.
    """
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return False
    if claims.get("iss") == client:
        return False
    left = list(trusted)
    for number, name, wanted in ((700211, "iss", "issuer"), (700213, "sub", "subject"), (700212, "aud", "audience")):
        left = [one for one in left if getattr(one, wanted) == claims.get(name)]
        if not left:
            raise EntraError(number, tenant, client)
    for one in left:
        try:
            jwt.decode(assertion, one.public_key, ["RS256"], audience=one.audience, issuer=one.issuer)
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as wrong:
            raise EntraError(700024, tenant, client) from wrong
        except jwt.InvalidTokenError:
            continue
        return True
    raise EntraError(700027, tenant, client)
