from dataclasses import replace

from core.model.ids import Pair, Side
from core.model.link import End, Link, LinkState, ParkReason
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_link, a_pair, committed, event_id, leased

E1, E2 = event_id("1"), event_id("2")


async def recorded(stores: Stores, pair: Pair, *commits: tuple[Link, ...]) -> None:
    """Links, one commit after the other."""
    lease = await leased(stores.pairs, pair)
    for links in commits:
        lease = await committed(stores.pairs, lease, links=links)


def dead(link: Link) -> Link:
    """The link, buried."""
    return replace(link, state=LinkState.DEAD)


async def both(stores: Stores, pair: Pair, activity: str, event: str) -> tuple[Link | None, Link | None]:
    """What each end tells of its link."""
    return (
        await stores.pairs.link_of(pair, Side.SEVERA, activity),
        await stores.pairs.link_of(pair, Side.MICROSOFT, event),
    )


async def test_every_field_of_a_link(stores: Stores) -> None:
    """It comes back as it was recorded, from either end and among all."""
    pair, plain = a_pair(), Link("a2", E2, Side.MICROSOFT)
    full = Link(
        "a1",
        E1,
        Side.SEVERA,
        End("v1", {"subject": "ä"}, "v0"),
        End('W/"x"', {"time": "t"}, 'W/"y"'),
        LinkState.PARKED,
        ParkReason.ARCHIVED,
        Side.MICROSOFT,
        generation=7,
        uid="uid/1",
        masked=True,
        earlier_type="t1",
        given_type="t2",
        ends=NOW,
        agreed=NOW,
    )
    await recorded(stores, pair, (full, plain))
    assert await both(stores, pair, "a1", E1) == (full, full)
    assert await both(stores, pair, "a2", E2) == (plain, plain)
    assert {link.activity for link in await stores.pairs.links(pair)} == {"a1", "a2"}
    assert full in await stores.pairs.links(pair)


async def test_an_entry_without_a_link(stores: Stores) -> None:
    """None, from either end, and in another pair than its own."""
    pair = a_pair()
    await recorded(stores, pair, (a_link("a", E1),))
    assert await both(stores, pair, "b", E2) == (None, None)
    assert await both(stores, a_pair(pair.company), "a", E1) == (None, None)


async def test_ids_that_differ_in_case_only(stores: Stores) -> None:
    """Ids of events are case-sensitive: these are two."""
    pair = a_pair()
    await recorded(stores, pair, (a_link("a", "event-a"), a_link("b", "event-A")))
    found = await stores.pairs.link_of(pair, Side.MICROSOFT, "event-A")
    assert found is not None
    assert found.activity == "b"


async def test_forty_five_links_at_once(stores: Stores) -> None:
    """As many fit into one commit with cursor and state, and all are found."""
    pair = a_pair()
    links = tuple(a_link(f"a{n}", event_id(str(n))) for n in range(45))
    await committed(stores.pairs, await leased(stores.pairs, pair), links=links, cursor="c")
    assert sorted(await stores.pairs.links(pair), key=lambda link: link.activity) == sorted(
        links, key=lambda link: link.activity
    )


async def test_an_event_that_was_created_anew(stores: Stores) -> None:
    """The activity has its new event; the old event is still known, as dead; the activity is told of once."""
    pair, old = a_pair(), a_link("a", E1)
    new = a_link("a", E2, generation=1)
    await recorded(stores, pair, (old,), (new,))
    assert await both(stores, pair, "a", E2) == (new, new)
    assert await stores.pairs.link_of(pair, Side.MICROSOFT, E1) == dead(old)
    assert await stores.pairs.links(pair) == (new,)


async def test_an_activity_that_was_created_anew(stores: Stores) -> None:
    """The event has its new activity; the old activity is dead, and told of before the living."""
    pair, old = a_pair(), a_link("a1", E1, state=LinkState.PARKED, parked=ParkReason.MEETING)
    new = a_link("a2", E1, generation=1)
    await recorded(stores, pair, (old,), (new,))
    buried = replace(dead(old), parked=None)
    assert await both(stores, pair, "a2", E1) == (new, new)
    assert await stores.pairs.link_of(pair, Side.SEVERA, "a1") == buried
    assert await stores.pairs.links(pair) == (buried, new)


async def test_a_dead_link_whose_activity_lives_on_with_another_event(stores: Stores) -> None:
    """Its event is still found as dead, by its own last words."""
    pair, buried = a_pair(), a_link("a", E1, state=LinkState.DEAD, uid="last words")
    new = a_link("a", E2)
    await recorded(stores, pair, (a_link("a", E1),), (buried,), (new,))
    assert await stores.pairs.link_of(pair, Side.MICROSOFT, E1) == buried
    assert await stores.pairs.link_of(pair, Side.SEVERA, "a") == new


async def test_a_burial_that_comes_late(stores: Stores) -> None:
    """A dead link never takes an end from a living one, in a later commit or in the same, in either order."""
    for order in (0, 1, 2, 3):
        pair, old, new = a_pair(), a_link("a1", E1), a_link("a2", E1)
        commits = {0: ((new,), (dead(old),)), 1: ((dead(old),), (new,)), 2: ((new, dead(old)),), 3: ((dead(old), new),)}
        await recorded(stores, pair, (old,), *commits[order])
        assert await both(stores, pair, "a2", E1) == (new, new)
        assert await stores.pairs.link_of(pair, Side.SEVERA, "a1") == dead(old)


async def test_a_burial_after_the_event_was_created_anew(stores: Stores) -> None:
    """The activity keeps its new event, and the old one stays dead."""
    pair, old, new = a_pair(), a_link("a", E1), a_link("a", E2)
    await recorded(stores, pair, (old,), (new,), (dead(old),))
    assert await both(stores, pair, "a", E2) == (new, new)
    assert await stores.pairs.link_of(pair, Side.MICROSOFT, E1) == dead(old)


async def test_both_links_of_a_chain_end(stores: Stores) -> None:
    """When the new activity is buried too, the old one does not come back to life."""
    pair, old, new = a_pair(), a_link("a1", E1), a_link("a2", E1)
    await recorded(stores, pair, (old,), (new,), (dead(new),))
    assert {link.state for link in await stores.pairs.links(pair)} == {LinkState.DEAD}
    assert await both(stores, pair, "a1", E1) == (dead(old), dead(new))


async def test_partners_that_change_places(stores: Stores) -> None:
    """Two links that exchange their events are both alive, and nothing of the old ones is left."""
    pair = a_pair()
    crossed = (a_link("a1", E2), a_link("a2", E1))
    await recorded(stores, pair, (a_link("a1", E1), a_link("a2", E2)), crossed)
    assert await both(stores, pair, "a1", E2) == (crossed[0], crossed[0])
    assert await both(stores, pair, "a2", E1) == (crossed[1], crossed[1])
    assert {link.event for link in await stores.pairs.links(pair)} == {E1, E2}


async def test_a_dead_link_that_is_revived(stores: Stores) -> None:
    """Recorded again as living, it lives, from both ends."""
    pair, link = a_pair(), a_link("a", E1)
    await recorded(stores, pair, (link,), (dead(link),), (link,))
    assert await both(stores, pair, "a", E1) == (link, link)
