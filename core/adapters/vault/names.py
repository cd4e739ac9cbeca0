"""What a company's secret is called in the vault.

Names are `[0-9a-zA-Z-]{1,127}` and compared without case (facts/microsoft.md J7).
"""

from __future__ import annotations

import hashlib
import re

from core.model.ids import CompanyId

_COMPANY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Z_]{1,64}")


def vault_name(company: CompanyId, name: str) -> str:
    """Company and name, so that an operator can read it; a digest of both where they are not as we make them."""
    if _COMPANY.fullmatch(company) and _NAME.fullmatch(name):
        return f"{company}--{name.lower().replace('_', '-')}"
    return f"x-{hashlib.sha256(f'{len(company)} {company} {name}'.encode()).hexdigest()}"
