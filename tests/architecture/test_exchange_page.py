"""docs/exchange.md knows every failure of an Exchange Server, every setting, and says the numbers that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.adapters.ews import pinned, quirks
from core.model.company import AUTHORITY_MAX, ExchangeTls
from core.usecases.book import POLLS
from core.usecases.exchange_authority import MOST_CERTIFICATES
from core.usecases.words import TABLE
from functions.calls.models import SettingsIn

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")


def test_failures() -> None:
    """Each code of Exchange's and of TLS has a row, and no row has a code that nobody tells."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (?:company|user|entry|passes)", PAGE, re.MULTILINE)
    told = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert told <= set(TABLE)
    assert {code for code in TABLE if code.startswith(("exchange_", "tls_"))} <= told


@pytest.mark.parametrize("name", ["exchange_tls", "exchange_authority", "ews_url", "domain", "user_name", "password"])
def test_settings(name: str) -> None:
    """Each setting is there, and is one."""
    assert f"`{name}`" in PAGE
    assert name in SettingsIn.model_fields


def test_numbers() -> None:
    """They are the code's."""
    for choice in ExchangeTls:
        assert f"`{choice.value}`" in PAGE or f": {choice.value}`" in PAGE
    text = " ".join(PAGE.split())
    assert f"up to {MOST_CERTIFICATES} of them and {AUTHORITY_MAX:,} characters" in text
    assert f"An answer may have {pinned.MOST_BYTES // 1024 // 1024} MiB" in text
    assert "quiet for " + ", ".join(map(str, sorted(POLLS)[1:])) + " minutes" in text
    assert quirks.CONCURRENT_REQUESTS == 4
    assert "At most four requests" in text
