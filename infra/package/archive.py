"""The zip: the same content gives the same bytes, whoever makes it and when (with the same zlib)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first instant that a zip can hold."""
_READABLE: Final = 0o100644 << 16
_UNIX: Final = 3


def write(folder: Path, archive: Path) -> None:
    """Put every file of `folder` into `archive`, sorted by name, without times, owners or rights of this machine."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w") as made:
        for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = _UNIX
                entry.external_attr = _READABLE
                made.writestr(entry, path.read_bytes(), compresslevel=9)
    unfinished.replace(archive)
