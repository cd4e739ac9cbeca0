"""A package for the running Python, and a process that serves it and has nothing else of this project to import."""

import contextlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path

from infra.package.target import ROOT, VERSIONS, Target
from infra.package.trace import SITE

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
READY_SECONDS = 60.0
# Azure's host is no part of the package either: it brings its own code. The package comes first.
SERVE = """
import sys
from pathlib import Path
package, host = sys.argv[1:3]
sys.path[:0] = [package, f"{package}/SITE"]
sys.path.append(host)
from infra.local.host_cli import main
code = main(["--port", "0"])
strangers = sorted({
    file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))
    and not file.startswith((package, host, sys.base_prefix))
})
print("strangers:", strangers)
raise SystemExit(code)
""".replace("SITE", SITE)


def target() -> Target:
    """The Python that runs the tests."""
    assert RUNNING in VERSIONS
    return Target(RUNNING)


def lay_host(folder: Path) -> Path:
    """Copy the local host, and what it needs and the app does not, into a folder of its own."""
    shutil.copytree(ROOT / "infra" / "local", folder / "infra" / "local")
    (folder / "infra" / "__init__.py").touch()
    for name in ("uvicorn", "click"):
        for file in distribution(name).files or ():
            if ".." not in file.parts and file.suffix == ".py":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), folder / file)
    return folder


def unpack(archive: Path, folder: Path) -> Path:
    """What Azure does with the zip."""
    with zipfile.ZipFile(archive) as made:
        made.extractall(folder)
    return folder


@contextlib.contextmanager
def served(package: Path, host: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """The package, served; yields `http://127.0.0.1:PORT/api`. Nothing but package, host and Python was imported."""
    command = [sys.executable, "-I", "-S", "-B", "-c", SERVE]
    command += [str(package), str(host)]
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1,localhost", **settings}
    process = subprocess.Popen(
        command, cwd=package, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: queue.Queue[str] = queue.Queue()
    said: list[str] = []
    reader = threading.Thread(target=_read, args=(process, lines, said))
    reader.start()
    try:
        yield _address(lines, said)
    finally:
        process.terminate()
        process.wait(30)
        reader.join()
    assert process.returncode == 0, "".join(said)
    assert "strangers: []" in "".join(said), "".join(said[-3:])


def _read(process: "subprocess.Popen[str]", lines: "queue.Queue[str]", said: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout as stream:
        for line in stream:
            said.append(line)
            lines.put(line)
    lines.put("")


def _address(lines: "queue.Queue[str]", said: list[str]) -> str:
    while line := lines.get(timeout=READY_SECONDS):
        if found := re.search(r"(http://127\.0\.0\.1:\d+/api)/health", line):
            return found[1]
    raise AssertionError("".join(said))
