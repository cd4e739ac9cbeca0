"""What history and reports say of single entries, in words: (sentence, remedy); no remedy where none is needed."""

from __future__ import annotations

from core.usecases import words_of_series

_CHANGE_IN_SEVERA = "Change the activity in Severa."
_BY_DESIGN = ""
_RESTORE = "The value that was lost is kept here for 90 days."

LEFT_OUT: dict[str, tuple[str, str]] = {
    "project_task": ("Project tasks are not synchronized.", _BY_DESIGN),
    "cancelled": ("The event is cancelled.", _BY_DESIGN),
    "declined": ("The invitation was declined.", _BY_DESIGN),
    "not_a_participant": ("The activity is somebody else's, and this person takes no part in it.", _BY_DESIGN),
    "invitation_not_here": ("The invitation has not arrived in the mailbox yet.", _BY_DESIGN),
    "same_as_meeting": ("It is like a meeting that is another activity already.", "Delete it, if it is the same."),
    "single_date_of_meeting": (
        "It is a single date of a meeting series, and Severa's series does not take place on that date.",
        "Ask the organizer to change the series, or make an activity for that date in Severa.",
    ),
    "too_old": ("It ended more than 30 days before the first synchronization.", _BY_DESIGN),
    "type_not_ticked": (
        "Activities of this type are not synchronized.",
        "The administrator can tick the type in the settings.",
    ),
    "private_skipped": ("The company keeps private events out of Severa.", _BY_DESIGN),
}
RESTING: dict[str, tuple[str, str]] = {
    "archived": ("It ended more than a week ago and was removed on one side; the other side keeps it.", _BY_DESIGN),
    "work_hours": ("Work hours are recorded on the activity, so it stays although its event was deleted.", _BY_DESIGN),
    "meeting": ("The event became a meeting; nothing is written to it.", _BY_DESIGN),
    "meeting_stays": (
        "The activity was deleted in Severa. A meeting is its organizer's affair, so its event stays in Outlook.",
        "Decline it in Outlook, if you do not take part.",
    ),
    "discarded": ("A person decided to leave it as it is.", "Change it on either side, and it goes on."),
}
HELD: dict[str, tuple[str, str]] = {
    "deleted_while_off": (
        "It was deleted while the sync was off; the other side keeps it until somebody decides.",
        "Release the hold to delete it on the other side, or discard it.",
    ),
    "side_found_empty": (
        "One calendar came back empty, so nothing is deleted in the other one.",
        "Release the hold if the calendar was really emptied.",
    ),
    "many_deletions": (
        "More than 10 entries and 30 % of a calendar were deleted within a day; the other side keeps them.",
        "Release the hold if that was meant.",
    ),
    "many_deletions_in_company": (
        "More than 500 entries of the company were deleted within a day; the other side keeps them.",
        "The administrator releases the hold if that was meant.",
    ),
    "many_creates": (
        "More than 1,000 new entries came within a day; the rest waits.",
        "Release the hold if that was meant.",
    ),
    "several_twins": (
        "The answer to a new activity was lost, and more than one activity may be it.",
        "Remove the activities that are too many, then release the hold.",
    ),
}
TOLD: dict[str, tuple[str, str]] = {
    "deleted": ("It was deleted on one side, so the other side followed.", "Its content is kept here for 90 days."),
    "left_meeting": ("The event was deleted or declined, so this person was taken off the activity.", ""),
    "left_activity": ("The copy was deleted, so this person was taken off the activity.", ""),
    "second_meeting": (
        "People were invited to two copies of one activity, so Outlook has two meetings. The other one has the say.",
        "Cancel one of the two meetings in Outlook. Until then changes of this one stay in Outlook.",
    ),
    "meeting_set_back": (
        "A meeting was changed in Severa by somebody else than its organizer, so it was set back.",
        "Ask the organizer to change it. The value is kept here for 90 days.",
    ),
    "conflict_subject": ("Both sides changed the subject; one of them stayed.", _RESTORE),
    "conflict_text": ("Both sides changed the text; one of them stayed.", _RESTORE),
    "conflict_location": ("Both sides changed the place; one of them stayed.", _RESTORE),
    "conflict_time": ("Both sides changed the time; one of them stayed.", _RESTORE),
    "conflict_privacy": ("Both sides changed whether it is private; one of them stayed.", _RESTORE),
    "masked_subject": ("The subject of a private event was changed in Severa and stays there.", _RESTORE),
    "masked_text": ("The text of a private event was changed in Severa and stays there.", _RESTORE),
    "masked_location": ("The place of a private event was changed in Severa and stays there.", _RESTORE),
    "privacy_of_absence": (
        "The event is no longer private, but the activity is an absence and stays one.",
        "Choose another activity type in Severa, if it is not an absence.",
    ),
    "revived": ("It was deleted on one side and edited on the other: the edit stayed, so it was made anew.", ""),
    "revived_masked": ("A private event was deleted and its activity edited: it was made anew, without its text.", ""),
    "revived_without_customer": (
        "The activity was deleted and its event edited: it was made anew, without customer and phase.",
        "Choose customer and phase again in Severa.",
    ),
    "time_zone_unknown": (
        "The event's time zone is not known here; its time was kept, its zone is shown as UTC.",
        "Choose a common time zone for it in Outlook, if that matters.",
    ),
    "subject_missing": ("The event has no subject; Severa needs one and shows a placeholder.", ""),
    "subject_too_long": ("The subject is longer than the mailbox allows and was cut there.", _CHANGE_IN_SEVERA),
    "location_beyond_mailbox": (
        "The place is longer than the mailbox allows and was cut there.",
        _CHANGE_IN_SEVERA,
    ),
    "location_too_long": ("The place is longer than Severa allows and was cut there.", "Shorten it in Outlook."),
}
REFUSED: dict[str, tuple[str, str]] = {
    "online_meeting_text": ("The text of an online meeting holds the way in and is not overwritten.", ""),
    "unreadable_event": ("The mailbox shows this event in a form that cannot be read.", "Make it anew in Outlook."),
    "unknown_time_zone": ("The event's time zone is not known.", "Choose a common time zone for it in Outlook."),
    "severa_malformed_id": ("This is not the id of an activity.", ""),
    "severa_subject_missing": ("Severa does not accept an activity without a subject.", "Give the event a subject."),
    "severa_time_out_of_range": ("Severa cannot hold this date.", "Choose a date that a calendar needs."),
    "severa_type_missing": ("The activity type is not there in Severa.", "The administrator checks the types."),
    "severa_invalid_parameter": ("Severa does not accept a value of this entry.", "Shorten its subject and place."),
    "severa_invalid_operation": ("Severa does not allow this change.", "Make it in Severa, to see the reason."),
    "severa_invalid_request": ("Severa does not accept this entry.", "Make it in Severa, to see the reason."),
    "severa_permission_denied": (
        "Severa does not let the service change this activity.",
        "The administrator checks the rights of the API credentials in Severa.",
    ),
    "severa_user_license_type": ("The user's license in Severa does not allow this.", "Change the license in Severa."),
    "severa_configuration_error": ("Severa's configuration does not allow this.", "Check the activity type in Severa."),
}
TABLE = {**LEFT_OUT, **RESTING, **HELD, **TOLD, **REFUSED, **words_of_series.TABLE}
