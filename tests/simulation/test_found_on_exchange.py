"""What the simulation found on Exchange Servers: the smallest story of each, so that it stays mended."""

from datetime import timedelta

from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import at


def _names(stage: RemoteStage) -> list[str]:
    return [activity.name for activity in stage.severa.people.activities_of(stage.users["anna"])]


async def _lunch(stage: RemoteStage) -> str:
    """An event that is in agreement with its activity, and old enough."""
    event = stage.graph.people.add_event(stage.mailboxes["anna"], "Lunch", at(12).start, at(12).end)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    return str(event)


def _has_another_address(stage: RemoteStage, address: str) -> None:
    stage.users["anna"] = stage.severa.people.edit_user(stage.users["anna"], email=address)
    stage.mailboxes["anna"].aliases.append(address)


async def test_an_address_of_earlier_leads_to_somebody_else() -> None:
    """The mailbox is found by the address that its owner has now, by a process that knew the earlier one (R1)."""
    async with remote_stage(release="2013") as stage:
        event = await _lunch(stage)
        _has_another_address(stage, "anna.new@example.org")
        newcomer = stage.graph.people.add_mailbox(None, "newcomer@example.org")
        stage.graph.people.change_mailbox_of_address("anna@example.org", newcomer)
        stage.graph.people.edit_event(event, subject="Long lunch")
        await stage.settle()
        assert _names(stage) == ["Long lunch"]
        assert newcomer.versions == {}


async def test_an_address_of_earlier_leads_nowhere() -> None:
    """The same, where nobody else has it."""
    async with remote_stage(release="2013") as stage:
        event = await _lunch(stage)
        _has_another_address(stage, "anna.new@example.org")
        box = stage.mailboxes["anna"]
        box.address, box.aliases = "anna.new@example.org", []
        stage.graph.people.edit_event(event, subject="Long lunch")
        await stage.settle()
        assert _names(stage) == ["Long lunch"]
