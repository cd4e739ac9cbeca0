"""`make audit` with stand-ins for its tools: what is found fails, what cannot be asked is said and let through."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "infra" / "setup" / "audit.sh"


@dataclass(frozen=True, slots=True)
class Tools:
    """A tree with the script and tools that say what they are told to."""

    root: Path

    def say(self, tool: str, text: str, code: int) -> None:
        """From now on that tool says this, and ends so."""
        place = self.root / ("bin" if tool in ("npm", "git") else ".audit/bin") / tool
        place.write_text(f"#!/bin/sh\necho '{text}'\nexit {code}\n")
        place.chmod(0o755)

    def run(self) -> tuple[int, str]:
        """The exit code, and all that was said."""
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        command = ["sh", str(self.root / "infra" / "setup" / "audit.sh")]
        done = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """Everything is well; the scan finds the planted key, whose file is the only one that it is given by name."""
    for folder in ("infra/setup", "infra/package/locks", ".audit/bin", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "infra" / "setup")
    (tmp_path / "infra" / "package" / "locks" / "3.13.txt").touch()
    [wanted] = [line for line in SCRIPT.read_text(encoding="utf-8").splitlines() if line.startswith("tools=")]
    (tmp_path / ".audit" / ".stamp").write_text(wanted.split('"')[1], encoding="utf-8")
    made = Tools(tmp_path)
    made.say("git", "one.py", 0)
    made.say("pip-audit", "No known vulnerabilities found", 0)
    made.say("npm", "found 0 vulnerabilities", 0)
    scan = tmp_path / ".audit" / "bin" / "detect-secrets-hook"
    scan.write_text("#!/bin/sh\ncase $1 in *planted.py) exit 1 ;; esac\n")
    scan.chmod(0o755)
    return made


def test_nothing_is_found(tools: Tools) -> None:
    """It ends well."""
    code, said = tools.run()
    assert (code, "NOT AUDITED" in said) == (0, False), said


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("pip-audit", "Found 1 known vulnerability in 1 package"),
        ("pip-audit", "Found 12 known vulnerabilities in 3 packages"),
        ("npm", "2 high severity vulnerabilities"),
        ("npm", "1 critical severity vulnerability"),
        ("npm", "3 vulnerabilities (1 moderate, 2 high)"),
    ],
)
def test_a_vulnerability(tools: Tools, tool: str, text: str) -> None:
    """In whichever words the tools say it, it fails."""
    tools.say(tool, text, 1)
    code, said = tools.run()
    assert (code, text in said) == (1, True), said


@pytest.mark.parametrize("tool", ["pip-audit", "npm"])
def test_the_service_does_not_answer(tools: Tools, tool: str) -> None:
    """That is said, and let through."""
    tools.say(tool, "connection refused", 1)
    code, said = tools.run()
    assert (code, "NOT AUDITED" in said) == (0, True), said


def test_a_secret(tools: Tools) -> None:
    """It fails, and says what to do."""
    tools.say("detect-secrets-hook", "Secret Type: AWS Access Key", 1)
    code, said = tools.run()
    assert (code, "Take the secret out" in said) == (1, True), said


def test_a_scan_that_finds_nothing_at_all(tools: Tools) -> None:
    """It is tried on a planted key first."""
    tools.say("detect-secrets-hook", "", 0)
    code, said = tools.run()
    assert (code, "let a planted key through" in said) == (1, True), said
