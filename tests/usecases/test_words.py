"""Every code that a person can meet has a sentence and a remedy."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.essence import Field
from core.model.link import ParkReason
from core.sync.narrow import Rule
from core.usecases.words import TABLE, waits_for_a_person, words
from core.usecases.words_of_entries import TOLD

CORE = Path(__file__).resolve().parents[2] / "core"
RAISED = {
    "Stop",
    "RetryLater",
    "ItemRefused",
    "OutcomeUnknown",
    "ItemChanged",
    "StorageConflict",
    "LeaseLost",
    "NotYet",
}
"""Whatever is raised ends in health, in history, or in a report."""
TABLES = {"_stop": "Stop", "_later": "RetryLater", "lost": "RetryLater"}
"""Tables of failures make them through these."""
VALUES = {"_STOPS": "Stop", "STOPS": "Stop", "_REFUSALS": "ItemRefused", "_BY_STATUS": "ItemRefused"}
"""Or look their codes up in these."""
NOT_SYNC = {
    "consent.py",
    "consent_rules.py",
    "consent_binding.py",
    "sign_in.py",
    "id_tokens.py",
    "keyset.py",
    "bearer.py",
}
"""What only a call of the interface answers has its words at the edge."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    """The core's modules but the memory adapters, which make up failures for tests."""
    for path in sorted(CORE.rglob("*.py")):
        if "memory" not in path.parts and path.name not in NOT_SYNC:
            yield str(path.relative_to(CORE)), ast.parse(path.read_text(encoding="utf-8"))


def raised() -> Iterator[tuple[str, str, str]]:
    """(kind of failure, code, module) for every code that is spelt out in the sources."""
    for module, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if isinstance(node.args[0].value, str) and (name in RAISED or name in TABLES):
                    yield TABLES.get(name, name), node.args[0].value, module
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                for value in node.value.values if getattr(target, "id", "") in VALUES else ():
                    if isinstance(value, ast.Constant):
                        yield VALUES[target.id], str(value.value), module  # type: ignore[attr-defined]


FOUND = sorted(set(raised()))


def test_the_search_finds_something() -> None:
    """A search that finds nothing checks nothing."""
    kinds = {kind for kind, _, _ in FOUND}
    assert {"Stop", "RetryLater", "ItemRefused", "OutcomeUnknown", "ItemChanged"} <= kinds
    assert len(FOUND) > 60


@pytest.mark.parametrize(("kind", "code", "module"), FOUND)
def test_a_code_that_is_raised(kind: str, code: str, module: str) -> None:
    """It has words; what stops a pair says who has to do what, and is known to wait for a person."""
    assert code in TABLE, f"{code} of {module} has no words"
    if kind == "Stop":
        assert waits_for_a_person(code)
        assert words(code).remedy


def told() -> Iterator[str]:
    """Codes that history and reports are told: spelt out in notes, guard, eligibility, projections and the table."""
    for module, tree in sources():
        if not module.startswith(("sync", "usecases")):
            continue
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name == "Note" and isinstance(node.args[1], ast.Constant):
                yield str(node.args[1].value)
            if isinstance(node, ast.Return) and module in ("sync/eligible.py", "sync/guard.py"):
                yield from _constants(node.value)
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "append"
                and module == "sync/project.py"
            ):
                yield from _constants(node.args[0])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
                yield from _constants(node.value)
    yield from (f"{kind}_{field}" for kind in ("conflict", "masked") for field in Field)
    yield from (reason.value for reason in ParkReason)
    yield from (rule.value for rule in Rule)
    yield "conflict_exception"


def _constants(node: ast.expr | None) -> Iterator[str]:
    for part in ast.walk(node) if node is not None else ():
        if (
            isinstance(part, ast.Constant)
            and isinstance(part.value, str)
            and part.value.islower()
            and "_" in part.value.strip("_")
        ):
            yield part.value


@pytest.mark.parametrize("code", sorted(set(told()) - {"masked_time", "masked_privacy"}))
def test_a_code_that_is_told(code: str) -> None:
    """It has words; a mask never hides time or privacy."""
    assert code in TABLE


ONLINE = {"adapters/graph", "adapters/identity", "usecases/consent", "usecases/subscri"}
"""What begins so serves companies on Microsoft 365 alone."""
ONLINE_CODES = {"tenant_missing"}
"""Codes that the wiring raises for such companies alone."""
MOVED = {"exchange_mailbox_elsewhere", "exchange_is_online"}
"""These say where a mailbox may have gone."""
NOT_THEIRS = re.compile(r"Microsoft 365|Office 365|Graph|Entra|[Cc]onsent|subscription")


def told_online() -> set[str]:
    """Codes that no company on an Exchange Server meets: spelt out where Microsoft 365 is served, and nowhere else."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, tree in sources():
        for node in ast.walk(tree) if "words" not in module else ():
            if isinstance(node, ast.Constant) and node.value in TABLE:
                found[str(node.value)].add(module)
    return ONLINE_CODES | {c for c, where in found.items() if all(m.startswith(tuple(ONLINE)) for m in where)}


@pytest.mark.parametrize("code", sorted(set(TABLE) - told_online() - MOVED))
def test_a_company_on_an_exchange_server(code: str) -> None:
    """Nothing that it may be told speaks of Microsoft 365, or asks for what only helps there."""
    said = TABLE[code]
    assert not NOT_THEIRS.search(f"{said.sentence} {said.remedy}")


def test_a_mailbox_that_moved() -> None:
    """Either way it is said where it may be, what to choose there, and that nothing is deleted."""
    to, back = words("exchange_mailbox_elsewhere"), words("mailbox_not_in_microsoft365")
    assert "nothing is deleted" in to.sentence
    assert "Office 365" in to.remedy
    assert "nothing is deleted" in back.sentence
    assert "Exchange Server" in back.remedy


def test_a_licence_that_is_missing() -> None:
    """Severa names it; Microsoft answers as for a mailbox that is elsewhere (facts/microsoft.md A5): both are said."""
    for code in ("severa_user_license_type", "mailbox_not_in_microsoft365"):
        assert re.search("licen[cs]e", words(code).sentence)
        assert words(code).remedy


@pytest.mark.parametrize(
    "code",
    ["ok", "", "first_sync", "held", "busy", "not_logged_in", "poisoned", "nothing_went_through", "not_connected"],
)
def test_a_state_of_a_pair(code: str) -> None:
    """It has a sentence."""
    assert words(code).sentence


def test_sentences_are_sentences() -> None:
    """They end with a full stop, and say nothing in codes."""
    for code, said in TABLE.items():
        for text in filter(None, (said.sentence, said.remedy)):
            assert text[0].isupper(), code
            assert text.endswith("."), code
            assert "_" not in text, code


def test_a_code_of_a_service_s_own() -> None:
    """It is quoted in a general sentence, and waits for nobody."""
    assert "ErrorItemSave" in words("ErrorItemSave").sentence
    assert not waits_for_a_person("ErrorItemSave")
    assert not waits_for_a_person("throttled")
    assert TOLD
