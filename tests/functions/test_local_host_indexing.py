"""The local host refuses what Azure's host and Python worker would refuse, and says which function and why."""

import json
from collections.abc import Callable

import azure.functions as func
import pytest

from infra.local.host_errors import IndexingError
from infra.local.indexing import describe, index


def small_app() -> func.FunctionApp:
    """Return an app with one trigger of each kind, two of them from a blueprint."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    blueprint = func.Blueprint()

    @blueprint.function_name("health")
    @blueprint.route(route="health", methods=["GET"])
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("ok")

    @blueprint.queue_trigger(arg_name="msg", queue_name="pairs", connection="AzureWebJobsStorage")
    async def run_pair(msg: func.QueueMessage) -> None: ...

    @app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *", run_on_startup=True)
    def sweep(timer: func.TimerRequest) -> None: ...

    app.register_functions(blueprint)
    return app


def test_an_app_with_a_blueprint_is_indexed_by_name_trigger_and_binding() -> None:
    """Functions of the app and of its blueprints are found, under the names that Azure gives them."""
    sweep, health, run_pair = index(small_app())
    assert (sweep.name, sweep.kind, sweep.schedule, sweep.run_on_startup) == ("sweep", "timer", "0 */5 * * * *", True)
    assert (health.name, health.kind, health.route, health.methods) == ("health", "http", "health", ("GET",))
    assert (health.is_async, health.auth_level, health.trigger_parameter) == (True, "ANONYMOUS", "req")
    assert (run_pair.kind, run_pair.queue_name, run_pair.connection) == ("queue", "pairs", "AzureWebJobsStorage")
    assert not sweep.is_async


def test_the_same_app_is_indexed_twice() -> None:
    """Reading an app does not change it: a host and a test may both read it."""
    app = small_app()
    assert [info.name for info in index(app)] == [info.name for info in index(app)]


def test_the_description_survives_json_and_is_sorted() -> None:
    """What is compared with the committed list is plain JSON, in an order that registration does not decide."""
    described = describe(small_app())
    assert json.loads(json.dumps(described)) == described
    assert [item["name"] for item in described] == ["health", "run_pair", "sweep"]
    assert described[0] == {
        "name": "health",
        "parameters": ["req"],
        "route": "health",
        "methods": ["GET"],
        "bindings": [
            {
                "authLevel": "ANONYMOUS",
                "direction": "IN",
                "methods": ["GET"],
                "name": "req",
                "route": "health",
                "type": "httpTrigger",
            },
            {"direction": "OUT", "name": "$return", "type": "http"},
        ],
    }


def other_parameter(app: func.FunctionApp) -> None:
    """The decorator says msg, the function message."""

    @app.queue_trigger(arg_name="msg", queue_name="pairs", connection="C")
    async def run_pair(message: func.QueueMessage) -> None: ...


def parameter_too_many(app: func.FunctionApp) -> None:
    """Nothing binds extra."""

    @app.queue_trigger(arg_name="msg", queue_name="pairs", connection="C")
    async def run_pair(msg: func.QueueMessage, extra: str) -> None: ...


def underscored_binding(app: func.FunctionApp) -> None:
    """Fine for Python; not for Azure's host."""

    @app.timer_trigger(arg_name="my_timer", schedule="0 * * * * *")
    def sweep(my_timer: func.TimerRequest) -> None: ...


def wrong_annotation(app: func.FunctionApp) -> None:
    """A queue delivers no HttpRequest."""

    @app.queue_trigger(arg_name="msg", queue_name="pairs", connection="C")
    async def run_pair(msg: func.HttpRequest) -> None: ...


def wrong_result(app: func.FunctionApp) -> None:
    """A dict is no HTTP answer."""

    @app.route(route="health")
    def health(req: func.HttpRequest) -> dict:  # type: ignore[type-arg]
        return {}


def same_name(app: func.FunctionApp) -> None:
    """Two functions of one name."""
    for route in ("one", "two"):

        @app.function_name("health")
        @app.route(route=route)
        def health(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse()


def names_that_differ_in_case(app: func.FunctionApp) -> None:
    """Two names for Python, one for Azure."""
    for name in ("health", "Health"):

        @app.function_name(name)
        @app.route(route=f"{name}-x-{len(name)}", methods=["GET" if name == "health" else "PUT"])
        def health(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse()


def invalid_name(app: func.FunctionApp) -> None:
    """Begins with a digit."""

    @app.function_name("1st")
    @app.route(route="first")
    def first(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse()


def no_trigger(app: func.FunctionApp) -> None:
    """Named, but nothing starts it."""

    @app.function_name("idle")
    def idle() -> None: ...


def unserved_trigger(app: func.FunctionApp) -> None:
    """Azure has it, this host does not."""

    @app.blob_trigger(arg_name="blob", path="a/b", connection="C")
    def on_blob(blob: func.InputStream) -> None: ...


def unserved_output(app: func.FunctionApp) -> None:
    """An output binding other than the HTTP answer."""

    @app.queue_output(arg_name="out", queue_name="pairs", connection="C")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def sweep(timer: func.TimerRequest, out: func.Out[str]) -> None: ...


def reserved_route(app: func.FunctionApp) -> None:
    """Begins like the host's own /admin."""

    @app.route(route="administration/keys")
    def keys(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse()


def rooted_route(app: func.FunctionApp) -> None:
    """Begins with a slash."""

    @app.route(route="/health")
    def health(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse()


def same_route(app: func.FunctionApp) -> None:
    """PUT on one route, twice."""
    for name, methods in (("one", ["GET", "PUT"]), ("two", ["PUT"])):

        @app.function_name(name)
        @app.route(route="sync", methods=methods)
        def sync(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse()


@pytest.mark.parametrize(
    ("register", "reason"),
    [
        (other_parameter, "message declared as a parameter but not in the decorators"),
        (parameter_too_many, "extra declared as a parameter but not in the decorators"),
        (underscored_binding, "binding name 'my_timer' is invalid"),
        (wrong_annotation, "gives an azure.functions.QueueMessage"),
        (wrong_result, "does not match its http binding"),
        (same_name, "does not have a unique function name"),
        (names_that_differ_in_case, "differ only in case"),
        (invalid_name, "'1st' is not a valid function name"),
        (no_trigger, "does not have a trigger"),
        (unserved_trigger, "does not serve a blobTrigger"),
        (unserved_output, "does not serve the queue binding"),
        (reserved_route, "conflicts with a built-in route"),
        (rooted_route, "must not begin with '/'"),
        (same_route, "one and two share the route 'sync' and a method"),
        (lambda app: None, "registers no function"),
    ],
)
def test_what_azure_would_refuse_is_refused_with_its_reason(
    register: Callable[[func.FunctionApp], None], reason: str
) -> None:
    """A mistake that only Azure would show is shown here, in words."""
    app = func.FunctionApp()
    register(app)
    with pytest.raises(IndexingError, match=reason):
        index(app)


def test_a_binding_that_no_parameter_takes_is_refused() -> None:
    """The worker compares both ways: bound, but not in the signature."""
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def sweep() -> None: ...

    with pytest.raises(IndexingError, match="timer declared in the decorators but not a parameter"):
        index(app)


def test_an_annotation_that_only_the_type_checker_knows_is_refused() -> None:
    """The worker resolves annotations at run time; one NameError there and no function is found at all."""
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def sweep(timer: "OnlyForTypeCheckers") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(IndexingError, match="cannot be resolved"):
        index(app)
