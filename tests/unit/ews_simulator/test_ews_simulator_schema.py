"""The simulator and Microsoft's own schemas and payloads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.simulators import ews
from tests.simulators.ews.schemas import _compiled
from tests.support.shared import need_shared, shared_cases

from .ews_stage import ACCOUNT, ANNA, HOUR, NAMES, NINE, Stage, stage

__all__ = ["stage"]
FOLDER = Path(ews.__file__).parent


@pytest.mark.parametrize("folder", ["Exchange2007_SP1", "Exchange2010_SP2", "Exchange2016"])
def test_every_code_of_ours_is_one_of_exchanges(folder: str) -> None:
    """But those that only younger releases know are used for those alone."""
    text = (need_shared() / "schemas" / "ews" / folder / "messages.xsd").read_text(encoding="utf-8-sig")
    known = set(re.findall(r'value="(Error\w+)"', text))
    used = set().union(*(re.findall(r'"(Error[A-Z]\w+)"', path.read_text()) for path in FOLDER.glob("*.py")))
    young = {
        "ErrorExceededConnectionCount",
        "ErrorInvalidSchemaVersionForMailboxVersion",
        "ErrorMailboxFailover",
        "ErrorTimeZone",
    }
    assert used - known == (young if folder == "Exchange2007_SP1" else set())


@pytest.mark.parametrize(
    "path",
    [one for name in ("*Item", "SyncFolder*y", "SyncFolder*ms") for one in shared_cases(f"payloads/ews/{name}__*")],
)
async def test_microsofts_own_payloads(stage: Stage, path: Path) -> None:
    """Requests are served, or refused with the code that fits what their authors left out of them."""
    content = path.read_bytes()  # noqa: ASYNC240 - nothing else runs in the loop
    stage.ews.options.owners[ACCOUNT] = ANNA
    for address in set(re.findall(rb"<t:(?:PrimarySmtpAddress|SmtpAddress|EmailAddress)>([^<]+)<", content)):
        stage.people.add_mailbox(address.decode())
    answer = await stage.send(versioned(content))
    assert set(answer.codes) == {expected(path.name)}


def expected(name: str) -> str:
    """What comes of a payload: ids are shortened in them, a delegate is not let in, two operations are missing."""
    if name.startswith(("CreateItem__how-to-delete", "SyncFolderHierarchy")):
        return "ErrorInvalidOperation" if name.startswith("Create") else "ErrorInvalidRequest"
    if "delegate" in name:  # the other one has a stray character in it
        return "ErrorAccessDenied" if name.startswith("FindItem") else "ErrorSchemaValidation"
    if name.startswith("SyncFolderItems"):
        return "ErrorFolderNotFound"
    return "NoError" if name.startswith(("CreateItem", "FindItem")) else "ErrorInvalidIdMalformed"


def versioned(content: bytes) -> bytes:
    """The request with a version, where its author left that out."""
    root = etree.fromstring(content)
    if root.find(".//t:RequestServerVersion", NAMES) is not None:
        return content
    header = root.find("s:Header", NAMES)
    if header is None:
        header = etree.Element(f"{{{NAMES['s']}}}Header")
        root.insert(0, header)
    etree.SubElement(header, f"{{{NAMES['t']}}}RequestServerVersion", Version="Exchange2007_SP1")
    return bytes(etree.tostring(root))


def test_the_schemas_are_read_once() -> None:
    """They take a while."""
    folder = need_shared() / "schemas" / "ews" / "Exchange2016"
    assert _compiled(folder) is _compiled(folder)


async def test_an_answer_against_its_schema_is_noticed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator does not send it."""
    need_shared()
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR, sensitivity="Nobody's")
    with pytest.raises(AssertionError, match="Sensitivity"):
        await stage.get(item_id)
