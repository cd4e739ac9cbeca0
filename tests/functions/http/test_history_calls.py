"""The user's history, undo and preview, as the front end calls them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.model.ids import Side
from tests.functions.http.desk import Desk
from tests.support.stage import BERT, Stage, at, entry


async def _conflict(stage: Stage) -> None:
    """Both sides edited a text; Microsoft's stayed."""
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "by Severa"))
    stage.clock.advance(timedelta(minutes=5))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "by Outlook"))
    await stage.settle()


async def _lines(desk: Desk, query: str = "", **who: Any) -> list[dict[str, Any]]:
    answer = await desk.call("GET", f"me/history{query}", desk.token(**who))
    assert answer.status_code == 200
    lines: list[dict[str, Any]] = answer.json()["lines"]
    return lines


async def test_a_user_reads_what_happened(desk: Desk) -> None:
    """Each line in words, with both values of a conflict, and whether it can be taken back."""
    await _conflict(desk.stage)
    [line] = await _lines(desk)
    assert line["code"] == "conflict_text"
    assert line["sentence"].endswith(".")
    assert line["values"] == [{"field": "text", "lost": "by Severa", "stayed": "by Outlook"}]
    assert (line["can_be_undone"], line["why_not"], line["undone"]) == (True, "", None)


async def test_nobody_else_reads_it(desk: Desk) -> None:
    """Not another user, not an administrator, by no name: values are their user's alone."""
    await _conflict(desk.stage)
    [line] = await _lines(desk)
    for admin in (False, True):
        assert await _lines(desk, user=BERT, admin=admin) == []
        answer = await desk.call("POST", f"me/history/{line['id']}/undo", desk.token(BERT, admin=admin))
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-line")


async def test_history_page_by_page(desk: Desk) -> None:
    """`following` is `before` of the next page; the last page has none."""
    stage = desk.stage
    await stage.linked("Lunch", "Dinner")
    for subject in ("Lunch", "Dinner"):
        stage.anna.remove(stage.event(subject).id)
        stage.clock.advance(timedelta(minutes=5))
        await stage.settle()
    first = (await desk.call("GET", "me/history?limit=1", desk.token())).json()
    second = (await desk.call("GET", f"me/history?limit=1&before={first['following']}", desk.token())).json()
    assert [line["code"] for page in (first, second) for line in page["lines"]] == ["deleted", "deleted"]
    assert first["lines"] != second["lines"]
    assert second["following"] is None


async def test_a_page_that_is_none(desk: Desk) -> None:
    """422, with the field."""
    for wrong in ("x", "20261399T100000000000Z-line", "..%2F"):
        answer = await desk.call("GET", f"me/history?before={wrong}", desk.token())
        assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"before"})


async def test_a_user_takes_something_back(desk: Desk) -> None:
    """The value is back, in both calendars after the next run; the line says when it was taken back."""
    stage = desk.stage
    await _conflict(stage)
    [line] = await _lines(desk)
    answer = await desk.call("POST", f"me/history/{line['id']}/undo", desk.token())
    assert answer.status_code == 200
    assert answer.json()["line"]["undone"]
    assert not answer.json()["line"]["can_be_undone"]
    await stage.settle()
    assert stage.event("Lunch").essence.text == "by Severa"
    again = await desk.call("POST", f"me/history/{line['id']}/undo", desk.token())
    assert (again.status_code, again.json()["line"]) == (200, answer.json()["line"])


async def test_a_removed_entry_is_taken_back(desk: Desk) -> None:
    """The answer names what is lost."""
    stage = desk.stage
    await stage.linked("Lunch")
    stage.anna.remove(stage.event("Lunch").id)
    await stage.settle()
    [line] = await _lines(desk)
    answer = await desk.call("POST", f"me/history/{line['id']}/undo", desk.token())
    assert "without customer and phase" in answer.json()["sentence"]
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])


async def test_what_would_be_a_new_conflict(desk: Desk) -> None:
    """409 with the reason in words and a remedy."""
    stage = desk.stage
    await _conflict(stage)
    [line] = await _lines(desk)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "newer"))
    answer = await desk.call("POST", f"me/history/{line['id']}/undo", desk.token())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-undone")
    assert answer.json()["code"] == "undo_changed_since"
    assert "new conflict" in answer.json()["detail"]
    assert answer.json()["remedy"]


async def test_a_user_looks_ahead(desk: Desk) -> None:
    """The plan in words, with subjects of the user's own entries, and nothing is done."""
    stage = desk.stage
    stage.anna.add(entry("From Outlook", at(9)))
    before = await stage.head()
    answer = await desk.call("GET", "me/preview", desk.token())
    assert answer.status_code == 200
    found = answer.json()
    assert found["sentence"] == "The next synchronization would write: 1 created in Severa."
    assert found["counts"] == [{"does": "created", "side": Side.SEVERA, "entries": 1}]
    assert [one["subject"] for one in found["entries"]] == ["From Outlook"]
    assert await stage.head() == before
    await stage.settle()
    calm = (await desk.call("GET", "me/preview", desk.token())).json()
    assert (calm["counts"], calm["first"]) == ([], False)
    assert calm["sentence"].startswith("Nothing would be written")
