"""What the consent's pages say, by the codes of the use case: a title, what happened, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_AGAIN = "Close this window and choose Grant permissions in Severa's settings again."


@dataclass(frozen=True, slots=True)
class Words:
    """One outcome in sentences for people."""

    title: str
    happened: str
    remedy: str = _AGAIN
    status: int = 400


_STRANGE_SIGN_IN = Words(
    "The sign-in could not be verified",
    "What Microsoft answered about who signed in did not pass our checks. Nothing was connected.",
)
REFUSALS: Mapping[str, Words] = {
    "link_unknown": Words("This link is not complete", "The address of this page is not one that Severa gave out."),
    "link_used": Words(
        "This link was used already",
        "Each link serves once, and a newer attempt makes older ones void. Nothing was connected by this one.",
    ),
    "link_expired": Words(
        "This link has expired",
        "The attempt was begun more than ten minutes ago. Permissions that were granted meanwhile stay granted.",
    ),
    "opened_elsewhere": Words(
        "Open this page from Severa",
        "This page works only when it is opened from Severa's own settings, by the administrator who began. A link "
        "that somebody sent you does not work, for your organization's safety.",
        "If you want to connect your own Severa company, sign in to Severa and choose Grant permissions in its "
        "settings. Otherwise close this window.",
        403,
    ),
    "other_browser": Words(
        "This was begun in another browser",
        "The attempt belongs to the browser in which it was begun. Nothing was connected. If somebody sent you a link "
        "that asked for permissions, that person's Severa company was not given access to your calendars by it.",
        "If you did not begin this yourself in Severa, close this window and tell your Microsoft 365 administrators. "
        "Otherwise begin again in Severa, and stay in one browser.",
        403,
    ),
    "consent_cancelled": Words("Cancelled", "The permissions were not granted. Nothing was connected."),
    "sign_in_cancelled": Words(
        "Cancelled", "The permissions were granted, but you did not sign in afterwards. Nothing was connected."
    ),
    "admin_needed": Words(
        "An administrator of Microsoft 365 is needed",
        "The account that you used may not grant these permissions for your organization.",
        "Ask a Global Administrator or Privileged Role Administrator of your Microsoft 365 to do this with you, in "
        "your browser.",
        403,
    ),
    "consent_refused": Words("The permissions were not granted", "Microsoft did not grant the permissions."),
    "tenant_missing": Words("Microsoft's answer is not complete", "It does not name the organization."),
    "personal_account": Words(
        "This is a personal Microsoft account",
        "Only the calendars of an organization can be connected.",
        "Use the account that you have in your organization's Microsoft 365.",
    ),
    "tenant_mismatch": Words(
        "Two different organizations",
        "The permissions were granted for one Microsoft organization, but you signed in to another one. Nothing was "
        "connected.",
        "Begin again in Severa, and use the same account both times: that of the organization whose calendars are "
        "to be connected.",
        403,
    ),
    "sign_in_refused": Words("The sign-in failed", "Microsoft did not accept the sign-in. Nothing was connected."),
    "sign_in_invalid": _STRANGE_SIGN_IN,
    "sign_in_failed": Words(
        "The sign-in does not work",
        "Microsoft's login does not accept how this service asks. Nothing was connected.",
        "Tell Severa's support: the settings of this service need attention.",
        503,
    ),
    "roles_not_told": Words(
        "Your role could not be verified",
        "Microsoft did not tell whether you are an administrator. Nothing was connected.",
        "Tell Severa's support: the registration of this application must ask for directory roles.",
        503,
    ),
    "role_insufficient": Words(
        "An administrator of Microsoft 365 is needed",
        "You signed in, but your account may not grant these permissions. Nothing was connected.",
        "Sign in as a Global Administrator or Privileged Role Administrator. If that role is only activated when it "
        "is needed, activate it first, and begin again in Severa.",
        403,
    ),
    "tenant_taken": Words(
        "This Microsoft organization is connected already",
        "It belongs to another Severa company, and can belong to one only. Nothing was changed.",
        "An administrator of that company can disconnect it. Severa's support can help where nobody knows of it.",
        409,
    ),
    "app_credentials_refused": Words(
        "This service cannot sign in to Microsoft",
        "Microsoft does not accept the credentials of this service. Nothing was connected.",
        "Tell Severa's support: the credentials of this service must be renewed.",
        503,
    ),
    "tenant_unknown": Words("Unknown organization", "Microsoft does not know this organization."),
    "not_configured": Words(
        "This service is not set up completely",
        "Connecting Microsoft 365 is not possible until whoever runs this service completes its settings.",
        "Tell Severa's support.",
        503,
    ),
    "unavailable": Words(
        "This does not work just now", "A service that is needed for this does not answer.", status=503
    ),
}
UNEXPECTED = Words(
    "Something unexpected went wrong",
    "It is in the service's log, without your data. Nothing was connected.",
    "Begin again in Severa; if it happens again, tell Severa's support when it happened.",
    500,
)
WAITING: Mapping[str, Words] = {
    "consent_missing": Words(
        "Microsoft needs a moment",
        "The permissions are not visible yet everywhere at Microsoft. This usually takes less than two minutes.",
        "Wait a minute and try again. If the permissions were taken away in the meantime, grant them again.",
    ),
    "mailboxes_denied": Words(
        "No calendar can be opened yet",
        "Microsoft refuses every calendar that was tried: the permissions are not in force yet, or they are limited "
        "to some mailboxes (RBAC for Applications), yours not among them.",
        "Wait a minute and try again. After a change of such limits Microsoft needs up to two hours.",
    ),
    "mailboxes_none": Words(
        "No mailbox was found",
        "Nobody who was tried has a mailbox in this Microsoft organization.",
        "If the mailboxes are on your own Exchange Server, choose Exchange Server in Severa's settings. Otherwise "
        "give yourself a mailbox, and try again.",
    ),
}
WAITING_OTHERWISE = Words(
    "Microsoft does not answer just now", "Whether a calendar can be opened is not known.", "Wait and try again."
)


def refusal(code: str) -> Words:
    """The words for an attempt that is over."""
    return REFUSALS.get(code, UNEXPECTED)


def waiting(code: str) -> Words:
    """The words for a confirmation that may be sent again."""
    return WAITING.get(code, WAITING_OTHERWISE)
