"""The user's calls: the own switch, presence, an activity that changed, a full comparison."""

from __future__ import annotations

from datetime import timedelta

from core.model.company import ActivityRow, SyncWhile
from core.model.ids import Pair, Side
from core.model.rows import Commit
from core.model.state import Hint
from core.usecases.report import Outcome
from tests.functions.http.desk import Desk
from tests.support.stage import ANNA, BERT, COMPANY, entry

ACTIVITY = "dddddddd-0000-4000-8000-000000000004"


async def _quiet(desk: Desk) -> None:
    """Whatever was queued was handled: no message is on its way."""
    for user in (ANNA, BERT):
        head = await desk.stage.ports.pairs.head(Pair(COMPANY, user))
        await desk.stage.ports.pairs.set_hint(head.pair, Hint(None, head.hint.tag))
    _messages(desk)


def _messages(desk: Desk) -> list[str]:
    """The users whose pairs are asked for by now; the queues are empty afterwards."""
    found, now = [], desk.stage.clock.now()
    for queue in ("pairs", "pairs-first"):
        while message := desk.stage.storage.queues.take(queue, now):
            found.append(str(message["user"]))
    return sorted(found)


async def test_a_user_switches_on(desk: Desk) -> None:
    """The first sync starts at once: a message is on its way when the answer comes (R2)."""
    token = desk.token()
    await desk.call("PUT", "me/sync", token, {"on": False})
    await _quiet(desk)
    answer = await desk.call("PUT", "me/sync", token, {"on": True})
    assert (answer.status_code, answer.json()["on"], answer.json()["state"]["code"]) == (200, True, "first_sync")
    assert answer.json()["state"]["sentence"]
    assert _messages(desk) == [ANNA]


async def test_a_user_switches_on_while_the_company_is_off(desk: Desk) -> None:
    """409 with a type of its own and a remedy; the switch stays off (R2)."""
    token = desk.token()
    await desk.call("PUT", "me/sync", token, {"on": False})
    await desk.call("PUT", "settings/enabled", desk.token(admin=True), {"enabled": False})
    answer = await desk.call("PUT", "me/sync", token, {"on": True})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/company-off")
    assert answer.json()["remedy"]
    shown = (await desk.call("GET", "me/sync", token)).json()
    assert (shown["on"], shown["company_on"], shown["state"]["code"]) == (False, False, "company_off")


async def test_a_user_switches_off_while_the_company_is_off(desk: Desk) -> None:
    """Turning off is always possible."""
    await desk.call("PUT", "settings/enabled", desk.token(admin=True), {"enabled": False})
    answer = await desk.call("PUT", "me/sync", desk.token(), {"on": False})
    assert (answer.status_code, answer.json()["on"]) == (200, False)


async def test_the_switch_was_moved_in_another_window(desk: Desk) -> None:
    """With If-Match the older window learns of it: 412."""
    token = desk.token()
    etag = (await desk.call("GET", "me/sync", token)).headers["ETag"]
    assert (await desk.call("PUT", "me/sync", token, {"on": False}, If_Match=etag)).status_code == 200
    assert (await desk.call("PUT", "me/sync", token, {"on": True}, If_Match=etag)).status_code == 412


async def test_a_user_navigates(desk: Desk) -> None:
    """Presence is noted and the pair is looked at; a second page within a minute asks for nothing new (R3)."""
    await _quiet(desk)
    desk.stage.clock.advance(timedelta(hours=1))
    for _ in range(2):
        assert (await desk.call("POST", "presence", desk.token())).status_code == 204
    head = await desk.stage.ports.pairs.head(desk.stage.pair)
    assert head.present_until == desk.stage.clock.now() + timedelta(minutes=15)
    assert _messages(desk) == [ANNA]


async def test_a_user_whose_switch_is_off_navigates(desk: Desk) -> None:
    """Nothing starts for somebody who never asked."""
    await desk.call("PUT", "me/sync", desk.token(), {"on": False})
    await _quiet(desk)
    assert (await desk.call("POST", "presence", desk.token())).status_code == 204
    assert _messages(desk) == []


