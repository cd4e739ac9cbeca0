"""What a function app registers, read from the app itself; nothing is declared a second time.

The checks are those of Azure's Python worker (`azure_functions_worker/functions.py`: parameters, annotations, routes)
and of its host (`FunctionDescriptorProvider.cs`, `ScriptHost.cs`: names, reserved and conflicting routes), so that an
app that starts here is not refused there. facts/microsoft.md J1.
"""

import inspect
import itertools
import json
import re
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import azure.functions as func
from azure.functions.decorators.function_app import Function
from azure.functions.http import HttpRequestConverter, HttpResponseConverter
from azure.functions.queue import QueueMessageInConverter
from azure.functions.timer import TimerRequestConverter

from infra.local.host_errors import IndexingError

Kind = Literal["http", "queue", "timer"]

KINDS: Final[dict[str, Kind]] = {"httpTrigger": "http", "queueTrigger": "queue", "timerTrigger": "timer"}
TYPE_NAMES: Final[dict[Kind, str]] = {"http": "HttpRequest", "queue": "QueueMessage", "timer": "TimerRequest"}
CONVERTERS: Final = {"http": HttpRequestConverter, "queue": QueueMessageInConverter, "timer": TimerRequestConverter}

FUNCTION_NAME: Final = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
BINDING_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
RESERVED_ROUTES: Final = ("admin", "runtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionInfo:
    """One registered function.

    `bindings` are what `function.json` would hold, as plain JSON values. `methods` is empty when every HTTP method is
    served. `queue_name` and `schedule` may still hold `%SETTING%`, as in Azure. `route`, `methods` and `auth_level`
    are set for HTTP, `queue_name` and `connection` for queues, `schedule` and `run_on_startup` for timers.
    """

    name: str
    kind: Kind
    trigger_parameter: str
    parameters: tuple[str, ...]
    bindings: tuple[dict[str, Any], ...]
    is_async: bool
    function: Callable[..., Any]
    route: str = ""
    methods: tuple[str, ...] = ()
    auth_level: str = ""
    queue_name: str = ""
    connection: str = ""
    schedule: str = ""
    run_on_startup: bool = False


def index(app: func.FunctionApp) -> list[FunctionInfo]:
    """Return the functions of `app` in the order of their registration; may be called again for the same app.

    Raises IndexingError with the function's name and the reason.
    """
    # get_functions() remembers the names it saw and would call a second reading of the same app a duplicate.
    app.functions_bindings = None
    try:
        functions = app.get_functions()
    except ValueError as error:
        raise IndexingError(str(error)) from None
    if not functions:
        raise IndexingError("The app registers no function.")
    infos = [_info(function) for function in functions]
    _check_names(infos)
    _check_routes([info for info in infos if info.kind == "http"])
    return infos


def describe(app: func.FunctionApp) -> list[dict[str, Any]]:
    """Return what Azure sees of `app` as JSON values, sorted by name: for comparison with a committed file.

    Each item: `name`, `parameters`, `bindings` (keys sorted) and, for HTTP, `route` (without the prefix) and `methods`.
    """
    described = []
    for info in sorted(index(app), key=lambda info: info.name):
        item: dict[str, Any] = {
            "name": info.name,
            "parameters": list(info.parameters),
            "bindings": [dict(sorted(binding.items())) for binding in info.bindings],
        }
        if info.kind == "http":
            item |= {"route": info.route, "methods": list(info.methods)}
        described.append(item)
    return described


def _info(function: Function) -> FunctionInfo:
    name = function.get_function_name() or ""
    bindings = tuple(json.loads(raw) for raw in function.get_raw_bindings())
    trigger = _trigger(name, bindings)
    kind = KINDS[trigger["type"]]
    user_function = function.get_user_function()
    parameters = tuple(inspect.signature(user_function).parameters)
    _check_parameters(name, bindings, parameters)
    _check_annotations(name, kind, trigger["name"], user_function)
    return FunctionInfo(
        name=name,
        kind=kind,
        trigger_parameter=trigger["name"],
        parameters=parameters,
        bindings=bindings,
        is_async=inspect.iscoroutinefunction(user_function),
        function=user_function,
        route=trigger.get("route", ""),
        methods=tuple(sorted(trigger.get("methods", ()))),
        auth_level=trigger.get("authLevel", ""),
        queue_name=trigger.get("queueName", ""),
        connection=trigger.get("connection", ""),
        schedule=trigger.get("schedule", ""),
        run_on_startup=bool(trigger.get("runOnStartup", False)),
    )


def _trigger(name: str, bindings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    triggers = [binding for binding in bindings if binding["type"].lower().endswith("trigger")]
    if len(triggers) != 1:
        raise IndexingError(f"Function {name} has {len(triggers)} triggers; Azure takes exactly one.")
    if triggers[0]["type"] not in KINDS:
        raise IndexingError(f"Function {name}: the local host does not serve a {triggers[0]['type']}.")
    for binding in bindings:
        if binding is not triggers[0] and (binding["type"], binding["name"]) != ("http", "$return"):
            raise IndexingError(f"Function {name}: the local host does not serve the {binding['type']} binding.")
    return triggers[0]


def _check_parameters(name: str, bindings: Sequence[dict[str, Any]], parameters: Sequence[str]) -> None:
    for binding in bindings:
        if not BINDING_NAME.fullmatch(binding["name"]):
            raise IndexingError(
                f"Function {name}: the binding name {binding['name']!r} is invalid;"
                " Azure's host takes letters and digits, beginning with a letter."
            )
    bound = {binding["name"] for binding in bindings} - {"$return"}
    if unbound := set(parameters) - bound:
        raise IndexingError(
            f"Function {name}: {_listed(unbound)} declared as a parameter but not in the decorators"
            f" (bindings: {_listed(bound)})."
        )
    if missing := bound - set(parameters):
        raise IndexingError(
            f"Function {name}: {_listed(missing)} declared in the decorators but not a parameter"
            f" (parameters: {_listed(parameters)})."
        )


def _check_annotations(name: str, kind: Kind, parameter: str, user_function: Callable[..., Any]) -> None:
    try:
        hints = typing.get_type_hints(user_function)
    except NameError as error:
        # The worker resolves them too: a type imported only under TYPE_CHECKING keeps the whole app from loading.
        raise IndexingError(f"Function {name}: its annotations cannot be resolved when it runs: {error}.") from None
    hint = hints.get(parameter)
    if hint is not None and not (isinstance(hint, type) and CONVERTERS[kind].check_input_type_annotation(hint)):
        raise IndexingError(
            f"Function {name}: parameter {parameter} is annotated {hint!r};"
            f" the local host gives an azure.functions.{TYPE_NAMES[kind]}."
        )
    result = hints.get("return")
    if kind == "http" and result is not None and not _is_http_result(result):
        raise IndexingError(f"Function {name}: the return annotation {result!r} does not match its http binding.")


def _is_http_result(hint: object) -> bool:
    return isinstance(hint, type) and bool(HttpResponseConverter.check_output_type_annotation(hint))


def _check_names(infos: Sequence[FunctionInfo]) -> None:
    seen: dict[str, str] = {}
    for info in infos:
        if not FUNCTION_NAME.fullmatch(info.name):
            raise IndexingError(
                f"{info.name!r} is not a valid function name; Azure's host takes letters, digits, '-' and '_'."
            )
        other = seen.setdefault(info.name.lower(), info.name)
        if other != info.name:
            raise IndexingError(f"Functions {other} and {info.name} differ only in case; Azure takes them for one.")


def _check_routes(infos: Sequence[FunctionInfo]) -> None:
    for info in infos:
        if info.route.startswith("/"):
            raise IndexingError(f"Function {info.name}: the route {info.route!r} must not begin with '/'.")
        if info.route.lower().startswith(RESERVED_ROUTES):
            raise IndexingError(f"Function {info.name}: the route {info.route!r} conflicts with a built-in route.")
    for one, other in itertools.combinations(infos, 2):
        same = one.route.strip("/").lower() == other.route.strip("/").lower()
        if same and (not one.methods or not other.methods or set(one.methods) & set(other.methods)):
            raise IndexingError(f"Functions {one.name} and {other.name} share the route {one.route!r} and a method.")


def _listed(names: typing.Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
