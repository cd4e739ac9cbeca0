"""A company leaves, on real adapters, with tables in Azurite."""

from datetime import timedelta

from core.model.caller import Caller
from core.model.consent import ConsentAttempt, Step, TenantBinding
from core.usecases.offboarding import remove_company
from tests.support.canaries import everything_in_tables
from tests.support.remote_stage import remote_stage
from tests.support.stage import MONDAY


async def test_a_company_leaves_with_its_copies(azurite: str) -> None:
    """No row of any table names it any more; its copies lie in Deleted Items, all else stays, nobody is mailed."""
    async with remote_stage(azurite, ("anna", "bert")) as stage:
        start, storage = MONDAY + timedelta(days=1), stage.storage
        for number, who in enumerate(("anna", "anna", "bert")):
            begin = start + timedelta(hours=2 * number)
            stage.severa.people.add_activity(stage.users[who], f"Copy {number}", begin, begin + timedelta(hours=1))
        own = stage.mailboxes["anna"]
        stage.graph.people.add_event(own, "Her own", start - timedelta(hours=3), start - timedelta(hours=2))
        await stage.settle("anna", "bert")
        [edited] = [e for e in stage.graph.people.events_of(stage.mailboxes["bert"]) if e.subject == "Copy 2"]
        stage.clock.advance(timedelta(minutes=30))
        stage.graph.people.edit_event(edited.immutable_id, body="Bring the figures")
        stage.clock.advance(timedelta(minutes=30))
        admin = stage.pair("anna").user
        await storage.secrets.put_secret(stage.company, "SEVERA_CLIENT_SECRET", "s3")
        await storage.consents.bind_tenant(TenantBinding("t", stage.company, admin, "p", MONDAY))
        attempt = ConsentAttempt("d", stage.company, admin, "Acme", Step.START, stage.clock.now())
        await storage.consents.put(attempt)
        caller = Caller(stage.company, admin, is_admin=True)
        assert any(stage.company in row for row in await everything_in_tables(azurite))
        removal = await remove_company(stage.ports, storage.consents, storage.secrets, caller, copies=True)
        assert removal.finished
        numbers = {"users": 2, "links": 4, "copies_removed": 2, "copies_kept": 1, "secrets": 1, "tenants": 1}
        assert {name: removal.counts[name] for name in numbers} == numbers
        assert [row for row in await everything_in_tables(azurite) if stage.company in row] == []
        boxes, people = stage.mailboxes.values(), stage.graph.people
        assert {e.subject for box in boxes for e in people.events_of(box)} == {"Copy 2", "Her own"}
        assert {e.subject for box in boxes for e in people.deleted_of(box)} == {"Copy 0", "Copy 1"}
        assert len(stage.severa.people.activities_of(stage.users["anna"])) == 3
        assert stage.graph.mails == []
