"""The locks: for each Python, every package of requirements.txt with the digest of the one wheel that is installed.

`python -m infra.package.lock` (`make lock`) writes them anew from the package index, whenever requirements.txt changed;
with `--check` it asks nobody, and says where they are not what requirements.txt asks for.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.package.target import ROOT, VERSIONS, PackageError, Target

LINE: Final = re.compile(r"([\w.-]+==[\w.]+) --hash=sha256:([0-9a-f]{64})")
HEAD: Final = "# Written by `make lock` from requirements.txt: the wheels for Python {version} on Linux x86-64.\n"


def write(target: Target, requirements: str) -> None:
    """Ask the package index which wheels it would give this Python, and put down their digests."""
    pins = target.pins(requirements)
    digests = _digests(target, pins)
    missing = [pin for pin in pins if _key(pin) not in digests]
    if missing:
        raise PackageError(f"The package index has no wheel for Python {target.version} of {', '.join(missing)}.")
    lines = [f"{pin} --hash=sha256:{digests[_key(pin)]}\n" for pin in pins]
    target.lock.write_text(HEAD.format(version=target.version) + "".join(lines), encoding="utf-8")


def offences(target: Target, requirements: str, lock: str) -> Iterator[str]:
    """Yield what makes a lock another one than requirements.txt asks for, and what is not a pin with its digest."""
    name = f"infra/package/locks/{target.version}.txt"
    found = []
    for line in lock.splitlines()[1:]:
        if matched := LINE.fullmatch(line):
            found.append(matched[1])
        else:
            yield f"{name}: not a pin with its digest: {line}"
    wanted = target.pins(requirements)
    yield from (f"{name}: {pin} is missing; run `make lock`" for pin in wanted if pin not in found)
    yield from (f"{name}: {pin} is not in requirements.txt; run `make lock`" for pin in found if pin not in wanted)


def locked(lock: str) -> list[str]:
    """Return the names of the packages that a lock holds."""
    return [matched[1].partition("==")[0] for matched in LINE.finditer(lock)]


def unmet(target: Target, needs: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield what the packages say they need on this Python and nobody installs; `needs` by package."""
    there = {canonicalize_name(package) for package in needs}
    for package, wanted in sorted(needs.items()):
        for need in map(Requirement, wanted):
            if target.holds(need) and canonicalize_name(need.name) not in there:
                yield f"{package} needs {need.name}"


def _digests(target: Target, pins: list[str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--quiet", "--ignore-installed"]
        command += ["--report", str(report), "--target", folder, *target.pip_options(), *pins]
        if subprocess.run(command, check=False).returncode != 0:
            raise PackageError("pip could not find the wheels; its own words are above.")
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    digests = {}
    for one in chosen:
        name, version = one["metadata"]["name"], one["metadata"]["version"]
        digests[_key(f"{name}=={version}")] = one["download_info"]["archive_info"]["hashes"]["sha256"]
    return digests


def _key(pin: str) -> str:
    name, _, version = pin.partition("==")
    return f"{canonicalize_name(name)}=={version}"


def main() -> int:
    """Write every lock, or check them; 1 when that failed."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    targets = [Target(version) for version in VERSIONS]
    if sys.argv[1:] == ["--check"]:
        found = [line for one in targets for line in offences(one, requirements, one.lock.read_text(encoding="utf-8"))]
        print("\n".join(found) if found else "The locks: what requirements.txt asks for.")
        return 1 if found else 0
    try:
        for target in targets:
            write(target, requirements)
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
