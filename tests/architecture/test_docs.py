"""What the pages name is there: paths, `make` targets, modules that are run, links."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *(ROOT / "docs").rglob("*.md")]
)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
TOP = {
    path.split("/")[0]
    for path in subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    if "/" in path
}
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(sorted(map(re.escape, TOP)))})/[\w./*-]*\w/?(?![\w…])")
MADE = {"dist", "node_modules", ".venv", ".local"}
"""Made by commands, not kept in git."""
WORD = r"(?:[a-z][a-z-]*|[A-Z_]+=(?:\"[^\"]*\"|\S+))"
TARGET = re.compile(rf"(?:^|`|=\S+ )make ({WORD}(?: {WORD})*)", re.MULTILINE)
RUN = re.compile(r"python3? -m ([\w.]+)")
OURS = ("core", "functions", "infra", "benchmarks", "tests")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def code(page: Path) -> str:
    """What a page sets as code: its blocks and what stands between backticks."""
    return "\n".join(CODE.findall(page.read_text(encoding="utf-8")))


def targets() -> set[str]:
    """What `make` knows."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names(page: Path) -> None:
    """Files and folders, targets of make, modules of ours, pages that it leads to."""
    text = code(page)
    paths = {found for found in PATH.findall(text) if found.split("/")[0] not in MADE}
    assert {path for path in paths if not list(ROOT.glob(path.rstrip("/")))} == set()
    made = {word for found in TARGET.findall(text) for word in re.sub(r'"[^"]*"', "", found).split() if "=" not in word}
    assert made - targets() == set()
    modules = {name for name in RUN.findall(text) if name.split(".")[0] in OURS}
    assert {name for name in modules if not _runs(name)} == set()
    leads = {link for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link}
    assert {link for link in leads if not (page.parent / link).exists()} == set()


def _runs(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_the_search_finds_something() -> None:
    """A search that finds nothing checks nothing."""
    text = "".join(map(code, PAGES))
    assert len(set(PATH.findall(text))) > 60
    assert {"demo", "test", "check", "package", "bench"} <= {w for f in TARGET.findall(text) for w in f.split()}
    assert {"infra.operate", "infra.live.check"} <= set(RUN.findall(text))
