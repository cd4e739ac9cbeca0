"""A company leaves: everything that the service keeps of it is removed, and said in numbers.

One call takes a minute at most; whatever interrupts it, the next call goes on. The settings go last: as long as they
are there, so is something to be removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from core.errors import RetryLater, StorageConflict, SyncError
from core.model.caller import Caller
from core.model.company import CompanySettings
from core.model.ids import Pair, UserId
from core.model.rows import Forgotten
from core.ports import Ports
from core.ports_consent import ConsentStore
from core.ports_live import LivePorts
from core.ports_secrets import SecretWriter
from core.usecases.feed import LEASE as FEED_LEASE
from core.usecases.recorder import LEASE, Recorder
from core.usecases.removing_copies import remove_copies
from core.usecases.secrets import remove_secrets
from core.usecases.subscriptions import drop_subscriptions
from core.usecases.switches import set_company_switch

BUDGET = timedelta(seconds=60)
"""What one call takes; the front end waits for it."""
EXPIRED = timedelta(days=1)
"""Every attempt to consent that there is now has expired by then."""


@dataclass(slots=True)
class Removal:
    """What one call removed, as numbers by kind.

    `finished`: nothing is left. `under_way`: runs that must end first. `obstacle`: the code of what kept copies from
    being removed for now.
    """

    counts: Counter[str] = field(default_factory=Counter)
    finished: bool = False
    under_way: int = 0
    obstacle: str = ""


async def remove_company(
    ports: Ports,
    consents: ConsentStore,
    writer: SecretWriter | None,
    caller: Caller,
    *,
    copies: bool,
    live: LivePorts | None = None,
) -> Removal:
    """Switch the company off and remove all that is kept of it; `copies`: the copies in its mailboxes too.

    `live` ends its subscriptions at Graph.

    Raises Stop where copies are to be removed and Microsoft cannot be reached until a person acts (then the company is
    off, and nothing that is needed to remove them is gone), RetryLater where the storage does not answer.
    """
    return await _Offboarding(ports, consents, writer, caller, live).run(copies=copies)


class _Offboarding:
    """One call."""

    def __init__(
        self,
        ports: Ports,
        consents: ConsentStore,
        writer: SecretWriter | None,
        caller: Caller,
        live: LivePorts | None,
    ) -> None:
        self._ports, self._consents, self._writer, self._caller = ports, consents, writer, caller
        self._live = live
        self._company = caller.company
        self._until = ports.clock.now() + BUDGET
        self._removal = Removal()

    async def run(self, *, copies: bool) -> Removal:
        found = await self._ports.companies.settings(self._company)
        settings = found[0] if found else CompanySettings()
        if settings.enabled:
            await set_company_switch(self._ports, self._company, on=False)
        if await self._stop_feed() and await self._remove_pairs(settings, copies=copies) and await self._remove_rest():
            self._removal.finished = True
        return self._removal

    async def _stop_feed(self) -> bool:
        """Take the feed's lease, so that no poll puts down anything more; False where one is under way.

        It is taken as after a failure, whose lease nobody waits for: neither does the next call.
        """
        companies, now = self._ports.companies, self._ports.clock.now()
        state = await companies.feed(self._company)
        is_polled = state.lease_until is not None and state.lease_until > now and not state.failures
        if not is_polled:
            taken = replace(state, lease_until=now + FEED_LEASE, failures=state.failures + 1, code="company_off")
            with suppress(StorageConflict):
                await companies.put_feed(self._company, taken)
                return True
        self._removal.under_way += 1
        return False

    # --- pair by pair -------------------------------------------------------------------------------------------------
    async def _remove_pairs(self, settings: CompanySettings, *, copies: bool) -> bool:
        """Every pair whose lease is free; False where that is not all."""
        for member in await self._ports.companies.members(self._company):
            if self._is_late() or not await self._remove_pair(member.user, settings, copies=copies):
                return False
        return not self._removal.under_way

    async def _remove_pair(self, user: UserId, settings: CompanySettings, *, copies: bool) -> bool:
        """False where the call ends here."""
        ports, pair, now = self._ports, Pair(self._company, user), self._ports.clock.now()
        head = await ports.pairs.head(pair)
        lease = await ports.pairs.acquire(head, now, now + LEASE)
        if lease is None:
            self._removal.under_way += 1
            return True
        recorder = Recorder(ports, lease, head.state)
        try:
            done = not copies or await self._remove_copies(pair, settings, recorder)
            done = done and await self._drain(partial(ports.pairs.forget, self._company, user))
        except SyncError:
            await _give_back(recorder)
            raise
        if not done:
            await _give_back(recorder)
            return False
        await ports.companies.remove_member(self._company, user)
        self._removal.counts["users"] += 1
        return True

    async def _remove_copies(self, pair: Pair, settings: CompanySettings, recorder: Recorder) -> bool:
        try:
            return await remove_copies(self._ports, settings, pair, recorder, self._until, self._removal.counts)
        except RetryLater as late:
            self._removal.obstacle = late.code
            return False

    # --- what is left -------------------------------------------------------------------------------------------------
    async def _remove_rest(self) -> bool:
        ports, company = self._ports, self._company
        if not await self._end_subscriptions():
            return False
        for store in (ports.pairs, ports.history, ports.holds, ports.due):
            if not await self._drain(partial(store.forget, company)):
                return False
        self._removal.counts["secrets"] += await remove_secrets(self._writer, company)
        await self._consents.forget(company, self._caller.user, ports.clock.now() + EXPIRED)
        self._removal.counts["tenants"] += await self._consents.free_tenants(company)
        return await self._drain(partial(ports.companies.forget, company)) and await self._remove_settings()

    async def _end_subscriptions(self) -> bool:
        """False where time ran out."""
        if self._live is None:
            return True
        ended, is_all = await drop_subscriptions(self._live, self._company, self._until)
        self._removal.counts["subscriptions"] += ended
        return is_all

    async def _remove_settings(self) -> bool:
        """False where somebody has switched the company on again meanwhile: then there is more to be removed."""
        found = await self._ports.companies.settings(self._company)
        if found is None:
            return True
        settings, tag = found
        if settings.enabled:
            return False
        await self._ports.companies.remove_settings(self._company, tag)
        self._removal.counts["settings"] += 1
        return True

    async def _drain(self, forget: Callable[[], Awaitable[Forgotten]]) -> bool:
        """Forget step by step; False where time ran out before the end."""
        more = True
        while more:
            if self._is_late():
                return False
            step = await forget()
            self._removal.counts.update(step.counts)
            more = step.more
        return True

    def _is_late(self) -> bool:
        return self._ports.clock.now() >= self._until


async def _give_back(recorder: Recorder) -> None:
    """The lease, so that the next call need not wait for its end; where it cannot be given back, it runs out."""
    with suppress(SyncError):
        await recorder.release()
