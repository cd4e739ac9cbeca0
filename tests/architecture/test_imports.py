"""The arrows that import-linter cannot draw: allow-lists, and the one module at the root."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PURE = sorted([*PROJECT.glob("core/model/**/*.py"), *PROJECT.glob("core/sync/**/*.py")])
PRODUCTION = sorted([*PROJECT.glob("core/**/*.py"), *PROJECT.glob("functions/**/*.py"), PROJECT / "function_app.py"])


def named(path: Path) -> str:
    """Return the test id of a file."""
    return str(path.relative_to(PROJECT))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of every module that the file imports, wherever the import stands."""
    package = path.relative_to(PROJECT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*above, *([node.module] if node.module else [])])


@pytest.mark.parametrize("path", PURE, ids=named)
def test_the_pure_core_imports_the_standard_library_and_itself(path: Path) -> None:
    """core/model and core/sync need nothing that is not in Python."""
    for name in imported(path):
        ours = name.startswith(("core.model", "core.sync"))
        assert ours or name.partition(".")[0] in sys.stdlib_module_names, f"{named(path)} imports {name}"


@pytest.mark.parametrize("path", PRODUCTION, ids=named)
def test_production_code_imports_neither_tests_nor_the_local_stage(path: Path) -> None:
    """What is deployed never reaches for what is not."""
    assert not [name for name in imported(path) if name.partition(".")[0] in {"tests", "infra"}]


def test_the_app_only_registers_blueprints() -> None:
    """function_app.py knows Azure's decorators and our triggers, and nothing else."""
    allowed = {"__future__", "azure.functions", "functions"}
    found = set(imported(PROJECT / "function_app.py"))
    assert {name for name in found if name not in allowed and not name.startswith("functions.")} == set()


@pytest.mark.parametrize("path", PRODUCTION, ids=named)
def test_every_production_module_says_what_it_is(path: Path) -> None:
    """Each file opens with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
