"""What a repair found and mended, in words: (sentence, remedy). A repair deletes nothing in any calendar."""

from __future__ import annotations

LINKS, ENDS, MARKS, CLAIMS, INTENTS = (
    "repair_links_of_nothing",
    "repair_ends_gone",
    "repair_marks_copied",
    "repair_claims_without_activity",
    "repair_intents_left_over",
)
TABLE: dict[str, tuple[str, str]] = {
    LINKS: ("Entries that are gone from both calendars were still remembered as one. They are no longer.", ""),
    ENDS: ("Old entries are gone from one calendar only. They stay in the other one, and rest.", ""),
    MARKS: (
        "This event was copied from one that the sync had made. It is an entry of its own.",
        "If it is not wanted, delete it: the original stays.",
    ),
    CLAIMS: ("Meetings were remembered without their activity. They are remembered rightly, or no longer.", ""),
    INTENTS: ("Entries were still remembered as being made. They are not any more.", ""),
}
