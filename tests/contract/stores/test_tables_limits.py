"""What does not fit."""

import random

import pytest

from core.adapters.storage.rows import MOST_BYTES
from core.adapters.storage.storage import Storage
from core.model.ids import Side
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Hold, Record
from tests.contract.stores.samples import NOW, a_company, a_pair, leased


def noise(length: int) -> str:
    """Letters that hardly shrink."""
    return "".join(map(chr, random.Random(length).choices(range(0x4E00, 0x9FA0), k=length)))


async def test_a_cursor_that_no_row_can_hold(tables: Storage) -> None:
    """None is stored, which means a full round, and never a part of it."""
    pair, cursor = a_pair(), noise(2_000_000)
    await tables.pairs.commit(await leased(tables.pairs, pair), NOW, Commit(cursor=cursor))
    assert (await tables.pairs.head(pair)).cursor is None


async def test_history_that_no_row_can_hold(tables: Storage) -> None:
    """It is cut, and shows it; short values beside it are whole."""
    pair, text = a_pair(), noise(MOST_BYTES)
    note = Note(NoteKind.CONFLICT, "lost_value", Side.SEVERA, {"text": text, "subject": "short"}, {"text": text[::-1]})
    await tables.history.append(pair, [Record("r", NOW, note)])
    (found,) = await tables.history.read(pair, NOW)
    assert found.note.values["subject"] == "short"
    assert found.note.values["text"].endswith("…")
    assert text.startswith(found.note.values["text"][:-1])
    assert found.note.stayed["text"].endswith("…")
    assert found.is_cut


async def test_a_hold_that_no_row_can_hold(tables: Storage) -> None:
    """It is refused in words rather than cut."""
    text = noise(2_000_000)
    entries = tuple((Side.SEVERA, text[start : start + 40]) for start in range(0, len(text), 40))
    with pytest.raises(ValueError, match="hold"):
        await tables.holds.put(Hold("h", a_company(), a_pair().user, "delete", "", NOW, entries))
