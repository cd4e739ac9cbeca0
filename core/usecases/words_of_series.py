"""What history and reports say of recurring entries, in words: (sentence, remedy); no remedy where none is needed."""

from __future__ import annotations

_IN_OUTLOOK = "Choose a simpler recurrence in Outlook, or several series."
_IN_SEVERA = "Choose a simpler recurrence in Severa, or several series."
_KEPT = "What was lost is kept here for 90 days."

NARROWED: dict[str, tuple[str, str]] = {
    "time_zone_not_the_owners": (
        "The series is in another time zone than its owner's, so some of its dates are an hour or two off in Severa.",
        "",
    ),
    "time_years_as_months": ("Severa shows the series as every so many months; nothing is lost.", ""),
    "time_seconds": ("The mailbox keeps whole minutes of a series.", ""),
    "time_second_hour": (
        "The series begins in the hour that clocks show twice; the mailbox takes the first of the two.",
        "",
    ),
    "exceptions_dropped": (
        "The series got another pattern, in which dates that were changed or cancelled are no more.",
        _KEPT,
    ),
    "conflict_exception": ("Both sides changed the same date of a series; one of them stayed.", _KEPT),
}
NOT_HELD: dict[str, tuple[str, str]] = {
    "recurring": ("One side cannot hold this recurrence, so the entry stays as it is on both.", _IN_OUTLOOK),
    "time_zone_moves_date": ("In the owner's time zone the series is on dates that no recurrence has.", _IN_OUTLOOK),
    "time_weekday_set": ("Severa has no recurrence on the first or last of such a set of weekdays.", _IN_OUTLOOK),
    "time_week_start": ("Severa's weeks begin on Monday; the days of this series depend on another.", _IN_OUTLOOK),
    "time_starts_in_gap": ("The series begins at a time that the owner's clocks skip on its first day.", _IN_OUTLOOK),
    "time_interval": ("The mailbox has no recurrence that is so rare.", _IN_SEVERA),
    "time_overlaps": ("A date of the series lasts beyond the start of the next one.", _IN_SEVERA),
}
REFUSED: dict[str, tuple[str, str]] = {
    "severa_recurrence": ("Severa cannot hold this recurrence.", _IN_OUTLOOK),
    "occurrence_crosses": (
        "A date of a series cannot be moved across, or onto, the date before or after it.",
        "Move it to a time between its neighbours.",
    ),
    "occurrence_cancelled": (
        "A cancelled date of a series cannot be brought back.",
        "Make a single entry for that date, or the series anew.",
    ),
    "date_never_found": (
        "A date of a series could not be written, because the other side did not show it as it was told before.",
        "Change that date on that side too.",
    ),
}
TABLE = {**NARROWED, **NOT_HELD, **REFUSED}
