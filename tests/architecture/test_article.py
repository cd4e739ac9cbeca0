"""docs/article.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(test_\w+)`")


def test_every_test_that_the_article_table_names_exists() -> None:
    """A sentence of the article is shown by a test that can be found."""
    named = set(NAMED.findall((ROOT / "docs" / "article.md").read_text(encoding="utf-8")))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    missing = {name for name in named if f"def {name}(" not in sources}
    assert named
    assert not missing


def test_no_sentence_of_the_article_is_without_a_test() -> None:
    """Every row of the table names a rule and at least one test."""
    page = (ROOT / "docs" / "article.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    assert [row[0] for row in rows if len(row) != 3 or not row[1].strip() or not NAMED.search(row[2])] == []


def test_every_page_that_the_article_table_names_exists() -> None:
    """A page that is named can be read."""
    pages = set(re.findall(r"`(docs/[\w./-]+)`", (ROOT / "docs" / "article.md").read_text(encoding="utf-8")))
    assert pages
    assert all((ROOT / page).is_file() for page in pages)
