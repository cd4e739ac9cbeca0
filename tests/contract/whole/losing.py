"""A company that loses what the service remembered of it, and how its operator brings it back (docs/runbook.md)."""

from __future__ import annotations

from datetime import timedelta

from azure.data.tables.aio import TableServiceClient

from core.model.link import LinkState
from core.usecases.resync import resync
from core.usecases.switches import set_user_switch
from tests.contract.whole.meeting import NAMES, Company

DAY = timedelta(days=1)
Ends = dict[str, set[tuple[str, str]]]
"""Which activity is which event, by user."""


async def ends(us: Company) -> Ends:
    """What the living links join."""
    found: Ends = {}
    for name in NAMES:
        links = await us.stage.ports.pairs.links(us.stage.pair(name))
        found[name] = {(link.activity, link.event) for link in links if link.state is LinkState.LIVE}
    return found


async def lose_tables(us: Company) -> None:
    """All of `pairs`, and of `companies` all but the settings: links, cursors, switches, claims, intents, activities.

    The process is a fresh one, too.
    """
    storage, company = us.stage.storage, us.stage.company
    for store in (storage.pairs, storage.companies):
        while (await store.forget(company)).more:
            pass
    assert await ends(us) == {name: set() for name in NAMES}
    us.stage.new_gateways()


async def lose_rows(us: Company, azurite: str) -> None:
    """Only links, claims and intents, straight out of the tables; cursors, switches and members stay."""
    kinds = {"pairs": ("link:",), "companies": ("claim:", "intent:")}
    async with TableServiceClient.from_connection_string(azurite) as service:
        for name, prefixes in kinds.items():
            table = service.get_table_client(name)
            rows = [row async for row in table.list_entities(select=["PartitionKey", "RowKey"])]
            for row in rows:
                if row["PartitionKey"].startswith(us.stage.company) and row["RowKey"].startswith(prefixes):
                    await table.delete_entity(row["PartitionKey"], row["RowKey"])
    assert await ends(us) == {name: set() for name in NAMES}
    us.stage.new_gateways()


async def bring_back(us: Company) -> None:
    """What the runbook says: everybody who had the sync on is switched on again; the runs do the rest."""
    for name in NAMES:
        await set_user_switch(us.stage.ports, us.stage.pair(name), on=True)


async def compare_anew(us: Company) -> None:
    """What the runbook says where the switches are still there: a full comparison of each pair."""
    for name in NAMES:
        await resync(us.stage.ports, us.stage.pair(name))


def written(us: Company) -> list[str]:
    """Every request that changed something at Severa or Microsoft since `quiet`."""
    logs = (us.stage.severa.requests, us.stage.graph.requests)
    return [
        f"{one.method} {one.path}"
        for log in logs
        for one in log.entries
        if one.method != "GET" and "token" not in one.path
    ]


def shown(us: Company) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """Activities with their subjects, and what each mailbox shows."""
    return sorted((one.guid, one.name) for one in us.activities()), {name: us.events(name) for name in NAMES}


async def lost_and_found(us: Company, *order: str, azurite: str = "", exchangeable: bool = False) -> None:
    """Settle, lose the tables an hour later, bring them back: the same links, nothing written, nobody mailed.

    With `azurite`, only rows of its tables are lost. `exchangeable`: entries that are the same on sight may change
    places, each still has a twin.
    """
    await us.settle(*order)
    us.stage.clock.advance(timedelta(hours=1))
    await us.settle(*order)
    before, there, mails = await ends(us), shown(us), us.mails
    assert any(before.values())
    await (lose_rows(us, azurite) if azurite else lose_tables(us))
    us.stage.quiet()
    await (compare_anew(us) if azurite else bring_back(us))
    await us.settle(*order)
    us.stage.clock.advance(8 * DAY)  # Beyond the next full comparison.
    await us.settle(*order)
    assert written(us) == []
    after = await ends(us)
    if exchangeable:
        assert _apart(after) == _apart(before)
    else:
        assert after == before
    assert shown(us) == there
    assert us.mails == mails


def _apart(links: Ends) -> dict[str, tuple[list[str], list[str]]]:
    return {n: (sorted(activity for activity, _ in found), sorted(e for _, e in found)) for n, found in links.items()}
