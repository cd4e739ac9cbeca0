"""Private entries that Severa cannot keep private (R10): when their subject, text and place stay out of it.

Severa keeps an entry private by its type's category (R11). Where the activity has such a type already, an absence say,
there is nothing to hide, although its copy in the mailbox is private.
"""

from __future__ import annotations

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import Link
from core.model.policy import Policy, PrivateWithoutPersonal
from core.model.sighting import Activity
from core.sync.digest import Digester

MASK = "Private"
"""What Severa shows as the subject of a private event that it cannot keep private."""


def is_masked(essence: Essence, policy: Policy) -> bool:
    """Whether an event becomes an activity that shows its mask only."""
    hidden = policy.private_without_personal is PrivateWithoutPersonal.MASK and not policy.personal_type
    return essence.private and hidden


def keeps_private(link: Link, activity: Activity | None, digester: Digester) -> bool:
    """Whether the activity, as seen or as the link remembers it, is of a private category."""
    if activity is not None:
        return activity.essence.private
    remembered = link.severa.digests.get(Field.PRIVACY.value)
    return remembered is not None and remembered == digester.private(Side.SEVERA)


def is_mask_on(link: Link, activity: Activity | None, event: Essence, policy: Policy, digester: Digester) -> bool:
    """Whether a linked event, holding `event`, shows its mask in Severa.

    A mask that is on stays on until the event itself is no longer private: a type that a person chose in Severa does
    not bring out what Microsoft keeps private.
    """
    return is_masked(event, policy) and (link.masked or not keeps_private(link, activity, digester))
