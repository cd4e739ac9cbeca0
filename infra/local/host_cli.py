"""The local host from the terminal: `python -m infra.local.host`. Exit code 2 and one sentence when it cannot run."""

import argparse
import asyncio
import importlib
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import azure.functions as func

from infra.local import host_json
from infra.local.host import LocalHost
from infra.local.host_errors import HostError
from infra.local.indexing import FunctionInfo


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM. Return 0, or 2 with a sentence on standard error."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("azure.core.pipeline.policies.http_logging_policy", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        _load_settings(options.settings)
        content = host_json.read(options.host_json)
        app = load_app(options.app)
        asyncio.run(_serve(LocalHost(app, host_json=content, settings=os.environ, http_port=options.port)))
    except HostError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def load_app(name: str) -> func.FunctionApp:
    """Import `module:attribute` and return the FunctionApp. Raises HostError, which names what the import raised."""
    module_name, _, attribute = name.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise HostError(f"Importing {module_name} failed: {type(error).__name__}: {error}{_place(error)}.") from error
    app = getattr(module, attribute or "app", None)
    if not isinstance(app, func.FunctionApp):
        raise HostError(f"{module_name} has no FunctionApp named {attribute or 'app'}.")
    return app


def _place(error: Exception) -> str:
    """Return file and line of the app where `error` arose; nothing when the app itself was not found."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    return f" ({places[-1].filename}, line {places[-1].lineno})" if places else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local.host", description="Run a Functions app locally.")
    parser.add_argument("--app", default="function_app:app", help="module:attribute of the FunctionApp")
    parser.add_argument("--host-json", type=Path, default=Path("host.json"), help="path of host.json")
    parser.add_argument("--port", type=_port, default=7071, help="HTTP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--settings", type=Path, default=Path("local.settings.json"), help="app settings, if it exists")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _load_settings(path: Path) -> None:
    """Put the `Values` of local.settings.json into the environment; what is set there already stays, as in Azure's."""
    if not path.exists():
        return
    try:
        values = json.loads(path.read_text(encoding="utf-8"))["Values"]
        pairs = {str(name): str(value) for name, value in values.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HostError(f'{path} must be a JSON object with an object "Values".') from None
    for name, value in pairs.items():
        os.environ.setdefault(name, value)


async def _serve(host: LocalHost) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with host:
        print("The local host serves:")
        for info in host.functions:
            print(f"  {info.name:<28} {_trigger(info, host.base_url)}")
        print("Ctrl-C ends it.", flush=True)
        await ended.wait()


def _trigger(info: FunctionInfo, base_url: str) -> str:
    if info.kind == "http":
        return f"http   {','.join(info.methods) or 'any method'} {base_url}/{info.route}"
    if info.kind == "queue":
        return f"queue  {info.queue_name} ({info.connection})"
    return f"timer  {info.schedule} (UTC)"
