import asyncio

from core.model.ids import CompanyId
from core.ports_secrets import SecretStore
from tests.contract.stores.samples import a_company

SEVERA, EXCHANGE = "SEVERA_CLIENT_SECRET", "EXCHANGE_PASSWORD"


async def test_a_secret(store: SecretStore) -> None:
    """It comes back whole, whatever it is made of."""
    company = a_company()
    for secret in ("s3cret", "Åäö 📅 \"'\\\n\t %2F+=", "x" * 1000, " blanks around "):
        await store.put_secret(company, SEVERA, secret)
        assert await store.secret(company, SEVERA) == secret


async def test_secrets_of_others(store: SecretStore) -> None:
    """Each company and each name has its own; what nobody stored is not there."""
    one, other = a_company(), a_company()
    await store.put_secret(one, SEVERA, "first")
    await store.put_secret(one, EXCHANGE, "second")
    await store.put_secret(other, SEVERA, "third")
    found = [await store.secret(company, name) for company in (one, other) for name in (SEVERA, EXCHANGE)]
    assert found == ["first", "second", "third", None]


async def test_a_company_that_is_no_guid(store: SecretStore) -> None:
    """Its secrets are kept apart too, whatever a store can call them."""
    odd = [CompanyId(f"{a_company()}{end}") for end in ("/x", "", "-", "--severa-client-secret", "Ä" * 60)]
    for number, company in enumerate(odd):
        await store.put_secret(company, SEVERA, str(number))
    assert [await store.secret(company, SEVERA) for company in odd] == [str(number) for number in range(len(odd))]


async def test_removing(store: SecretStore) -> None:
    """It is gone; removing twice is harmless, and says that there was nothing."""
    company = a_company()
    await store.put_secret(company, SEVERA, "s3cret")
    await store.put_secret(company, EXCHANGE, "stays")
    assert [await store.remove_secret(company, SEVERA) for _ in range(2)] == [True, False]
    assert await store.secret(company, SEVERA) is None
    assert await store.secret(company, EXCHANGE) == "stays"


async def test_a_removed_secret_is_stored_again(store: SecretStore) -> None:
    """As often as one likes; the earlier value does not come back."""
    company = a_company()
    for secret in ("first", "second", "third"):
        await store.put_secret(company, SEVERA, secret)
        assert await store.secret(company, SEVERA) == secret
        await store.remove_secret(company, SEVERA)
        assert await store.secret(company, SEVERA) is None


async def test_many_read_while_it_is_replaced(store: SecretStore) -> None:
    """Everybody gets one of the two whole, and after that the new one."""
    company = a_company()
    await store.put_secret(company, SEVERA, "old")
    *read, _ = await asyncio.gather(
        *(store.secret(company, SEVERA) for _ in range(6)), store.put_secret(company, SEVERA, "new")
    )
    assert set(read) <= {"old", "new"}
    assert await store.secret(company, SEVERA) == "new"
