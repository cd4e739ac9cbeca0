"""Two pairs and one meeting: who waits for whom (R13)."""

from datetime import timedelta

from core.model.claim import Claim
from core.model.ids import Pair
from core.sync.digest import Digester
from core.usecases.hints import PAIRS
from tests.support.stage import BERT, COMPANY, entry, quiet_stage


async def test_a_claim_whose_activity_does_not_come() -> None:
    """The pair that staked it is asked to look again; nothing is put down that it would have to read."""
    stage = await quiet_stage("Lunch")
    event = stage.anna.add(entry("Board"), is_meeting=True)
    key = Digester(stage.ports.keys.digest_key(COMPANY)).of("claim", COMPANY, event.uid)
    begun = stage.clock.now() - timedelta(minutes=5)
    await stage.ports.companies.put_claim(COMPANY, Claim(key, event.uid, lead=BERT, made_by=BERT, begun=begun))
    report = await stage.run()
    assert not report.written
    assert (await stage.ports.pairs.head(Pair(COMPANY, BERT))).pending == ()
    assert [one.message["user"] for one in stage.storage.queues.waiting(PAIRS)] == [BERT]
