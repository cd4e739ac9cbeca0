"""A company moves to another Microsoft organization: real adapters, simulators, Azurite."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.usecases.settings import read_settings, save_settings
from core.usecases.switches import set_company_switch
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import MONDAY

TOMORROW = MONDAY + timedelta(days=1)
DAY = timedelta(days=1)


def subjects(stage: RemoteStage) -> tuple[list[str], list[str]]:
    """Both calendars of Anna."""
    activities = [activity.name for activity in stage.severa.people.activities_of(stage.users["anna"])]
    events = [event.subject for event in stage.graph.people.events_of(stage.mailboxes["anna"])]
    return sorted(activities), sorted(events)


async def moved(stage: RemoteStage) -> None:
    """The same entries are in the mailbox of another tenant, to which the company is connected from now on."""
    people, old = stage.graph.people, stage.mailboxes["anna"]
    stage.tenant = people.add_tenant("Other")
    stage.app = people.add_app(stage.tenant, secret="s")
    new = stage.mailboxes["anna"] = people.add_mailbox(stage.tenant, "anna@example.org")
    for event in people.events_of(old):
        start = TOMORROW + DAY if event.subject == "Walk" else TOMORROW
        body = "" if event.subject == "Planning" else event.subject
        people.add_event(new, event.subject, start, start + timedelta(hours=1), body=body)
    settings, tag = await read_settings(stage.ports, stage.company)
    await save_settings(stage.ports, stage.company, replace(settings, tenant=stage.tenant.tenant_id), tag)
    assert (await stage.run()).code == "company_off"
    await set_company_switch(stage.ports, stage.company, on=True)
    stage.new_gateways()
    stage.quiet()


async def test_the_same_entries_are_in_both_organizations(azurite: str) -> None:
    """Nothing is created, changed or deleted on either side, and nobody is mailed."""
    async with remote_stage(azurite) as stage:
        hour = timedelta(hours=1)
        stage.severa.people.add_activity(stage.users["anna"], "Planning", TOMORROW, TOMORROW + hour)
        for day, subject in enumerate(("Lunch", "Walk")):
            start = TOMORROW + day * DAY
            stage.graph.people.add_event(stage.mailboxes["anna"], subject, start, start + hour, body=subject)
        await stage.settle()
        before = subjects(stage)
        assert before == (["Lunch", "Planning", "Walk"],) * 2
        stage.clock.advance(timedelta(hours=2))
        await moved(stage)
        await stage.settle()
        assert subjects(stage) == before
        writes = [r for r in stage.graph.requests.select() if r.method != "GET"]
        writes += [r for r in stage.severa.requests.select() if r.method != "GET" and "token" not in r.path]
        assert writes == []
        assert stage.graph.mails == []
        assert {link.era for link in await stage.storage.pairs.links(stage.pair())} == {1}
