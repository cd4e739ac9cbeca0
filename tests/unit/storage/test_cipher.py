import pytest

from core.adapters.storage.cipher import Cipher
from core.errors import Stop
from core.model.ids import CompanyId

OLD, NEW = bytes(32), bytes(range(32))
ONE, OTHER = CompanyId("one"), CompanyId("other")


@pytest.mark.parametrize("text", [b"", b"x", "Äiti 📅".encode() * 10_000])
def test_what_was_sealed(text: bytes) -> None:
    """It opens, in its place; the same text twice is not the same envelope, and shows nothing."""
    cipher = Cipher(NEW)
    envelope = cipher.seal(ONE, text, "place")
    assert cipher.open(ONE, envelope, "place") == text
    assert envelope != cipher.seal(ONE, text, "place")
    assert not text or text not in envelope or len(text) == 1


@pytest.mark.parametrize(("company", "place"), [(OTHER, "place"), (ONE, "elsewhere")])
def test_an_envelope_that_was_moved(company: CompanyId, place: str) -> None:
    """It opens for no other company and in no other place."""
    cipher = Cipher(NEW)
    with pytest.raises(Stop, match="storage_tampered"):
        cipher.open(company, cipher.seal(ONE, b"text", "place"), place)


@pytest.mark.parametrize("byte", [0, 1, 8, 9, 20, 21, -1])
def test_an_envelope_that_was_changed(byte: int) -> None:
    """Whatever byte of it: it does not open."""
    cipher = Cipher(NEW)
    envelope = bytearray(cipher.seal(ONE, b"text", "place"))
    envelope[byte] ^= 1
    with pytest.raises(Stop, match="storage_"):
        cipher.open(ONE, bytes(envelope), "place")


@pytest.mark.parametrize("length", [0, 1, 9, 36])
def test_an_envelope_that_was_cut(length: int) -> None:
    """It does not open."""
    cipher = Cipher(NEW)
    with pytest.raises(Stop, match="storage_key_unknown"):
        cipher.open(ONE, cipher.seal(ONE, b"", "place")[:length], "place")


def test_a_new_master_key() -> None:
    """What the earlier one closed still opens with it at hand, and does not without it."""
    before, after = Cipher(OLD), Cipher(NEW, [OLD])
    assert after.open(ONE, before.seal(ONE, b"text", "p"), "p") == b"text"
    with pytest.raises(Stop, match="storage_key_unknown"):
        Cipher(NEW).open(ONE, before.seal(ONE, b"text", "p"), "p")
    with pytest.raises(Stop, match="storage_key_unknown"):
        before.open(ONE, after.seal(ONE, b"text", "p"), "p")


def test_digest_keys() -> None:
    """One per company, the same for ever: also after a new master key, because digests cannot be made anew."""
    key = Cipher(OLD).digest_key(ONE)
    assert len(key) == 32
    assert key == Cipher(OLD).digest_key(ONE) == Cipher(NEW, [OLD]).digest_key(ONE)
    assert len({key, Cipher(OLD).digest_key(OTHER), Cipher(NEW).digest_key(ONE)}) == 3


def test_a_short_master_key() -> None:
    """It is refused at once."""
    for keys in ((b"short", ()), (NEW, (b"short",))):
        with pytest.raises(ValueError, match="32 bytes"):
            Cipher(*keys)
