"""What a person decided or took back, and why that could not be, in words: (sentence, remedy)."""

from __future__ import annotations

DECIDED: dict[str, tuple[str, str]] = {
    "hold_released": ("A person released what was held: each entry is looked at again, and then it is done.", ""),
    "hold_discarded": ("A person discarded what was held: each of these entries stays as it is.", ""),
    "restored_without_customer": (
        "A removed entry was made anew. Customer and phase of its activity are lost.",
        "Choose customer and phase again in Severa.",
    ),
    "undo_done": ("It was taken back.", ""),
}
REFUSED: dict[str, tuple[str, str]] = {
    "undo_nothing": ("Nothing was overwritten or removed here that could be put back.", ""),
    "undo_cut": ("The value was too long to be kept whole.", "Make the change by hand."),
    "undo_masked": (
        "The content of a private event is hidden in Severa, so nothing of it is put back from there.",
        "Make the change in Outlook.",
    ),
    "undo_meeting": ("A meeting is its organizer's affair; nothing of it is put back.", "Ask its organizer."),
    "undo_entry_gone": ("The entry is no longer there on both sides.", "Make it anew, or look for its deletion here."),
    "undo_changed_since": (
        "It was changed again since; putting back the older value would be a new conflict.",
        "Make the change by hand.",
    ),
    "undo_at_rest": ("The entry is not synchronized at present.", "Make the change by hand, where it is wanted."),
    "undo_series_time": (
        "A new time would cost the series the dates that were changed one by one.",
        "Change the time of the series by hand.",
    ),
    "preview_too_long": (
        "Both calendars hold so much that they could not be looked through in a minute.",
        "Try again later, or switch the sync on: the first synchronization has all the time that it needs.",
    ),
}
TABLE = {**DECIDED, **REFUSED}
