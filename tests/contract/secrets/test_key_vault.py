"""The vault as Microsoft's SDKs see it: its challenge, its versions, its soft deletion, and what can go wrong."""

import re
from pathlib import Path

import pytest
from azure.identity.aio import ManagedIdentityCredential

from core.adapters.vault import key_vault
from core.adapters.vault.key_vault import KeyVaultSecrets
from core.adapters.vault.names import vault_name
from core.errors import RetryLater
from core.model.ids import CompanyId
from tests.contract.stores.samples import a_company
from tests.simulators.azure import VAULT
from tests.simulators.common.faults import Action, Fault
from tests.support.azure_stage import AzureStage

SEVERA, EXCHANGE = "SEVERA_CLIENT_SECRET", "EXCHANGE_PASSWORD"


async def test_the_first_request(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """It carries neither token nor secret: the vault's challenge says first where a token comes from."""
    company = a_company()
    await vault.put_secret(company, SEVERA, "s3cret")
    assert await vault.secret(company, SEVERA) == "s3cret"
    assert [(one.method, one.status) for one in azure.vault.requests.entries] == [
        ("PUT", 401),
        ("PUT", 200),
        ("GET", 200),
    ]
    (asked,) = azure.identities.requests.entries
    assert f"client_id={azure.identity.client_id}" in asked.url
    assert azure.vault.secrets == {vault_name(company, SEVERA): "s3cret"}


async def test_a_new_version(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """The newest one is read, also when an operator wrote it; the earlier ones stay in the vault."""
    company = a_company()
    await vault.put_secret(company, SEVERA, "first")
    azure.vault.write(vault_name(company, SEVERA), "by the operator")
    assert await vault.secret(company, SEVERA) == "by the operator"
    await vault.put_secret(company, SEVERA, "third")
    assert azure.vault.versions(vault_name(company, SEVERA)) == ["first", "by the operator", "third"]


async def test_a_removed_name_is_taken(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """The vault takes its time to remove and to recover; the store waits for it, and the new value is what counts."""
    company = a_company()
    await vault.put_secret(company, SEVERA, "old")
    azure.vault.lag = 1
    assert await vault.remove_secret(company, SEVERA)
    assert await vault.secret(company, SEVERA) is None
    await vault.put_secret(company, SEVERA, "new")
    assert await vault.secret(company, SEVERA) == "new"
    assert azure.vault.requests.count("POST", "/recover") == 1


async def test_a_removal_that_does_not_end(
    azure: AzureStage, vault: KeyVaultSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later, rather than for ever; so is storing a name that is being removed."""
    company = a_company()
    await vault.put_secret(company, SEVERA, "old")
    monkeypatch.setattr(key_vault, "_CHANGE_SECONDS", 0.3)
    azure.vault.lag = 1000
    with pytest.raises(RetryLater, match="vault_unavailable"):
        await vault.remove_secret(company, SEVERA)
    with pytest.raises(RetryLater, match=r"vault_unavailable: set (409|timeout)"):
        await vault.put_secret(company, SEVERA, "new")


async def test_a_vault_that_is_not_opened_to_the_identity(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """Later, with a code; once the role is given it works, without a restart."""
    company = a_company()
    azure.vault.refuse(azure.identity.principal)
    for attempt in (
        vault.secret(company, SEVERA),
        vault.put_secret(company, SEVERA, "canary"),
        vault.remove_secret(company, SEVERA),
    ):
        with pytest.raises(RetryLater, match=r"vault_forbidden: .+ 403") as caught:
            await attempt
        assert "canary" not in str(caught.value)
    azure.vault.allow(azure.identity.principal)
    assert await vault.secret(company, SEVERA) is None


async def test_an_identity_that_the_app_does_not_have(azure: AzureStage) -> None:
    """Later, with a code."""
    credential = ManagedIdentityCredential(client_id="11111111-1111-4111-8111-111111111111")
    store = KeyVaultSecrets(azure.url, credential, azure.ca_file)
    with pytest.raises(RetryLater, match="vault_forbidden"):
        await store.secret(a_company(), SEVERA)
    await store.aclose()


async def test_the_system_assigned_identity(azure: AzureStage) -> None:
    """Without a client id it is the app's own."""
    azure.vault.allow(azure.identities.system.principal)
    store = KeyVaultSecrets(azure.url, ManagedIdentityCredential(), azure.ca_file)
    company = a_company()
    await store.put_secret(company, EXCHANGE, "p")
    assert await store.secret(company, EXCHANGE) == "p"
    await store.aclose()


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (Fault(Action.STATUS, times=None, status=429, retry_after=1), 1.0),
        (Fault(Action.STATUS, times=None, status=500), None),
        (Fault(Action.DROP_AFTER_COMMIT, times=None), None),
    ],
    ids=["throttled", "broken", "dropped"],
)
async def test_a_vault_that_does_not_answer(
    azure: AzureStage, vault: KeyVaultSecrets, fault: Fault, after: float | None
) -> None:
    """Later, as late as it asks."""
    azure.vault.faults.add(fault)
    with pytest.raises(RetryLater, match="vault_unavailable") as caught:
        await vault.secret(a_company(), SEVERA)
    assert caught.value.after == after


async def test_an_answer_that_was_lost(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """The write is sent again: one more version, and nothing else."""
    company = a_company()
    assert await vault.secret(company, SEVERA) is None
    azure.vault.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="PUT"))
    await vault.put_secret(company, SEVERA, "s3cret")
    assert azure.vault.versions(vault_name(company, SEVERA)) == ["s3cret", "s3cret"]


async def test_a_challenge_that_leads_elsewhere(azure: AzureStage, vault: KeyVaultSecrets) -> None:
    """No token of ours goes to a host that only pretends to be a vault."""
    azure.vault.resource = "https://graph.microsoft.com"
    with pytest.raises(RetryLater, match="vault_forbidden: get challenge"):
        await vault.secret(a_company(), SEVERA)
    assert azure.identities.requests.count() == 0


async def test_a_certificate_of_somebody_else(azure: AzureStage, tmp_path: Path) -> None:
    """Nothing is asked of a server that is not the vault."""
    store = KeyVaultSecrets(azure.url, ManagedIdentityCredential(client_id=azure.identity.client_id))
    with pytest.raises(RetryLater, match="vault_unavailable"):
        await store.secret(a_company(), SEVERA)
    assert azure.vault.requests.count() == 0
    await store.aclose()


def test_names() -> None:
    """Readable, within what a vault takes, and one for one, although a vault does not tell capitals apart."""
    company = CompanyId("0f8fad5b-d9cb-469f-a165-70867728950e")
    assert vault_name(company, SEVERA) == "0f8fad5b-d9cb-469f-a165-70867728950e--severa-client-secret"
    odd = [
        (company, "A_B"),
        (company, "A-B"),
        (company, "a_b"),
        (CompanyId(company.upper()), "A_B"),
        (CompanyId(""), ""),
        (CompanyId("a b"), ""),
        (CompanyId("a"), "b "),
        (CompanyId("x" * 500), "Y" * 500),
    ]
    made = [vault_name(*one).lower() for one in odd]
    assert len(set(made)) == len(odd)
    assert all(re.fullmatch(r"[0-9a-zA-Z-]{1,127}", name) for name in made)


async def test_a_token_for_another_service(azure: AzureStage) -> None:
    """The simulated vault takes its own only: one that let anything through would prove nothing."""
    async with ManagedIdentityCredential(client_id=azure.identity.client_id) as credential:
        token = (await credential.get_token("https://storage.azure.com/.default")).token
    assert azure.identities.claims(token, VAULT) is None
