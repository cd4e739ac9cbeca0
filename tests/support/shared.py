"""`../shared`, the folder beside the project with official schemas and real calendars; a test without it is skipped."""

import os
from pathlib import Path
from typing import Final

import pytest

NEEDS_SHARED: Final = "needs ../shared"
PROJECT: Final = Path(__file__).resolve().parents[2]


def shared_dir() -> Path | None:
    """Return the folder: the variable SHARED_DIR, else `shared` beside the project; None where there is none."""
    folder = Path(os.environ.get("SHARED_DIR") or PROJECT.parent / "shared")
    return folder if folder.is_dir() else None


def need_shared() -> Path:
    """Return the folder, or skip the running test. The end of a test run tells how many were skipped."""
    folder = shared_dir()
    if folder is None:
        pytest.skip(NEEDS_SHARED)
    return folder


def shared_cases(pattern: str) -> list[object]:
    """Return the files of the folder for `parametrize`, named by file; where it is absent, one case that is skipped.

    Raises LookupError when the folder is there and nothing in it matches: a test of nothing would always pass.
    """
    folder = shared_dir()
    if folder is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason=NEEDS_SHARED), id="absent")]
    files = sorted(folder.glob(pattern))
    if not files:
        raise LookupError(f"nothing in {folder} matches {pattern}")
    return [pytest.param(path, id=path.name) for path in files]