async def test_what_came_while_a_user_was_away(desk: Desk) -> None:
    """Kept as pending, served on return (R3); with `sync_while: always` it is served without."""
    stage = desk.stage
    await stage.settle()
    await stage.change_settings(sync_while=SyncWhile.LOGGED_IN)
    stage.clock.advance(timedelta(hours=2))
    stage.severa.add(ANNA, entry("while away"))
    await stage.poll()
    assert (await stage.run()).outcome is Outcome.SKIPPED
    assert (await desk.call("GET", "me/sync", desk.token())).json()["waiting"] == 1
    await desk.call("POST", "presence", desk.token())
    assert (await stage.run()).outcome is Outcome.DONE
    assert [event.essence.subject for event in stage.anna.events()] == ["while away"]


async def test_an_activity_was_changed(desk: Desk) -> None:
    """A pending entry and a hint for every holder's pair, and for the caller's own (R4)."""
    await _quiet(desk)
    await desk.stage.ports.companies.put_activity(COMPANY, ActivityRow(ACTIVITY, holders=(ANNA, BERT)))
    answer = await desk.call("POST", f"activities/{ACTIVITY.upper()}/changed", desk.token(BERT))
    assert answer.status_code == 204
    for user in (ANNA, BERT):
        (row,) = (await desk.stage.ports.pairs.head(Pair(COMPANY, user))).pending
        assert (row.side, row.id, row.named) == (Side.SEVERA, ACTIVITY, True)
    assert _messages(desk) == [ANNA, BERT]


async def test_an_activity_that_is_no_guid(desk: Desk) -> None:
    """Nothing that a path may hold gets into a row's key."""
    for wrong in ("1", "..%2F..", "dddddddd-0000-4000-8000-00000000000g", "%00", "x" * 500):
        answer = await desk.call("POST", f"activities/{wrong}/changed", desk.token())
        assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"guid"})
    assert not (await desk.stage.ports.pairs.head(desk.stage.pair)).pending


async def test_a_user_asks_for_a_full_comparison(desk: Desk) -> None:
    """The next run compares both sides in full, and starts at once; a second wish within minutes waits."""
    stage = desk.stage
    await stage.settle()
    await _quiet(desk)
    stage.clock.advance(timedelta(hours=1))
    assert not (await stage.run()).full
    answer = await desk.call("POST", "me/resync", desk.token())
    assert answer.status_code == 202
    assert _messages(desk) == [ANNA]
    report = await stage.run()
    assert report.full
    assert not report.written
    again = await desk.call("POST", "me/resync", desk.token())
    assert (again.status_code, again.json()["type"]) == (429, "/problems/just-compared")
    assert 0 < int(again.headers["Retry-After"]) <= 300


async def test_a_full_comparison_of_a_pair_that_was_off(desk: Desk) -> None:
    """Asking for one does not make the guard forget that the sync was off: deletions still wait for a person (R5)."""
    stage = desk.stage
    activity = stage.severa.add(ANNA, entry("deleted while off"))
    await stage.settle()
    token = desk.token()
    await desk.call("PUT", "me/sync", token, {"on": False})
    stage.clock.advance(timedelta(days=1))
    stage.severa.remove(activity.id)
    await desk.call("PUT", "me/sync", token, {"on": True})
    assert (await desk.call("POST", "me/resync", token)).status_code == 202
    await stage.settle()
    assert len(stage.anna.events()) == 1
    assert (await desk.call("GET", "me/sync", token)).json()["held"] > 0


async def test_a_full_comparison_while_a_run_is_under_way(desk: Desk) -> None:
    """It is not forced upon the run: 409, and when to try again."""
    stage = desk.stage
    await stage.settle()
    now = stage.clock.advance(timedelta(hours=1))
    lease = await stage.ports.pairs.acquire(await stage.ports.pairs.head(stage.pair), now, now + timedelta(minutes=3))
    answer = await desk.call("POST", "me/resync", desk.token())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/run-under-way")
    assert answer.headers["Retry-After"] == "30"
    assert lease is not None
    await stage.ports.pairs.commit(lease, now + timedelta(minutes=3), Commit())  # the run goes on undisturbed


async def test_a_full_comparison_while_a_switch_is_off(desk: Desk) -> None:
    """Each switch has its own answer."""
    await desk.call("PUT", "me/sync", desk.token(), {"on": False})
    own = await desk.call("POST", "me/resync", desk.token())
    await desk.call("PUT", "settings/enabled", desk.token(admin=True), {"enabled": False})
    company = await desk.call("POST", "me/resync", desk.token(BERT))
    assert (own.status_code, own.json()["type"]) == (409, "/problems/switched-off")
    assert (company.status_code, company.json()["type"]) == (409, "/problems/company-off")
