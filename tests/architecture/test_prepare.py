"""infra/setup/prepare.sh: what is missing is told with its remedy, and what is ready is left alone.

The machine is made up: a PATH with the shell's own tools and with stand-ins for Python, Node.js and npm.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "chmod", "cksum", "cp", "dirname", "grep", "mkdir", "rm")
INPUTS = ("requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json", ".npmrc")

PYTHON = """#!/bin/sh
case "$*" in
    *ensurepip*) exit {ensurepip} ;;
    *sys.exit*) exit {unfit} ;;
    *print*) echo {version} ;;
    "-m venv .venv") mkdir -p .venv/bin; {venv}; cp "$0" .venv/bin/python; echo venv >>calls ;;
    "-m pip install"*) echo pip >>calls; exit {pip} ;;
esac
"""
NODE = "#!/bin/sh\necho {version}\n"
NPM = '#!/bin/sh\n[ "$1" = --version ] || {{ mkdir -p node_modules; echo npm >>calls; exit {ci}; }}\n'


class Machine:
    """A project folder and a PATH."""

    def __init__(self, root: Path) -> None:
        """Lay out the project with the script, and the shell's own tools."""
        self.project = root / "a project"
        self.bin = root / "bin"
        (self.project / "infra" / "setup").mkdir(parents=True)
        shutil.copy(PROJECT / "infra/setup/prepare.sh", self.project / "infra/setup/prepare.sh")
        for name in INPUTS:
            (self.project / name).write_text(name)
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def install(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def python(self, name: str = "python3", **oddities: object) -> None:
        """Install a Python 3.11.2 that works, but for its oddities."""
        normal = {"version": "3.11.2", "unfit": 0, "ensurepip": 0, "venv": ":", "pip": 0}
        self.install(name, PYTHON.format(**{**normal, **oddities}))

    def node(self, version: str = "v20.1.0", *, ci: int = 0) -> None:
        """Install Node.js with npm."""
        self.install("node", NODE.format(version=version))
        self.install("npm", NPM.format(ci=ci))

    def prepare(self, *sides: str, python: str = "") -> tuple[int, str]:
        """Run the script; its exit code and words."""
        environment = {"PATH": str(self.bin), "PYTHON": python, "LC_ALL": "C"}
        command = [str(self.bin / "sh"), "infra/setup/prepare.sh", *sides]
        done = subprocess.run(
            command,
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr

    def calls(self) -> list[str]:
        """Return what was made or installed so far, in order."""
        record = self.project / "calls"
        return record.read_text().split() if record.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with neither Python nor Node.js."""
    return Machine(tmp_path)


def test_everything_that_is_missing_is_told_at_once(machine: Machine) -> None:
    """One run names Python and Node.js, each with its remedy, and makes nothing."""
    code, words = machine.prepare("python", "node")
    assert code == 1
    python, node = words.splitlines()
    assert "Python 3.11, 3.12 or 3.13 is needed; there is no python3 here." in python
    assert "apt-get install python3 python3-venv" in python
    assert "Node.js is missing" in node
    assert "Install Node.js 20 or newer" in node
    assert not (machine.project / ".venv").exists()


def test_the_only_python_is_too_old(machine: Machine) -> None:
    """Its version is named, and how to name another."""
    machine.python(version="3.10.4", unfit=1)
    code, words = machine.prepare("python")
    assert code == 1
    assert "python3 here is Python 3.10.4" in words
    assert "make setup PYTHON=" in words


@pytest.mark.parametrize("version", ["3.10.4", "3.14.0"])
def test_the_chosen_python_does_not_fit(machine: Machine, version: str) -> None:
    """A Python that was asked for is never silently replaced by another."""
    machine.python()
    machine.python("python-odd", version=version, unfit=1)
    code, words = machine.prepare("python", python="python-odd")
    assert code == 1
    assert f"PYTHON=python-odd is Python {version}; this project runs on 3.11, 3.12 and 3.13" in words


def test_the_chosen_python_does_not_exist(machine: Machine) -> None:
    """Said so, with an example."""
    machine.python()
    code, words = machine.prepare("python", python="python9")
    assert code == 1
    assert words.startswith("PYTHON=python9 does not run.")


@pytest.mark.parametrize(
    "oddity", [{"ensurepip": 1}, {"venv": "echo ensurepip is not available; exit 1"}], ids=["foreseen", "half-made"]
)
def test_debian_without_python3_venv(machine: Machine, oddity: dict[str, object]) -> None:
    """The package to install is named, and no half-made environment stays."""
    machine.python(**oddity)
    code, words = machine.prepare("python")
    assert code == 1
    assert "On Debian and Ubuntu: apt-get install python3-venv" in words
    assert not (machine.project / ".venv").exists()
    assert not (machine.project / ".venv.log").exists()


def test_node_is_too_old(machine: Machine) -> None:
    """Its version is named."""
    machine.node("v18.20.4")
    code, words = machine.prepare("node")
    assert code == 1
    assert "Node.js v18.20.4 is too old" in words


def test_npm_is_missing(machine: Machine) -> None:
    """Debian packs npm apart from Node.js."""
    machine.node()
    (machine.bin / "npm").unlink()
    code, words = machine.prepare("node")
    assert code == 1
    assert "apt-get install npm" in words


def test_a_second_run_does_nothing(machine: Machine) -> None:
    """What is ready is left alone, and not a word is said."""
    machine.python()
    machine.node()
    assert machine.prepare("python", "node")[0] == 0
    assert machine.prepare("python", "node") == (0, "")
    assert machine.calls() == ["venv", "pip", "npm"]


@pytest.mark.parametrize(("changed", "again"), [(INPUTS[:2], "pip"), (INPUTS[2:], "npm")], ids=["python", "node"])
def test_a_side_is_made_again_when_its_input_changes(machine: Machine, changed: tuple[str, ...], again: str) -> None:
    """Each file counts, by its content; the other side stays."""
    machine.python()
    machine.node()
    machine.prepare("python", "node")
    for count, name in enumerate(changed, start=1):
        (machine.project / name).write_text("changed")
        assert machine.prepare("python", "node")[0] == 0
        assert machine.calls() == ["venv", "pip", "npm", *[again] * count]


def test_another_python_is_asked_for(machine: Machine) -> None:
    """The environment is made anew, and stays with that Python when nothing more is said."""
    machine.python()
    machine.python("python3.13", version="3.13.0")
    machine.prepare("python")
    code, words = machine.prepare("python", python="python3.13")
    assert code == 0
    assert "Making .venv anew with Python 3.13.0" in words
    assert machine.prepare("python") == (0, "")
    assert machine.calls() == ["venv", "pip", "venv", "pip"]


def test_an_installation_fails(machine: Machine) -> None:
    """It is told, and tried again by the next run."""
    machine.python(pip=1)
    machine.node(ci=1)
    assert "could not be installed" in machine.prepare("python")[1]
    assert "could not be installed" in machine.prepare("node")[1]
    assert machine.prepare("python")[0] == machine.prepare("node")[0] == 1
    assert machine.calls() == ["venv", "pip", "npm", "pip", "npm"]
