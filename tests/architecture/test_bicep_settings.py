"""What the Bicep deploys is what the code expects: settings, queues, tables, functions, codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.settings import SETTINGS, load
from core.usecases.report import Outcome
from core.usecases.words import TABLE
from infra.azure.template import FOLDER, read, value

ROOT = Path(__file__).resolve().parents[2]
# Not set in Azure, and why.
LEFT_OUT = {
    "AzureWebJobsStorage": "shared keys are off: the identity opens the storage",
    "SYNC_APP_SECRET": "the managed identity proves who we are",
    "SYNC_APP_CERTIFICATE_FILE": "the managed identity proves who we are",
    "SYNC_CA_FILE": "the public authorities are the right ones",
    "SYNC_TELEMETRY": "traces and metrics go to Application Insights",
}
PLATFORM = {
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__credential",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
}
REFERENCE = re.compile(r"@Microsoft\.KeyVault\(SecretUri=\$\{ownVaultUri\}secrets/[a-z-]+\)")


def variable(module: str, name: str) -> Any:
    """The value of a variable of a module."""
    return read(FOLDER / "modules" / f"{module}.bicep").part("variables")[name]["value"]


def own_settings() -> dict[str, Any]:
    """What the app is given, the setting included that needs a secret to be there first."""
    earlier = variable("app", "earlierKeys")["operator"]["operands"]["true_value"]
    return {**variable("app", "ownSettings"), **earlier}


def test_the_settings_are_exactly_those_of_the_code() -> None:
    """None is forgotten, none is made up; what is left out has its reason."""
    assert own_settings().keys() | LEFT_OUT.keys() == {setting.name for setting in SETTINGS}
    assert not own_settings().keys() & LEFT_OUT.keys()


def test_the_platform_is_told_what_it_needs_and_nothing_that_it_refuses() -> None:
    """Flex Consumption refuses the settings of other plans (facts/microsoft.md J2)."""
    assert set(variable("app", "platformSettings")) == PLATFORM
    union = value(read(FOLDER / "modules" / "app.bicep").part("resources")["settings"])["properties"]["function"]
    assert (union["type"], list(union["parameters"].values())) == (
        "union", ["platformSettings", "ownSettings", "earlierKeys"],
    )  # fmt: skip


def test_secrets_are_references_and_nothing_else_is() -> None:
    """A secret's value is in no template, no parameter and no deployment's history."""
    secret = {setting.name for setting in SETTINGS if setting.secret}
    references = {name for name, text in own_settings().items() if REFERENCE.fullmatch(str(text))}
    assert references == own_settings().keys() & secret


def test_the_service_starts_with_such_settings() -> None:
    """Deployed values of every form are accepted, empty ones too."""
    address = "https://example.net/"
    values = dict.fromkeys(own_settings(), "")
    values |= {name: address for name in values if name.endswith(("Uri", "_URL"))}
    values |= {"SYNC_MASTER_KEY": "A" * 43 + "=", "SYNC_APP_CLIENT_ID": "id", "SYNC_APP_IDENTITY": "id"}
    values |= {"SYNC_JWT_ISSUER": "issuer", "SYNC_JWT_AUDIENCE": "audience"}
    settings = load(values)
    assert (settings.storage, settings.app_identity, settings.allowed_networks) == ("", "id", ())


def test_defaults_are_those_of_the_code() -> None:
    """Where the template has a default of its own for a setting, it is the same."""
    given = {setting.name: setting.default for setting in SETTINGS}
    parameters = read(FOLDER / "main.bicep").part("parameters")
    for name, setting in (
        ("graphUrl", "SYNC_GRAPH_URL"),
        ("severaUrl", "SYNC_SEVERA_URL"),
        ("jwtAlgorithms", "SYNC_JWT_ALGORITHMS"),
    ):
        assert parameters[name]["default"] == given[setting]


@pytest.mark.parametrize("environment", ["dev", "test", "prod"])
@pytest.mark.parametrize(
    ("module", "parameter", "form"),
    [
        ("storage", "accountName", r"[a-z0-9]{3,24}"),
        ("ownVault", "vaultName", r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]"),
        ("companyVault", "vaultName", r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]"),
    ],
)
def test_names_have_the_form_that_azure_demands(environment: str, module: str, parameter: str, form: str) -> None:
    """uniqueString() gives 13 letters and digits; vaults and accounts have 24 at most."""
    given = read(FOLDER / "main.bicep").part("modules")[module]["config"]["params"][parameter]["function"]["parameters"]
    name = given["original_value"].replace("${environmentName}", environment).replace("${unique}", "abcdefghij123")
    assert re.fullmatch(form, name[: given["number_to_take"]])


def test_the_queues_are_those_that_functions_listen_to() -> None:
    """The app may not make queues: each is made here, poison ones included."""
    bound = {one["queueName"] for function in functions() for one in function["bindings"] if "queueName" in one}
    assert set(variable("storage", "queues")) == bound


def test_the_tables_are_those_that_the_stores_open() -> None:
    """The app may not make tables either."""
    text = (ROOT / "core" / "adapters" / "storage" / "storage.py").read_text(encoding="utf-8")
    named = set(re.findall(r'Table\(self\._clients, "(\w+)"\)', text))
    listed = re.search(r"for name in \(([^)]*)\)", text)
    named |= set(re.findall(r'"(\w+)"', listed[1])) if listed else set()
    assert set(variable("storage", "tables")) == named


def test_alerts_ask_for_functions_that_are_there() -> None:
    """A rule over a name that nobody logs would never call anybody."""
    asked = {name for query in queries() for name in words_after(r"\bName (?:==|in)", query)}
    assert asked
    assert asked <= {function["name"] for function in functions()}


def test_alerts_ask_for_codes_and_outcomes_that_runs_report() -> None:
    """As the service words them (core/usecases/words.py, report.py)."""
    codes = {name for query in queries() for name in words_after(r"tostring\(run\.code\) in", query)}
    outcomes = {name for query in queries() for name in words_after(r"\boutcome in", query)}
    assert {"consent_missing", "throttled", "app_credentials_refused"} <= codes <= TABLE.keys()
    assert outcomes
    assert outcomes <= {outcome.value for outcome in Outcome}


def queries() -> list[str]:
    """The questions of all alerts."""
    return [alert["query"] for alert in variable("alerts", "alerts")]


def words_after(start: str, query: str) -> set[str]:
    """The quoted words of each list, or the one word, that follows."""
    found = re.findall(start + r" (?:\(([^)]*)\)|('\w+'))", query)
    return {word for groups in found for word in re.findall(r"'(\w+)'", "".join(groups))}


def functions() -> list[dict[str, Any]]:
    """The registered functions (tests/functions/test_bindings.py compares the list with the app)."""
    return list(json.loads((ROOT / "tests" / "functions" / "bindings.json").read_text(encoding="utf-8")))
