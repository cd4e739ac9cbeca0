"""What the rows of a company say of one user, and forgetting that one alone."""

from datetime import timedelta

from core.model.claim import Claim
from core.model.company import ActivityRow
from core.model.ids import MailboxId, Pair, Side, UserId
from core.model.link import End, LinkState
from core.model.operation import Note, NoteKind
from core.model.rows import Due, Record
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, a_link, a_pair, committed, event_id, leased

ANNA, BERT = UserId("aaaaaaaa-0000-4000-8000-000000000001"), UserId("bbbbbbbb-0000-4000-8000-000000000002")


async def test_rows_that_name_a_user(stores: Stores) -> None:
    """As holder or writer of an activity, in any part of a claim, as the owner of a mailbox."""
    company, companies = a_company(), stores.companies
    await companies.put_activity(company, ActivityRow("held", holders=(ANNA, BERT)))
    await companies.put_activity(company, ActivityRow("locked", locked_by=f"{ANNA}:7", locked_until=NOW))
    await companies.put_holders(
        company, [ActivityRow("joined", holders=(ANNA,)), ActivityRow("other", holders=(BERT,))]
    )
    for key, claim in {
        "leads": Claim("leads", lead=ANNA),
        "made": Claim("made", made_by=ANNA),
        "comes": Claim("comes", uid="u", attendees=(BERT, ANNA)),
        "guest": Claim("guest", uid="u", lead=BERT, guests=((ANNA, "2026-12-08"),)),
        "declined": Claim("declined", uid="u", lead=BERT, declined=((ANNA, "digest"),)),
        "date": Claim("date", uid="u", lead=BERT, dates=((ANNA, "2026-12-08"),)),
        "dismissed": Claim("dismissed", uid="u", lead=BERT, dismissed=(ANNA,)),
        "others": Claim("others", uid="u", lead=BERT),
    }.items():
        await companies.put_claim(company, claim)
        assert claim.key == key
    await companies.bind_mailbox(company, MailboxId("hers"), ANNA)
    await companies.bind_mailbox(company, MailboxId("his"), BERT)
    found = await companies.mentions(company, ANNA)
    assert set(found.activities) == {"held", "locked", "joined"}
    assert set(found.claims) == {"leads", "made", "comes", "guest", "declined", "date", "dismissed"}
    assert found.mailboxes == (MailboxId("hers"),)
    assert await companies.mentions(a_company(), ANNA) == type(found)()


async def test_a_mailbox_is_nobody_s_any_more(stores: Stores) -> None:
    """It may be given to somebody else; that of nobody stays nobody's."""
    company = a_company()
    await stores.companies.bind_mailbox(company, MailboxId("box"), ANNA)
    await stores.companies.unbind_mailbox(company, MailboxId("box"))
    await stores.companies.unbind_mailbox(company, MailboxId("box"))
    assert await stores.companies.bind_mailbox(company, MailboxId("box"), BERT) == BERT


async def test_forgetting_one_user(stores: Stores) -> None:
    """Of history and of what is due, only theirs goes, all the months of it; the feed's row stays."""
    company = a_company()
    note = Note(NoteKind.REMARK, "c", Side.SEVERA)
    for user in (ANNA, BERT):
        lines = [Record(f"r{days}", NOW - timedelta(days=days), note) for days in (0, 40, 80)]
        await stores.history.append(Pair(company, user), lines)
        await stores.due.put(Due(NOW, company, user))
    await stores.due.put(Due(NOW, company))
    assert dict((await stores.history.forget(company, ANNA)).counts) == {"history": 3}
    assert dict((await stores.due.forget(company, ANNA)).counts) == {"due": 1}
    since = NOW - timedelta(days=365)
    assert await stores.history.read(Pair(company, ANNA), since) == ()
    assert len(await stores.history.read(Pair(company, BERT), since)) == 3
    left = {one.user async for one in stores.due.until(NOW) if one.company == company}
    assert left == {BERT, None}


async def test_an_old_link_that_is_stored_compressed(stores: Stores) -> None:
    """The dead link of a long series goes like any other."""
    pair, long_ago = a_pair(), NOW - timedelta(days=100)
    digests = {f"2026-11-{number:05}": "d" * 22 for number in range(900)}
    link = a_link("long", event_id("long"), state=LinkState.DEAD, agreed=long_ago, severa=End("v", digests))
    await committed(stores.pairs, await leased(stores.pairs, pair), links=(link,))
    assert len(await stores.pairs.links(pair)) == 1
    assert dict((await stores.attic.purge_links(pair, NOW - timedelta(days=90))).counts) == {"links": 1}
    assert await stores.pairs.links(pair) == ()
