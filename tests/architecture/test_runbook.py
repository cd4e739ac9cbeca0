"""docs/runbook.md knows every alert, every state that waits for a person, and every kind of hold, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.usecases import words_of_exchange
from core.usecases.words import TABLE, waits_for_a_person
from core.usecases.words_of_entries import HELD

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
TESTS = re.compile(r"`(tests/[\w/]+\.py)`")
SOURCES = re.compile(r"`((?:core|infra|docs)/[\w/]+\.\w+)`")


def sections(chapter: str) -> dict[str, str]:
    """The names in the headings of a chapter, each with the text below it."""
    [text] = re.findall(rf"^## {chapter}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, str] = {}
    for heading, below in re.findall(r"^###+ (.+)\n((?:(?!#).*\n?)*)", text, re.MULTILINE):
        for name in heading.split(" · "):
            assert name.strip("`") not in found, f"{name} twice"
            found[name.strip("`")] = below
    return found


def test_alerts() -> None:
    """Each rule of the Bicep has its heading."""
    bicep = (ROOT / "infra" / "azure" / "modules" / "alerts.bicep").read_text(encoding="utf-8")
    assert set(sections("Alerts")) == set(re.findall(r"^    name: '([\w-]+)'$", bicep, re.MULTILINE))


def test_states_that_wait_for_a_person() -> None:
    """Each code of the table of words that stays until somebody acts."""
    waiting = {code for code in TABLE if waits_for_a_person(code)} | set(words_of_exchange.PERSON)
    assert set(sections("States that wait for a person")) == waiting


def test_states_that_pass() -> None:
    """Each code of a failure that is tried again, and the two whose words do not say so."""
    person = {code for code in TABLE if waits_for_a_person(code)} | set(words_of_exchange.PERSON)
    again = {code for code, words in TABLE.items() if code and "tried again" in words.remedy}
    assert set(sections("States that pass")) == again - person | {"poisoned", "nothing_went_through"}


def test_holds() -> None:
    """Each reason for which something is held."""
    assert set(sections("Holds")) == set(HELD)


@pytest.mark.parametrize("chapter", ["Alerts", "States that wait for a person", "Holds", "States that pass"])
def test_what_each_heading_says(chapter: str) -> None:
    """What it means, where to look, what to do."""
    for name, text in sections(chapter).items():
        assert re.findall(r"^- (\w+): \S", text, re.MULTILINE) == ["Means", "Look", "Do"], name


@pytest.mark.parametrize("name", ["runbook.md", "data-protection.md", "capacity.md"])
def test_what_the_pages_point_to(name: str) -> None:
    """Tests and sources that they name are there."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    named = TESTS.findall(page) + SOURCES.findall(page)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
