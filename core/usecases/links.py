"""The links of a run's pair: read one by one, or all at once where many are needed."""

from __future__ import annotations

from core.model.ids import Pair, Side
from core.model.link import Link, LinkState
from core.ports import Ports


class Links:
    """What the store holds, kept up to date by the run itself, which alone writes them.

    A link of another era leads into another mailbox: here it is none.
    """

    def __init__(self, ports: Ports, pair: Pair, era: int = 0) -> None:
        self._store, self._pair, self._era = ports.pairs, pair, era
        self._known: dict[tuple[Side, str], Link | None] = {}
        self.loaded = False

    async def load(self) -> None:
        """Read every link of the pair."""
        if not self.loaded:
            for link in await self._store.links(self._pair):
                if link.era == self._era:
                    self.put(link)
            self.loaded = True

    async def of(self, side: Side, entry: str) -> Link | None:
        """The link of one entry; a dead one is found from either end too."""
        key = (side, entry)
        if key not in self._known and not self.loaded:
            found = await self._store.link_of(self._pair, side, entry)
            self._known[key] = found if found is not None and found.era == self._era else None
        return self._known.get(key)

    def put(self, link: Link) -> None:
        """Remember a link that was recorded. A dead one never takes an end that belongs to another link."""
        for side in Side:
            if link.state is not LinkState.DEAD or not self.has_left(link, side):
                self._known[side, link.id_on(side)] = link

    def has_left(self, link: Link, side: Side) -> bool:
        """Whether that end of a link that was recorded once belongs to another living one by now, after a revival."""
        holder, known = self._known.get((side, link.id_on(side))), self._known.get((side.other, link.id_on(side.other)))
        if holder is None or holder.state is LinkState.DEAD or known is None:
            return False
        return known.id_on(side) == link.id_on(side) and holder.id_on(side.other) != link.id_on(side.other)

    def every(self) -> list[Link]:
        """The links known so far, each once."""
        return [link for (side, _), link in self._known.items() if side is Side.SEVERA and link is not None]

    def living(self) -> list[Link]:
        """Links known so far that are not dead."""
        return [link for link in self.every() if link.state is not LinkState.DEAD]
