"""States in words, as the interface answers them."""

from __future__ import annotations

from datetime import datetime

from core.usecases.words import words
from functions.calls.models import State


def state(code: str, since: datetime | None) -> State:
    """The state with its sentence and remedy."""
    said = words(code)
    return State(code=code, since=since, sentence=said.sentence, remedy=said.remedy)
