"""The libraries: fetched by their locked digests, or copied from the environment that runs this."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution, distribution
from pathlib import Path

from infra.package.lock import locked, unmet
from infra.package.target import PackageError, Target


def fetch(target: Target, site: Path) -> None:
    """Install the locked wheels for the target into `site`. Raises PackageError; pip refuses any other digest."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--no-compile", "--require-hashes"]
    command += ["--target", str(site), *target.pip_options(), "--requirement", str(target.lock)]
    if subprocess.run(command, check=False).returncode != 0:
        raise PackageError("pip could not install the locked wheels; its own words are above.")


def copy_installed(target: Target, site: Path) -> None:
    """Copy the locked packages from the running environment, as `fetch` would lay them; for tests without a network."""
    for name in locked(target.lock.read_text(encoding="utf-8")):
        found = distribution(name)
        for file in found.files or ():
            if ".." in file.parts or "__pycache__" in file.parts:
                continue
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(str(found.locate_file(file))), site / file)


def check_complete(target: Target, site: Path) -> None:
    """Raise PackageError where a library in `site` needs another one that is not there."""
    found = map(PathDistribution, sorted(site.glob("*.dist-info")))
    lacking = list(unmet(target, {one.metadata["Name"]: one.requires or [] for one in found}))
    if lacking:
        raise PackageError(f"The package is incomplete: {'; '.join(lacking)}. Pin them in requirements.txt.")
