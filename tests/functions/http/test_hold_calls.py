"""Holds as the front end calls them: the user's own, an administrator's any, and never a subject."""

from __future__ import annotations

from datetime import timedelta

from tests.functions.http.desk import Desk
from tests.support.stage import ANNA, BERT, Stage, at, entry


async def _held(stage: Stage) -> None:
    """Twelve of Anna's twenty events were deleted."""
    for number in range(20):
        stage.anna.add(entry(f"Secret {number:02}", at(number / 2), "hush"))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    for event in stage.anna.events()[:12]:
        stage.anna.remove(event.id)
    await stage.run()


async def test_who_sees_a_hold(desk: Desk) -> None:
    """Its user and administrators, with a reason and a count; another user sees none."""
    await _held(desk.stage)
    for who, admin, expected in ((ANNA, False, 1), (BERT, True, 1), (BERT, False, 0)):
        answer = await desk.call("GET", "holds", desk.token(who, admin=admin))
        assert answer.status_code == 200
        assert len(answer.json()["holds"]) == expected
        assert "Secret" not in answer.text
        assert "hush" not in answer.text
    [shown] = (await desk.call("GET", "holds", desk.token())).json()["holds"]
    assert (shown["user"], shown["kind"], shown["code"], shown["entries"]) == (ANNA, "delete", "many_deletions", 12)
    assert shown["sentence"]
    assert shown["remedy"]


async def test_a_hold_is_released_and_released_again(desk: Desk) -> None:
    """The first call decides; the second one changes nothing, and says so."""
    await _held(desk.stage)
    [shown] = (await desk.call("GET", "holds", desk.token())).json()["holds"]
    path = f"holds/{shown['id']}/release"
    first, second = [await desk.call("POST", path, desk.token()) for _ in range(2)]
    assert [(one.status_code, one.json()["entries"]) for one in (first, second)] == [(200, 12), (200, 0)]
    await desk.stage.settle()
    assert len(desk.stage.severa.activities()) == 8
    assert (await desk.call("GET", "holds", desk.token())).json()["holds"] == []
    assert (await desk.call("GET", "me/sync", desk.token())).json()["held"] == 0


async def test_an_administrator_discards_it(desk: Desk) -> None:
    """Anybody's hold; a user, only their own."""
    await _held(desk.stage)
    [shown] = (await desk.call("GET", "holds", desk.token())).json()["holds"]
    path = f"holds/{shown['id']}/discard"
    assert (await desk.call("POST", path, desk.token(BERT))).json()["entries"] == 0
    assert (await desk.call("POST", path, desk.token(BERT, admin=True))).json()["entries"] == 12
    await desk.stage.settle()
    assert len(desk.stage.severa.activities()) == 20


async def test_while_a_run_is_under_way(desk: Desk) -> None:
    """409, and when to try again."""
    stage = desk.stage
    await _held(stage)
    [shown] = (await desk.call("GET", "holds", desk.token())).json()["holds"]
    now = stage.clock.now()
    assert await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    answer = await desk.call("POST", f"holds/{shown['id']}/release", desk.token())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/run-under-way")
    assert answer.headers["Retry-After"] == "30"
