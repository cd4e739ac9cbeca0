"""Importing the app is what every cold start pays for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("pydantic", "jwt", "httpx", "azure.data", "azure.storage", "azure.identity", "azure.core", "msal", "msgraph")
HEAVIER = ("exchangelib", "cryptography", "aiohttp", "opentelemetry", "requests")


def test_the_app_is_imported() -> None:
    """No model library, no token library, no SDK comes with it (facts/microsoft.md J1, J2)."""
    code = "import sys, function_app; print(' '.join(name for name in sys.argv[1:] if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, *HEAVY, *HEAVIER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
