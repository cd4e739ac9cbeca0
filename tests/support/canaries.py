"""What must never be seen where others look: planted texts, and the places that are searched for them."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from azure.data.tables.aio import TableServiceClient

from core.ports import Queues


@dataclass(slots=True)
class Canaries:
    """Texts that hold one word which occurs nowhere else, and secrets that others made (tokens)."""

    word: str = field(default_factory=lambda: f"kanari{uuid4().hex[:10]}")
    tokens: set[str] = field(default_factory=set)

    def text(self, kind: str) -> str:
        """A planted text of that kind."""
        return f"{self.word} {kind}"

    def found_in(self, texts: Iterable[str]) -> list[str]:
        """Those texts in which one of them sings, however it is written."""
        words = {self.word, *self.tokens}
        return [text for text in texts if any(word in text or word in text.lower() for word in words)]


@contextmanager
def listening() -> Iterator[list[str]]:
    """Everything that is logged while it lasts, tracebacks and all, by whatever logger that would speak in production.

    Our own loggers say everything; a library is as quiet as the service keeps it (core/adapters/quiet.py).
    """
    lines: list[str] = []
    root, handler = logging.getLogger(), _Collector(lines)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


class _Collector(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


async def everything_in_tables(azurite: str) -> list[str]:
    """Every key and property of every row, in every form that a reader without our keys could make of it."""
    found = []
    async with TableServiceClient.from_connection_string(azurite) as service:
        async for table in service.list_tables():
            async for row in service.get_table_client(table.name).list_entities():
                for name, value in row.items():
                    found += [f"{table.name}.{name}: {form}" for form in readings(value)]
    return found


class RecordedQueues:
    """Queues (core/ports.py) before others: what goes into them is also kept as text, the way it is sent."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self.sent: list[str] = []

    async def put(self, queue: str, message: Mapping[str, str | int], delay: float = 0.0) -> None:
        """See Queues.put."""
        self.sent.append(json.dumps({"queue": queue, **message}, ensure_ascii=False))
        await self._queues.put(queue, message, delay)


def readings(value: object) -> list[str]:
    """A value as it is, and what comes of it by undoing compression, base64 and JSON's escapes."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    forms = [raw.decode("latin-1"), raw.decode("utf-8", "replace"), raw.decode("utf-16-le", "replace")]
    with suppress(zlib.error):
        forms.append(zlib.decompress(raw).decode("utf-8", "replace"))
    with suppress(binascii.Error, ValueError):
        forms.append(base64.b64decode(raw, validate=True).decode("utf-8", "replace"))
    for form in forms[:]:
        try:
            forms.append(json.dumps(json.loads(form), ensure_ascii=False))
        except ValueError:
            continue
    return forms
