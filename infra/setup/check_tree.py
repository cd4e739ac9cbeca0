"""The order of the tree that no other tool looks after: sizes, traces of one machine, pins, generated documents.

`python -m infra.setup.check_tree` prints one line per offence and ends with 1 when there is any.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import requires
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_LINES: Final = 400
MOST_FUNCTION_LINES: Final = 60
# A path of somebody's machine; /home/site is where Azure itself puts an app.
MACHINE_PATH: Final = re.compile(r"(?<![\w.:/-])/(?:home(?!/site)|root|work|Users)/\w|[A-Z]:\\{1,2}Users\\")


def offences(root: Path) -> Iterator[str]:
    """Yield every offence of the project in `root`, a git checkout with its virtual environment in use."""
    for path in tracked(root):
        text = text_of(root / path)
        if text is not None:
            yield from too_long(path, text)
            yield from machine_paths(path, text)
    yield from lock_addresses((root / "package-lock.json").read_text(encoding="utf-8"))
    for name in ("requirements.txt", "requirements-dev.txt"):
        yield from unpinned(name, (root / name).read_text(encoding="utf-8"))
    yield from missing_pins(pins(root), installed_requirements)
    yield from outdated_settings(root)


def tracked(root: Path) -> list[Path]:
    """Return the project's files, those not yet added included, those ignored not; relative to `root`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        raise SystemExit("The order of the tree is that of a git checkout: git is missing, or this is none.") from None
    return sorted(Path(name) for name in listing.split("\0") if name and (root / name).is_file())


def text_of(path: Path) -> str | None:
    """Return the file's text, or None when it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def too_long(path: Path, text: str) -> Iterator[str]:
    """Yield the Python file when it has more than 400 lines, and its functions of more than 60."""
    if path.suffix != ".py":
        return
    if (lines := len(text.splitlines())) > MOST_LINES:
        yield f"{path}: {lines} lines, at most {MOST_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {MOST_FUNCTION_LINES}"


def machine_paths(path: Path, text: str) -> Iterator[str]:
    """Yield the lines that name a folder of one particular machine."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of one machine: {found.group()}"


def lock_addresses(lock: str) -> Iterator[str]:
    """Yield the packages of package-lock.json that name the address they came from: each machine has its own."""
    for name, package in json.loads(lock)["packages"].items():
        if "resolved" in package:
            yield f"package-lock.json: {name} names an address (.npmrc keeps them out: run npm install in this folder)"


def requirement_lines(text: str) -> Iterator[str]:
    """Yield what a requirements file asks for, without its comments and options."""
    for line in text.splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not wanted.startswith("-r "):
            yield wanted


def unpinned(name: str, text: str) -> Iterator[str]:
    """Yield the lines of a requirements file that are not `package==version`, with or without a marker."""
    for wanted in requirement_lines(text):
        if not re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", wanted):
            yield f"{name}: not a pin: {wanted}"


def pins(root: Path) -> dict[str, list[str]]:
    """Return per requirements file the packages that it pins for this Python, development's with the runtime's."""
    chosen: dict[str, list[str]] = {}
    inherited: list[str] = []
    for name in ("requirements.txt", "requirements-dev.txt"):
        wanted = map(Requirement, requirement_lines((root / name).read_text(encoding="utf-8")))
        inherited = inherited + [one.name for one in wanted if one.marker is None or one.marker.evaluate()]
        chosen[name] = inherited
    return chosen


def installed_requirements(package: str) -> list[str]:
    """Return what the installed package says it needs."""
    return requires(package) or []


def missing_pins(chosen: Mapping[str, list[str]], needs: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield what a pinned package needs (extras aside) that its own requirements file does not pin."""
    for name, packages in chosen.items():
        known = {canonicalize_name(package) for package in packages}
        for package in packages:
            for need in map(Requirement, needs(package)):
                wanted = need.marker is None or need.marker.evaluate({"extra": ""})
                if wanted and canonicalize_name(need.name) not in known:
                    yield f"{name}: {package} needs {need.name}, which is not pinned"


def outdated_settings(root: Path) -> Iterator[str]:
    """Yield docs/settings.md when it is not what core/settings.py prints."""
    command = [sys.executable, "-m", "core.settings", "--markdown"]
    printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    page = root / "docs" / "settings.md"
    if printed.returncode != 0:
        yield f"core.settings --markdown failed: {printed.stderr.strip().splitlines()[-1:]}"
    elif not page.is_file() or page.read_text(encoding="utf-8") != printed.stdout:
        yield "docs/settings.md: not what core/settings.py says; run `make docs`"


def main() -> int:
    """Print the offences; 1 when there is any."""
    found = list(offences(ROOT))
    for offence in found:
        print(offence)
    print(f"The order of the tree: {len(found)} offences." if found else "The order of the tree: kept.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
