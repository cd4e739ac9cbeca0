"""The local host from the terminal: serves until it is told to end, and refuses in one sentence with exit code 2."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="health", methods=["GET"])
async def health(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("well")


@app.timer_trigger(arg_name="timer", schedule="%SWEEP%")
def sweep(timer: func.TimerRequest) -> None: ...
"""

WITH_QUEUE = (
    APP
    + """

@app.queue_trigger(arg_name="msg", queue_name="pairs", connection="AzureWebJobsStorage")
async def run_pair(msg: func.QueueMessage) -> None: ...
"""
)


def a_folder(folder: Path, app: str = APP, host_json: str = '{"version": "2.0"}') -> Path:
    """Make `folder` a Functions project, with one setting in local.settings.json."""
    (folder / "function_app.py").write_text(app)
    (folder / "host.json").write_text(host_json)
    (folder / "local.settings.json").write_text(json.dumps({"Values": {"SWEEP": "0 0 0 1 1 *"}}))
    return folder


def command(*arguments: str) -> list[str]:
    """Return the command line; a later --port replaces the free one."""
    return [sys.executable, "-m", "infra.local.host", "--port", "0", *arguments]


def environment(**settings: str) -> dict[str, str]:
    """Return an environment with these settings and none of the developer's own."""
    return {"PYTHONPATH": str(PROJECT), "PATH": os.environ["PATH"], **settings}


def refusal(folder: Path, *arguments: str, **settings: str) -> str:
    """Run to the end and return what it said; it must be one sentence or two, never a traceback."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.strip().splitlines()[-1]


def test_it_says_what_it_serves_and_ends_on_a_signal(tmp_path: Path) -> None:
    """Routes, queues and schedules are printed; SIGINT ends it in order, with exit code 0."""
    with subprocess.Popen(
        command(), cwd=a_folder(tmp_path), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        assert lines[0] == "The local host serves:"
        url = lines[1].split()[-1]
        assert lines[1].startswith("health ")
        assert url.endswith("/api/health")
        assert lines[2].split(maxsplit=2) == ["sweep", "timer", "0 0 0 1 1 * (UTC)"]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
            assert answer.read() == b"well"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """Which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert f"port {port} is in use" in refusal(a_folder(tmp_path), "--port", str(port))


def test_a_storage_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """Azurite not running is the usual reason."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    storage = f"AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:{port}/a;"
    said = refusal(a_folder(tmp_path, WITH_QUEUE), AzureWebJobsStorage=storage)
    assert said == "The storage of AzureWebJobsStorage does not answer. Is Azurite running?"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "the setting AzureWebJobsStorage (a storage connection string) is missing"),
        ({"AzureWebJobsStorage": "nonsense"}, "AzureWebJobsStorage is not a storage connection string"),
        ({"PYTHON_THREADPOOL_THREAD_COUNT": "many"}, "PYTHON_THREADPOOL_THREAD_COUNT must be a whole number"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], reason: str) -> None:
    """By its name; its value, which may be a secret, is not shown."""
    assert reason in refusal(a_folder(tmp_path, WITH_QUEUE), **settings)


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("\n\nraise ValueError('half configured')", "ValueError: half configured"),
        ("app = 1", "function_app has no FunctionApp named app"),
        ("import azure.functions as func\napp = func.FunctionApp()", "registers no function"),
    ],
)
def test_an_app_that_cannot_be_used_is_told(tmp_path: Path, app: str, reason: str) -> None:
    """What the import raised is named."""
    assert reason in refusal(a_folder(tmp_path, app))


def test_an_import_error_leads_to_its_line(tmp_path: Path) -> None:
    """File and line of what failed."""
    for text in ("\n\nraise ValueError('half configured')", "\n\nimport nowhere_to_be_found"):
        assert "function_app.py, line 3" in refusal(a_folder(tmp_path, text))


def test_a_missing_app_and_a_port_that_is_none_are_told(tmp_path: Path) -> None:
    """Mistakes on the command line."""
    assert "No module named 'nowhere'" in refusal(a_folder(tmp_path), "--app", "nowhere:app")
    assert "a port is a number from 0 to 65535" in refusal(a_folder(tmp_path), "--port", "70000")


@pytest.mark.parametrize(
    ("host_json", "reason"), [("{", "host.json is not valid JSON"), ("{}", 'host.json: "version" must be "2.0"')]
)
def test_a_malformed_host_json_is_told(tmp_path: Path, host_json: str, reason: str) -> None:
    """Before anything is started."""
    assert reason in refusal(a_folder(tmp_path, host_json=host_json))


def test_malformed_local_settings_are_told(tmp_path: Path) -> None:
    """local.settings.json must have an object Values."""
    folder = a_folder(tmp_path)
    (folder / "local.settings.json").write_text("[]")
    assert 'must be a JSON object with an object "Values"' in refusal(folder)
