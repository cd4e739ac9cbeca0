"""What administrators do: mailboxes and their addresses, accounts, moves, throttling."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from .ids import ItemName
from .logins import Logins
from .mailbox import Mailbox, MailboxState
from .world import World


class Administration:
    """The server as its administrators change it."""

    def __init__(self, world: World, logins: Logins) -> None:
        self._world, self._logins = world, logins

    def add_mailbox(
        self,
        address: str,
        *,
        aliases: Iterable[str] = (),
        display_name: str | None = None,
        principal_name: str | None = None,
        zone: str = "W. Europe Standard Time",
    ) -> Mailbox:
        """A user with a mailbox: `address` is primary, `aliases` are secondary SMTP addresses; `zone` is Windows'."""
        with self._world.lock:
            ids, guid = self._world.ids, self._world.ids.guid()
            mailbox = Mailbox(
                guid,
                address,
                list(aliases),
                display_name or address.partition("@")[0],
                ItemName(guid, ids.folder_entry()),
                ItemName(guid, ids.folder_entry()),
                zone,
                principal_name or address,
            )
            self._world.mailboxes.append(mailbox)
            return mailbox

    def remove_mailbox(self, mailbox: Mailbox) -> None:
        """The user is deleted: the address leads nowhere."""
        with self._world.lock:
            self._world.mailboxes.remove(mailbox)

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox with this primary or secondary address. Raises KeyError."""
        found = self._world.any_address(address)
        if found is None:
            raise KeyError(address)
        return found

    def change_mailbox_of_address(self, address: str, to: Mailbox, *, primary: bool = False) -> None:
        """Let an SMTP address lead to another mailbox; it leaves the one that had it."""
        with self._world.lock:
            for box in self._world.mailboxes:
                box.aliases = [alias for alias in box.aliases if alias.lower() != address.lower()]
                if box.address.lower() == address.lower() and box is not to:
                    box.address = f"{box.guid}@{address.partition('@')[2]}"
            if primary and to.address.lower() != address.lower():
                to.aliases.append(to.address)
                to.address = address
            elif to.address.lower() != address.lower():
                to.aliases.append(address)

    def set_state(self, mailbox: Mailbox, state: MailboxState) -> None:
        """Move the mailbox, take it to the cloud, take its store down, or bring it back."""
        with self._world.lock:
            mailbox.state = state

    def throttle(self, mailbox: Mailbox, how_long: timedelta) -> None:
        """Answer ErrorServerBusy for so long; each request that comes too early makes it so long again."""
        with self._world.lock:
            self._world.throttle_for = how_long
            mailbox.busy_until = self._world.now() + how_long

    def lose_sync_states(self, mailbox: Mailbox) -> None:
        """Every sync state given so far is refused from now on: ErrorInvalidSyncStateData."""
        with self._world.lock:
            mailbox.generation += 1

    def is_locked(self, account: str) -> bool:
        r"""Whether too many wrong passwords have locked an account (`DOMAIN\user`)."""
        return self._logins.locked(account)

    def unlock(self, account: str) -> None:
        """Let a locked account log in again."""
        self._logins.unlock(account)
