"""What a company's own Exchange Server may answer while it is synchronized, in words: (sentence, remedy).

`PERSON` stays so until somebody acts; `PASSING` passes by itself; `REFUSED` concerns one entry. What the test of the
connection can find as well is in words_of_connection.py.
"""

from __future__ import annotations

PERSON: dict[str, tuple[str, str]] = {
    "exchange_mailbox_elsewhere": (
        "The company's Exchange Server has no mailbox with your e-mail address (any more); nothing is deleted.",
        "If it moved to Microsoft 365, the administrator chooses Office 365 in the settings; else correct the address.",
    ),
    "exchange_mailbox_on_older_server": (
        "Your mailbox is on an Exchange Server of an older release than the one that answers.",
        "The administrator chooses that older release in the settings, or moves the mailbox.",
    ),
    "exchange_mailbox_disabled": (
        "The account of your mailbox is disabled on the Exchange Server.",
        "The administrator enables it in Active Directory, or switches your calendar sync off.",
    ),
    "exchange_version_not_supported": (
        "The Exchange Server does not understand requests of the release that it is said to be of.",
        "The administrator chooses the release in the settings, and tests the connection.",
    ),
}
PASSING: dict[str, tuple[str, ...]] = {
    "The Exchange Server asks the service to slow down.": ("exchange_busy",),
    "Your mailbox is being moved to another database.": ("exchange_mailbox_moving",),
    "The Exchange Server's answer could not be used.": (
        *("exchange_malformed_answer", "exchange_unexpected_answer", "exchange_listing_never_ends"),
        "exchange_outcome_unknown",
    ),
}
REFUSED: dict[str, tuple[str, str]] = {
    "exchange_week_start": (
        "Exchange 2007 and 2010 know weeks that begin on Sunday only; the days of this series depend on another.",
        "Choose a simpler recurrence in Severa, or several series.",
    ),
    "exchange_interval": (
        "Exchange has no recurrence that is so rare.",
        "Choose a simpler recurrence in Severa, or several series.",
    ),
    "exchange_weekday_set": (
        "Exchange has no recurrence on the first or last of such a set of weekdays.",
        "Choose a simpler recurrence in Severa, or several series.",
    ),
    "exchange_duration": (
        "Exchange has no entry that is longer than five years.",
        "Choose an earlier end in Severa.",
    ),
    "exchange_time_out_of_range": ("Exchange cannot hold this date.", "Choose a date that a calendar needs."),
    "exchange_mailbox_full": (
        "The mailbox is full.",
        "Make room in the mailbox; it is tried again by itself.",
    ),
    "exchange_zone_unknown": (
        "The Exchange Server does not know the time zone of this entry.",
        "Install Windows' time zone updates on the server, or choose another time zone in Severa.",
    ),
}
