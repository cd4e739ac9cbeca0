"""The consent's pages: nothing from outside becomes markup or script, and every outcome has its words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.usecases.consent import Confirmation, Connected, NotYet, Start
from functions.edge import consent_pages, consent_words
from functions.edge.consent_pages import Page
from tests.functions.consent.reading import PageReader

ROOT = Path(__file__).resolve().parents[3]
FRONT_END = "https://severa.example"
PAGES: dict[str, Callable[[str], Page]] = {
    "start": lambda s: consent_pages.start(Start(s, "cookie", f"https://login.example/?x={s}")),
    "confirmation": lambda s: consent_pages.confirmation(Confirmation(s, s, s, s, s)),
    "not yet": lambda s: consent_pages.not_yet(NotYet(s, s, s)),
    "connected": lambda s: consent_pages.connected(Connected(s, s, FRONT_END, directory=True)),
    "connected, no directory": lambda s: consent_pages.connected(Connected(s, s, FRONT_END, directory=False)),
    "refused": lambda s: consent_pages.refused(s, s, FRONT_END),
    "refused, nobody to tell": lambda s: consent_pages.refused(s, s),
}
NASTY = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "<!--",
    "&lt;script&gt;", "javascript:alert(1)", "\u2028\u2029", "'};alert(1);//", "</style></title><b>",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@given(text=st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=60)))
def test_nothing_from_outside_becomes_markup(name: str, text: str) -> None:
    """The elements and their attributes' names are the same whatever is shown."""
    found, plain = PageReader(PAGES[name](text).html), PageReader(PAGES[name]("x").html)
    assert [(tag, list(attributes)) for tag, attributes in found.elements] == [
        (tag, list(attributes)) for tag, attributes in plain.elements
    ]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("text", NASTY)
def test_only_our_script_may_run(name: str, text: str) -> None:
    """One script at most, with the policy's nonce, which is another one each time; it is no longer than ours."""
    page, again = PAGES[name](text), PAGES[name](text)
    reader = PageReader(page.html)
    nonces = set(re.findall(r"nonce-([\w-]+)", page.policy))
    assert len(nonces) == 1
    assert not nonces & set(re.findall(r"nonce-([\w-]+)", again.policy))
    used = {attributes["nonce"] for attributes in reader.of("script") + reader.of("style")}
    assert used == nonces
    assert ("script-src" in page.policy) == bool(reader.scripts)
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in page.policy
    assert "unsafe" not in page.policy
    assert all("onerror" not in attributes and "onload" not in attributes for _, attributes in reader.elements)


@pytest.mark.parametrize("code", [*NASTY, "tenant_taken"])
def test_the_message_to_the_front_end(code: str) -> None:
    """It goes to that origin only, whatever is in it, and a refusal stays open to be read."""
    (script,) = PageReader(consent_pages.refused(code, "", FRONT_END).html).scripts
    call = re.fullmatch(r"if\(window\.opener\)window\.opener\.postMessage\((.*),(\"[^\"]*\")\);", script, re.DOTALL)
    assert call
    assert json.loads(call[1]) == {"type": consent_pages.MESSAGE, "status": "refused", "code": code}
    assert json.loads(call[2]) == FRONT_END


def test_who_is_told_and_when_it_closes() -> None:
    """Connected closes the window, unless there is a warning to be read; without an origin nobody is told."""
    assert "window.close()" in PAGES["connected"]("x").html
    assert "window.close()" not in PAGES["connected, no directory"]("x").html
    assert "User.Read.All" in PAGES["connected, no directory"]("x").html
    assert not PageReader(PAGES["refused, nobody to tell"]("x").html).scripts


@pytest.mark.parametrize("name", PAGES)
def test_accessible(name: str) -> None:
    """A language, a title, one heading that says the same, a main part; buttons and links are what they are."""
    reader = PageReader(PAGES[name]("Acme").html)
    assert reader.of("html") == [{"lang": "en"}]
    assert len(reader.of("h1")) == len(reader.of("main")) == len(reader.of("title")) == 1
    assert not [attributes for _, attributes in reader.elements if "onclick" in attributes or "tabindex" in attributes]


def test_the_confirmation_names_both() -> None:
    """This Microsoft organization, this Severa company, and what it replaces."""
    shown = PageReader(consent_pages.confirmation(Confirmation("s", "Acme Oy", "t-1", "root@acme.example", "t-0")).html)
    for part in ("Acme Oy", "t-1", "acme.example", "root@acme.example", "t-0"):
        assert part in shown.text
    assert shown.of("input") == [{"type": "hidden", "name": "state", "value": "s"}]
    assert "replaced" not in PageReader(consent_pages.confirmation(Confirmation("s", "A", "t", "a@b")).html).text


def refused_codes() -> set[str]:
    """Every code that ends an attempt, read from the source."""
    codes = set[str]()
    for path in (ROOT / "core").rglob("*.py"):
        signs_in = "identity" in path.parts and path.name in ("id_tokens.py", "sign_in.py", "refusals.py")
        if signs_in or path.name.startswith("consent"):
            text = path.read_text(encoding="utf-8")
            codes |= set(re.findall(r'(?:ConsentRefused|Stop)\(\s*"(\w+)"', text))
            codes |= {
                f"{what}_{end}" for what in ("consent", "sign_in") for end in re.findall(r'f"\{what\}_(\w+)"', text)
            }
            codes |= set(re.findall(r'^    \d+: "(\w+)"', text, re.MULTILINE))
    return codes


def test_every_refusal_has_its_words() -> None:
    """No code leaves a person with "something unexpected"; and no words are for a code that nobody raises."""
    codes = refused_codes()
    assert len(codes) > 20
    waiting = {"consent_missing"}  # NotYet has the words for it
    assert codes - waiting <= set(consent_words.REFUSALS)
    assert set(consent_words.REFUSALS) <= codes | {"not_configured", "unavailable"}
    assert set(consent_words.WAITING) == {"consent_missing", "mailboxes_denied", "mailboxes_none"}


@pytest.mark.parametrize("code", sorted(consent_words.REFUSALS))
def test_words(code: str) -> None:
    """A title without a full stop, sentences with one, and a remedy."""
    words = consent_words.refusal(code)
    assert not words.title.endswith(".")
    assert words.happened.endswith(".")
    assert words.remedy.endswith(".")
    assert words.status >= 400
