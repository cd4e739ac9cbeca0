"""Keyed digests: they tell whether something changed, and nothing else."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from core.model.essence import Essence, Field
from core.model.ids import CompanyId, MailboxId, Side
from core.sync.digest import Digester
from tests.support.pictures import COMPANY, DIGESTER, LUNCH, MAILBOX, at, entry, linked

FULL = entry("Dentist", LUNCH, "Bring the card", "Main street", private=True)
OTHER = Digester(b"another company's key")


@pytest.mark.parametrize("name", list(Field))
def test_another_key(name: Field) -> None:
    """The same content has another digest in another company."""
    assert DIGESTER.field(Side.SEVERA, name, FULL) != OTHER.field(Side.SEVERA, name, FULL)


@pytest.mark.parametrize("name", list(Field))
def test_another_side(name: Field) -> None:
    """Equal values do not show as equal digests."""
    assert DIGESTER.field(Side.SEVERA, name, FULL) != DIGESTER.field(Side.MICROSOFT, name, FULL)


def test_another_field() -> None:
    """Nor do equal values of two fields."""
    same = entry("x", LUNCH, "x", "x")
    assert len(set(DIGESTER.fields(Side.SEVERA, same).values())) == len(Field)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        (Field.SUBJECT, replace(FULL, subject="dentist")),
        (Field.TEXT, replace(FULL, text="")),
        (Field.LOCATION, replace(FULL, location="Main Street")),
        (Field.TIME, replace(FULL, when=at(12))),
        (Field.PRIVACY, replace(FULL, private=False)),
    ],
)
def test_one_field_changed(name: Field, changed: Essence) -> None:
    """Its digest and no other one."""
    before, after = DIGESTER.fields(Side.SEVERA, FULL), DIGESTER.fields(Side.SEVERA, changed)
    assert {f for f in before if before[f] != after[f]} == {name.value}


def test_neighbours() -> None:
    """What stands where is part of a digest."""
    assert DIGESTER.of("ab", "c") != DIGESTER.of("a", "bc") != DIGESTER.of("abc")


def test_spelling() -> None:
    """128 bits in 22 characters that fit into a key or an address; stable, since links are stored for years."""
    assert Digester(b"key").of("Lunch", "11:00") == "t3b-N8ohI67uLaenuk441A"


@pytest.mark.parametrize("key", [b"", b"short", b"k" * 64, b"longer than what is hashed at a time " * 2])
def test_as_the_library_makes_them(key: bytes) -> None:
    """HMAC-SHA-256 as `hmac` has it, whatever the key's length; asked again, the same."""
    digester = Digester(key)
    for text in ("", "Lunch", "ä" * 1000):
        sealed = urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")[:16]).decode().rstrip("=")
        assert digester.of(text) == digester.of(text) == sealed


def test_all_fields_at_once() -> None:
    """As one by one."""
    each = {name: DIGESTER.field(Side.SEVERA, name, FULL) for name in FULL.names()}
    assert DIGESTER.fields(Side.SEVERA, FULL) == each


def test_content_is_in_no_link() -> None:
    """A stolen table tells nobody what is in a calendar."""
    shown = repr(linked(FULL, kind="absence")).casefold()
    for value in ("dentist", "card", "main street", "11:00:00z", "normal"):
        assert value not in shown


def test_private() -> None:
    """What privacy looks like when it is on."""
    assert DIGESTER.private(Side.SEVERA) == DIGESTER.field(Side.SEVERA, Field.PRIVACY, FULL)


def test_mark() -> None:
    """It is vouched for where it was made for, and nowhere else."""
    mark = DIGESTER.mark(COMPANY, MAILBOX, "A", 2)
    assert (mark.company, mark.mailbox, mark.activity, mark.generation) == (COMPANY, MAILBOX, "A", 2)
    assert DIGESTER.vouches_for(mark, COMPANY, MAILBOX)
    assert not DIGESTER.vouches_for(mark, CompanyId("other"), MAILBOX)
    assert not DIGESTER.vouches_for(mark, COMPANY, MailboxId("other"))
    assert not OTHER.vouches_for(mark, COMPANY, MAILBOX)


def test_mark_that_names_another_place() -> None:
    """What it says of itself has to be true, also where its digest would do for us."""
    mark = DIGESTER.mark(COMPANY, MAILBOX, "A", 2)
    assert not DIGESTER.vouches_for(replace(mark, company=CompanyId("other")), COMPANY, MAILBOX)
    assert not DIGESTER.vouches_for(replace(mark, mailbox=MailboxId("other")), COMPANY, MAILBOX)
