"""Every code that a person can meet, in one sentence, with one remedy. A test compares the table with the sources."""

from __future__ import annotations

from dataclasses import dataclass

from core.usecases import (
    words_of_connection,
    words_of_decisions,
    words_of_entries,
    words_of_exchange,
    words_of_notifications,
    words_of_repair,
)


@dataclass(frozen=True, slots=True)
class Words:
    """`remedy` is empty where nothing is needed. `person`: it stays so until a person acts."""

    sentence: str
    remedy: str = ""
    person: bool = False


_TRIED_AGAIN = "Nothing is needed: it is tried again by itself."
_ASK_SUPPORT = "If it lasts for more than a day, tell Severa's support."
_SEVERA_SETTINGS = "The administrator enters the client id and the secret of Severa's API again."
_CONSENT = "The administrator connects Microsoft 365 again, as one who may consent for the whole organization."

_PAIR = {
    "ok": Words("The calendars are in agreement."),
    "": Words("The calendars have not been compared yet.", _TRIED_AGAIN),
    "first_sync": Words("The first synchronization is under way.", "Nothing is needed: it goes on by itself."),
    "held": Words("Some changes wait for a decision.", "Look at what is held, and release or discard it."),
    "busy": Words("Another look at these calendars is under way.", _TRIED_AGAIN),
    "superseded": Words("Another look at these calendars is due a little later.", _TRIED_AGAIN),
    "lease_lost": Words("Another look at these calendars took over.", _TRIED_AGAIN),
    "just_compared": Words("Both calendars were compared in full just now.", "Wait a few minutes, then ask again."),
    "not_logged_in": Words("You are not logged in to Severa; changes are kept.", "Log in: they are served at once."),
    "nothing_went_through": Words("None of the changes could be written.", "The history says why, entry by entry."),
    "poisoned": Words("A synchronization failed several times in a row.", _ASK_SUPPORT),
    "create_not_settled": Words("The answer to a new entry was lost, and is being looked for.", _TRIED_AGAIN),
    "dates_left": Words("Some dates of a series wait to be written.", _TRIED_AGAIN),
    "meeting_claimed": Words("Another look at the same meeting was quicker.", _TRIED_AGAIN),
    "not_visible_yet": Words("A new entry does not show yet.", _TRIED_AGAIN),
    "date_came_back": Words("A date of a meeting that this person had left is theirs again.", _TRIED_AGAIN),
}
_PERSON = {
    "company_off": ("Calendar sync is off for the company.", "The administrator switches it on in the settings."),
    "switched_off": ("Your calendar sync is off.", "Switch it on, if you like."),
    "not_connected": ("The company is not connected yet.", "The administrator fills in the settings."),
    "secrets_read_only": ("Secrets cannot be stored here.", "The operator sets them where the service runs."),
    "user_not_found": ("Severa does not know this user any more.", "Check the user in Severa."),
    "user_not_active": ("This user is not active in Severa.", "Activate the user in Severa."),
    "mailbox_not_found": (
        "No mailbox has the e-mail address that you have in Severa.",
        "Make the address in Severa one of the mailbox's addresses, primary or secondary.",
    ),
    "mailbox_ambiguous": (
        "Several mailboxes answer to the e-mail address that you have in Severa.",
        "The administrator removes the address from all mailboxes but yours.",
    ),
    "mailbox_changed": (
        "Your e-mail address leads to another mailbox than before; nothing is applied to it.",
        "Set the address back, or ask Severa's support to join you with the new mailbox.",
    ),
    "mailbox_taken": (
        "The mailbox of your e-mail address is synchronized for somebody else of the company.",
        "Give each user in Severa the address of their own mailbox.",
    ),
    "mailbox_access_denied": (
        "Microsoft 365 denies access to your mailbox.",
        "The administrator lets the service into this mailbox.",
    ),
    "mailbox_not_in_microsoft365": (
        "Your mailbox is not in Microsoft 365 (any more), or has no licence there; nothing is deleted.",
        "The administrator gives it a licence or moves it there, or chooses Exchange Server in the settings.",
    ),
    "tenant_missing": ("Microsoft 365 is not connected.", _CONSENT),
    "tenant_unknown": ("Microsoft does not know the organization in the settings.", _CONSENT),
    "consent_missing": ("Microsoft 365 has not given its consent, or has taken it back.", _CONSENT),
    "app_credentials_refused": (
        "Microsoft refuses the service's own credentials.",
        "The operator renews the certificate or the secret of the service.",
    ),
    "link_to_another_host": ("An answer of Microsoft led to a foreign address and was not followed.", _ASK_SUPPORT),
    "no_default_type": (
        "The company has no active activity type that an event could become.",
        "Activate an activity type of the category calendar entry in Severa.",
    ),
    "severa_credentials_missing": ("The credentials for Severa's API are missing.", _SEVERA_SETTINGS),
    "severa_credentials_refused": ("Severa refuses the credentials of its API.", _SEVERA_SETTINGS),
    "severa_scope_missing": (
        "The credentials for Severa's API do not cover activities.",
        "The administrator adds the scopes activities and users to them in Severa.",
    ),
    "severa_addon_missing": ("The company has no add-on for Severa's API.", "Order it from Severa."),
    "severa_terms_not_approved": ("Severa's terms of service wait for approval.", "Approve them in Severa."),
    "severa_feature_not_enabled": ("Severa's API is not enabled for the company.", "Enable it in Severa."),
    "severa_organization_not_active": ("The company is not active in Severa.", "Ask Severa's support."),
    "severa_trial_expired": ("The company's trial of Severa is over.", "Order Severa."),
    "severa_not_available_in_trial": ("Severa's API is not part of the trial.", "Order Severa."),
    "severa_api_version_refused": ("Severa no longer accepts this version of its API.", _ASK_SUPPORT),
    "severa_https_required": ("Severa demands https.", "The operator corrects the address of Severa's API."),
    "address_not_https": ("An address in the settings is not https.", "The administrator enters one that is."),
    "address_not_allowed": (
        "An address in the settings leads where the service may not go.",
        "The administrator enters a public address, or the operator allows the network.",
    ),
    "storage_key_unknown": ("Stored data was sealed with a key that is not there.", "The operator restores the key."),
    "storage_tampered": ("Stored data cannot be read: it was changed.", _ASK_SUPPORT),
}
_SERVICES = {
    "Microsoft 365 asks the service to slow down.": ("throttled",),
    "Microsoft 365 does not answer as it should at the moment.": (
        *("unavailable", "unexpected_answer", "spurious_conflict", "malformed_answer", "listing_never_ends"),
        "outcome_unknown",
    ),
    "Your mailbox does not answer as it should at the moment.": (
        *("echo_unreadable", "round_lost", "cursor_gone", "cursor_of_another_host"),
    ),
    "Microsoft's login does not answer as it should at the moment.": (
        *("login_unreachable", "login_unavailable", "login_refused", "managed_identity_unavailable"),
    ),
    "Severa asks the service to slow down.": ("severa_throttled", "severa_budget_used_up", "severa_budget_busy"),
    "Severa does not answer as it should at the moment.": (
        *("severa_unreachable", "severa_unavailable", "severa_timeout", "severa_connection_lost"),
        *("severa_answer_malformed", "severa_answer_too_large", "severa_page_token_repeated", "severa_too_many_pages"),
        *("severa_unexpected_answer",),
    ),
    "Severa does not prove that an activity was deleted; nothing is deleted until it does.": (
        *("severa_deletion_unproven", "severa_not_found"),
    ),
    "The service's storage does not answer as it should at the moment.": (
        *("storage_unavailable", "storage_forbidden", "storage_refused", "storage_conflict"),
    ),
    "The vault with the service's secrets does not answer as it should at the moment.": (
        *("vault_unavailable", "vault_forbidden"),
    ),
    "An entry was changed while it was being written.": (
        *("changed_meanwhile", "moved_meanwhile", "gone_meanwhile", "item_missing"),
        *("date_changed", "no_such_date", "occurrence_changed"),
        *("severa_activity_changed", "severa_activity_gone", "activity_busy", "meeting_claimed"),
    ),
}
TABLE: dict[str, Words] = {
    **_PAIR,
    **{code: Words(sentence, remedy, person=True) for code, (sentence, remedy) in _PERSON.items()},
    **{code: Words(sentence, _TRIED_AGAIN) for sentence, codes in _SERVICES.items() for code in codes},
    **{code: Words(sentence, remedy) for code, (sentence, remedy) in words_of_entries.TABLE.items()},
    **{code: Words(sentence, remedy) for code, (sentence, remedy) in words_of_decisions.TABLE.items()},
    **{code: Words(sentence, remedy) for code, (sentence, remedy) in words_of_repair.TABLE.items()},
    **{code: Words(sentence, remedy, person=True) for code, (sentence, remedy) in words_of_connection.TABLE.items()},
    **{code: Words(sentence, remedy, person=True) for code, (sentence, remedy) in words_of_exchange.PERSON.items()},
    **{code: Words(sentence, _TRIED_AGAIN) for sentence, codes in words_of_exchange.PASSING.items() for code in codes},
    **{code: Words(sentence, remedy) for code, (sentence, remedy) in words_of_exchange.REFUSED.items()},
    **{
        code: Words(sentence, remedy, person=True) for code, (sentence, remedy) in words_of_notifications.PERSON.items()
    },
    **{code: Words(sentence, _TRIED_AGAIN) for code, sentence in words_of_notifications.PASSING.items()},
    **{
        code: Words(
            sentence, "Check that the server runs and can be reached from outside under this name; it is tried again."
        )
        for sentence, codes in words_of_connection.PASSING.items()
        for code in codes
    },
}


def words(code: str) -> Words:
    """The words for a code. One that is a service's own (Graph names hundreds) is quoted in a general sentence."""
    known = TABLE.get(code)
    return known or Words(f"The service refuses this entry ({code}).", "Change it a little, or make it anew.")


def waits_for_a_person(code: str) -> bool:
    """Whether a pair in that state stays so until a person acts."""
    return code in TABLE and TABLE[code].person
