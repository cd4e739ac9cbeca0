"""Why a pair has no Graph subscription, in words: (sentence, remedy). Its calendars are looked at all the same.

`PERSON` stays so until somebody acts; the others pass.
"""

from __future__ import annotations

_STILL = "Changes in the mailbox are found within 15 minutes all the same."

PERSON: dict[str, tuple[str, str]] = {
    "subscription_quota": (
        f"Microsoft 365 accepts no further subscription to your mailbox: other applications have used it up. {_STILL}",
        "The administrator removes applications that watch this mailbox and are not needed any more.",
    ),
    "subscription_refused": (
        f"Microsoft 365 refuses to tell the service of changes in your mailbox. {_STILL}",
        "If it lasts for more than a day, tell Severa's support.",
    ),
    "subscription_elsewhere": (
        f"Another installation of this service is told of changes in your mailbox. {_STILL}",
        "The operator gives each installation an application registration of its own.",
    ),
    "notifications_not_reached": (
        f"Microsoft 365 does not reach the service's address for notifications. {_STILL}",
        "The operator checks the address in the settings, its certificate, and that it answers within ten seconds.",
    ),
}
PASSING: dict[str, str] = {
    "subscription_exists": f"A subscription to your mailbox is there already and is being looked into. {_STILL}",
    "mailbox_not_bound": "Notifications are asked for once your mailbox is known.",
}
