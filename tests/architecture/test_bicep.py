"""What is checked of the Bicep without Azure, each shown on a copy that is broken on purpose."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.azure.check import offences
from infra.azure.template import FOLDER, names_used

Break = Callable[[str, str, str], list[str]]


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """Replace a text in one file of a copy; the offences that are then found."""

    def once(name: str, old: str, new: str) -> list[str]:
        copy = tmp_path / "azure"
        shutil.copytree(FOLDER, copy)
        path = copy / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return list(offences(copy))

    return once


def test_the_bicep_is_consistent() -> None:
    """As it stands, there is nothing to find."""
    assert list(offences()) == []


def test_a_file_that_is_no_bicep_is_found(broken: Break) -> None:
    """A brace too few: the file, and the module that cannot be called."""
    found = broken("modules/vault.bicep", "  properties: {\n    tenantId", "  properties:\n    tenantId")
    assert [line.partition(":")[0] for line in found] == ["vault.bicep", "main.bicep", "main.bicep"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("modules/app.bicep", "ID: appClientId", "ID: appClientID", "appClientID is not declared"),
        ("modules/app.bicep", "${ownVaultUri}secrets", "${ownVaultUrl}secrets", "ownVaultUrl is not declared"),
        ("modules/storage.bicep", "name: replication", "name: 'Standard_LRS'", "replication is not used"),
        ("main.bicep", "    logDays: logDays\n", "", "module monitoring needs logDays"),
        ("main.bicep", "    replication: replication\n", "    copies: replication\n", "module storage takes no copies"),
        ("main.bicep", "'modules/roles.bicep'", "'modules/rules.bicep'", "module roles is not there"),
        ("main.bicep", "network.outputs.subnetId", "network.outputs.subnet", "module network has no output subnet"),
        ("parameters/prod.json", "maximumInstances", "maximumInstance", "there is no parameter maximumInstance"),
        ("parameters/prod.json", '"prod"', '"production"', "environmentName may not be 'production'"),
        ("parameters/prod.json", '"value": 90', '"value": "90"', "logDays may not be '90'"),
        ("parameters/dev.json", "appClientId", "appClient", "appClientId is missing"),
    ],
)
def test_what_a_compiler_would_say_is_found(broken: Break, name: str, old: str, new: str, said: str) -> None:
    """Names, modules, outputs, parameters."""
    found = broken(name, old, new)
    assert any(said in line for line in found), found


def test_names_are_told_from_keys_words_and_text() -> None:
    """Interpolations count, also within each other; comments, keys, properties, functions and loop variables do not."""
    text = """
// a comment with names
@description('text ${no}')
param p string = 'x'
var v = flag ? one : { key: two.three, other: take('a${four}b${ok ? '-${five}' : ''}', 3) }
resource r 'T@1' = [for each in list: {
  name: each
  query: '''
verbatim ${text}
'''
}]
"""
    assert names_used(text) == {"flag", "one", "two", "four", "five", "ok", "list", "no"}


def test_every_resource_is_of_one_version() -> None:
    """A kind of resource is written against one version of its interface, wherever it stands."""
    kinds: dict[str, set[str]] = {}
    for path in FOLDER.rglob("*.bicep"):
        for kind, version in re.findall(r"'(Microsoft\.[\w./]+)@([\w-]+)'", path.read_text(encoding="utf-8")):
            kinds.setdefault(kind, set()).add(version)
    assert {kind: versions for kind, versions in kinds.items() if len(versions) > 1} == {}
