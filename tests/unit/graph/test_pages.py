"""Pages of Graph's JSON, with what is of a series folded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.adapters.graph import pages, wire
from tests.unit.graph.items import item


def page(*items: object, **links: object) -> bytes:
    """A page's bytes."""
    return json.dumps({"value": list(items), **links}).encode()


def test_a_page() -> None:
    """Events, removed ids, what cannot be read, and the links."""
    gone = {"id": "gone", "@removed": {"reason": "deleted"}}
    found = pages.listing(page(item(), gone, item(id="bad", start=None), **{"@odata.nextLink": "https://x/"}))
    assert [event.id for event in found.events] == ["AAkALgAA"]
    assert found.removed == ("gone",)
    assert [(refusal.code, refusal.detail) for refusal in found.refused] == [("unreadable_event", wire.digest("bad"))]
    assert (found.next_link, found.delta_link) == ("https://x/", None)
    assert {identity for identity, _ in found.fingerprint} == {"AAkALgAA", "gone", "bad"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"value": {}}', b"{}", b'{"value": [7]}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_page(body: bytes) -> None:
    """Half a document or something else is told apart from an empty page (P23)."""
    with pytest.raises(wire.Malformed):
        pages.listing(body)


def of(series: object, **changes: Any) -> dict[str, Any]:
    """A bare occurrence as delta brings it (facts/microsoft.md A3)."""
    bare = {name: value for name, value in item().items() if name in {"@odata.etag", "start", "end"}}
    return {**bare, "type": "occurrence", "id": f"of {series}", "seriesMasterId": series, **changes}


def test_what_is_of_a_series_is_folded() -> None:
    """Stubs, exceptions and masters name their series, in the order of the page and once each."""
    found = pages.listing(
        page(of("s2"), of("s1"), item(), item(type="seriesMaster", id="s2"), of("s3", type="exception", subject="x"))
    )
    assert found.series == ("s2", "s1", "s3")
    assert [event.id for event in found.events] == ["AAkALgAA"]
    assert found.refused == ()
    assert found.shows("s1")
    assert found.shows("AAkALgAA")
    assert not found.shows("s4")


def test_a_series_that_is_removed_on_the_same_page() -> None:
    """The last time counts: it may be told before it is removed, or come back after that."""
    gone = {"id": "s1", "@removed": {"reason": "deleted"}}
    assert pages.listing(page(of("s1"), gone)).series == ()
    assert pages.listing(page(gone, of("s1"))).series == ("s1",)
    assert pages.listing(page(of("s1"), gone)).removed == ("s1",)


@pytest.mark.parametrize("nothing", [None, "", 7])
def test_an_occurrence_that_names_no_series(nothing: object) -> None:
    """It cannot be read, by itself."""
    found = pages.listing(page(of(nothing), of("s1")))
    assert found.series == ("s1",)
    assert [refusal.code for refusal in found.refused] == ["unreadable_event"]


def test_more_exceptions() -> None:
    """The rest of an expansion, and where it goes on."""
    assert pages.exceptions(page(item(), **{"@odata.nextLink": "https://x/"})) == ([item()], "https://x/")
    assert pages.exceptions(page()) == ([], "")
    with pytest.raises(wire.Malformed):
        pages.exceptions(b"{}")
