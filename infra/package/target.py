"""The Python that the package is for: its version, its platform, what it is to install, and its interpreter here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.markers import default_environment
from packaging.requirements import Requirement

from infra.setup.check_tree import requirement_lines

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ROOT / "infra" / "package" / "locks"
VERSIONS: Final = ("3.11", "3.12", "3.13")
DEFAULT: Final = "3.13"
# Flex Consumption runs Debian 12, glibc 2.36; every wheel that we need is made for 2.28 or older.
PLATFORMS: Final = (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64")


class PackageError(Exception):
    """The package cannot be made; a sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Python version, "3.13", on Linux x86-64: what Azure runs."""

    version: str

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise PackageError(f"Python {self.version} is none that this service runs on: {', '.join(VERSIONS)}.")

    @property
    def lock(self) -> Path:
        """Where its hashes are."""
        return LOCKS / f"{self.version}.txt"

    def pins(self, requirements: str) -> list[str]:
        """`name==version`, sorted: the lines of requirements.txt that hold for this Python.

        pip cannot tell: it evaluates markers for the Python that it runs on.
        """
        wanted = map(Requirement, requirement_lines(requirements))
        return sorted(f"{one.name.lower()}{one.specifier}" for one in wanted if self.holds(one))

    def holds(self, need: Requirement) -> bool:
        """Whether a requirement's marker, if any, holds on this Python, extras aside."""
        linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}
        python = {"python_version": self.version, "python_full_version": f"{self.version}.0"}
        environment = {name: str(value) for name, value in default_environment().items()}
        environment |= {**linux, **python, "extra": ""}
        return need.marker is None or need.marker.evaluate(environment)

    def pip_options(self) -> Iterator[str]:
        """What makes pip choose wheels for this Python instead of its own, and nothing but wheels."""
        for platform in PLATFORMS:
            yield from ("--platform", platform)
        yield from ("--implementation", "cp", "--python-version", self.version, "--only-binary", ":all:", "--no-deps")

    def interpreter(self) -> str:
        """This Python's interpreter on this machine. Raises PackageError where there is none."""
        for candidate in (sys.executable, shutil.which(f"python{self.version}")):
            if candidate and _version(candidate) == self.version:
                return candidate
        raise PackageError(
            f"python{self.version} is not on the PATH: the package is traced, compiled and tried with the Python that "
            f"it is for. Another one: make package PYTHON_VERSION={_version(sys.executable)}"
        )


def _version(interpreter: str) -> str:
    command = [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip()
