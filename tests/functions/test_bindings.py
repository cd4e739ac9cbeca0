"""The app is what Azure's host expects: every function's bindings, parameter names and routes, written down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import function_app
from infra.local.indexing import describe

WRITTEN = Path(__file__).with_name("bindings.json")
HEAVY = ("aiohttp", "azure.data", "azure.identity", "azure.keyvault", "azure.storage", "exchangelib", "httpx", "jwt")
HEAVIER = ("kiota_abstractions", "msal", "msgraph", "opentelemetry", "pydantic")


def test_the_bindings_are_those_that_are_written_down() -> None:
    """A change of a trigger or route shows in a diff; `python -m tests.functions.test_bindings` writes it anew."""
    assert describe(function_app.app) == json.loads(WRITTEN.read_text(encoding="utf-8"))


def test_loading_the_app_loads_no_adapter() -> None:
    """Neither SDKs nor telemetry nor exchangelib: a cold start pays only for what its call needs."""
    code = "import sys, function_app; function_app.app.get_functions(); print(*sys.modules, sep='\\n')"
    root = Path(function_app.__file__).parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines())
    assert not loaded & {*HEAVY, *HEAVIER}
    assert not {name for name in loaded if name.startswith("core.adapters.") and name != "core.adapters.system"}


if __name__ == "__main__":
    WRITTEN.write_text(json.dumps(describe(function_app.app), indent=1) + "\n", encoding="utf-8")
