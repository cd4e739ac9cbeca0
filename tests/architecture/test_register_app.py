"""The script that registers the application asks Entra for what docs/consent.md names, and for nothing more."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from infra.azure.template import FOLDER

# Stands in for the Azure CLI: writes down what it is asked, one JSON list a line, and answers as Entra would.
AZ = r"""#!/usr/bin/env python3
import json, os, sys
asked = sys.argv[1:]
with open(os.environ["ASKED"], "a") as file:
    file.write(json.dumps(asked) + "\n")
query = asked[asked.index("--query") + 1] if "--query" in asked else ""
match asked[:3]:
    case ["ad", "sp", "show"]:
        print(os.environ.get("GRAPH", "id of ") + query.split("'")[1] if os.environ.get("GRAPH") != "" else "")
    case ["ad", "app", "list"]:
        print(os.environ.get("THERE", ""))
    case ["ad", "app", "create"]:
        print("the-client")
    case ["account", "show", _]:
        print("the-tenant")
    case ["cloud", "show", _]:
        print("https://login.microsoftonline.com/")
    case ["ad", "app", "federated-credential"] if asked[3] == "list":
        print(os.environ.get("TRUSTED", ""))
"""


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for `az` on the PATH; the file of what it was asked."""
    program = tmp_path / "az"
    program.write_text(AZ)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    return tmp_path / "asked"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the script."""
    command = ["sh", str(FOLDER / "register-app.sh"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def asked(file: Path, *words: str) -> list[list[str]]:
    """What the CLI was asked that begins with these words."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [line for line in lines if line[: len(words)] == list(words)]


def option(words: list[str], name: str) -> str:
    """An option's value."""
    return words[words.index(name) + 1]


def test_the_registration_asks_for_the_least(az: Path) -> None:
    """Two application permissions, two claims of the sign-in, one address, and the roles in ID tokens."""
    done = run("app", "Severa calendar sync", "https://sync.example.com/")
    assert (done.returncode, done.stdout) == (0, "the-client\n"), done.stderr
    (update,) = asked(az, "ad", "app", "update")
    (graph,) = json.loads(option(update, "--required-resource-accesses"))
    assert {(one["id"], one["type"]) for one in graph["resourceAccess"]} == {
        ("id of Calendars.ReadWrite", "Role"),
        ("id of User.Read.All", "Role"),
        ("id of openid", "Scope"),
        ("id of profile", "Scope"),
    }
    assert option(update, "--web-redirect-uris") == "https://sync.example.com/api/consent/callback"
    assert option(update, "--sign-in-audience") == "AzureADMultipleOrgs"
    assert option(update, "--set") == "groupMembershipClaims=DirectoryRole"


def test_a_registration_that_is_there_is_brought_up_to_date(az: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step may be repeated: no second registration of the same name."""
    monkeypatch.setenv("THERE", "an-earlier-client")
    assert run("app", "Severa calendar sync", "https://sync.example.com").stdout == "an-earlier-client\n"
    assert not asked(az, "ad", "app", "create")
    assert option(asked(az, "ad", "app", "update")[0], "--id") == "an-earlier-client"


def test_the_managed_identity_is_trusted(az: Path) -> None:
    """Issuer of our own tenant, the identity's object id as subject (facts/microsoft.md F3)."""
    assert run("trust", "the-client", "the-principal").returncode == 0
    (create,) = asked(az, "ad", "app", "federated-credential", "create")
    assert json.loads(option(create, "--parameters")) == {
        "name": "identity-the-principal",
        "issuer": "https://login.microsoftonline.com/the-tenant/v2.0",
        "subject": "the-principal",
        "audiences": ["api://AzureADTokenExchange"],
    }


def test_an_identity_that_is_trusted_already_is_left_alone(az: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application may have twenty such credentials and no two of one subject."""
    monkeypatch.setenv("TRUSTED", "its-id")
    assert run("trust", "the-client", "the-principal").returncode == 0
    assert not asked(az, "ad", "app", "federated-credential", "create")


def test_nothing_is_registered_where_graph_names_no_permission(az: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CLI that is not logged in answers with nothing: an application without permissions would look like success."""
    monkeypatch.setenv("GRAPH", "")
    done = run("app", "Severa calendar sync", "https://sync.example.com")
    assert done.returncode != 0
    assert "logged in" in done.stderr
    assert not asked(az, "ad", "app", "create")


@pytest.mark.parametrize(
    "arguments", [(), ("app", "name"), ("other", "a", "b"), ("app", "name", "http://plain.example")]
)
def test_a_wrong_call_is_refused_before_anything_is_asked(az: Path, arguments: tuple[str, ...]) -> None:
    """With how it is called."""
    assert run(*arguments).returncode == 2
    assert not az.exists()
