"""The simulator of Microsoft Graph and Entra as one object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.common.counters import RequestLog
from tests.simulators.common.faults import FaultScript
from tests.simulators.common.middleware import FaultMiddleware, Sleep

from . import delta_route, gate, reads, users, writes
from .entra import Entra
from .entra_errors import BY_STATUS, EntraError
from .errors import USUAL, GraphError
from .gate import CalendarCall
from .ids import IdSource
from .options import Options
from .people import People
from .subscriptions import Subscriptions
from .world import World

Handler = Callable[[CalendarCall], Response]


class GraphSimulator:
    """Several Microsoft 365 tenants with their mailboxes, behind Graph's calendar calls and Entra's endpoints.

    `app` and `entra_app` are ASGI applications; serve them (`common.server`; Entra over https with `make_authority`,
    MSAL insists) or call them in-process (`common.inprocess`). `faults` and `requests` are Graph's, `entra_faults`
    and `entra_requests` Entra's. `mails` are the mails that the API's calls made Exchange send; `options` are its
    lies. The same `now`, `seed` and calls give the same answers. `people` acts without HTTP.
    People answer invitations; the API's own actions for that and `$batch` are not here. `subscriptions` delivers
    when it is asked to (deliveries.py).
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        seed: int = 0,
        options: Options | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        world = World(now, sleep, IdSource(seed), options or Options())
        entra = Entra(world)
        self.people = People(world, entra)
        self.subscriptions = Subscriptions(world)
        self.options, self.mails = world.options, world.mails
        self.faults, self.requests = FaultScript(), RequestLog()
        self.entra_faults, self.entra_requests = FaultScript(), RequestLog()
        self.app: ASGIApp = FaultMiddleware(
            _graph(world, self.subscriptions),
            faults=self.faults,
            requests=self.requests,
            error_response=lambda status: gate.refusal(world, _usual(status)),
            sleep=sleep,
        )
        self.entra_app: ASGIApp = FaultMiddleware(
            _entra(entra),
            faults=self.entra_faults,
            requests=self.entra_requests,
            error_response=lambda status: EntraError(BY_STATUS.get(status, 90033)).response(world.ids.guid(), now()),
            sleep=sleep,
        )


def _graph(world: World, subscriptions: Subscriptions) -> Starlette:
    root = "/v1.0/users"
    calendar: list[tuple[str, str, Handler]] = [
        ("GET", "/calendar", reads.get_calendar),
    ]
    for stem in ("", "/calendar"):
        calendar += [
            ("GET", f"{stem}/calendarView", reads.view_calendar),
            ("GET", f"{stem}/calendarView/delta", delta_route.get_delta),
            ("GET", f"{stem}/calendarView/delta()", delta_route.get_delta),
            ("GET", f"{stem}/events", reads.list_events),
            ("POST", f"{stem}/events", writes.create_event),
            ("GET", f"{stem}/events/{{event}}", reads.get_event),
            ("GET", f"{stem}/events/{{event}}/instances", reads.list_instances),
            ("PATCH", f"{stem}/events/{{event}}", writes.update_event),
            ("DELETE", f"{stem}/events/{{event}}", writes.delete_event),
        ]
    routes = [
        Route(root, gate.directory_endpoint(world, users.list_users), methods=["GET"]),
        Route(f"{root}/{{user}}", gate.directory_endpoint(world, users.get_user), methods=["GET"]),
    ]
    routes += [
        Route(f"{root}/{{user}}{path}", gate.calendar_endpoint(world, handler), methods=[method])
        for method, path, handler in calendar
    ]

    routes += subscriptions.routes()

    async def no_such_segment(request: Request, _: Exception) -> Response:
        message = f"Resource not found for the segment '{request.url.path.rsplit('/', 1)[-1]}'."
        return gate.refusal(world, GraphError(400, "BadRequest", message))

    return Starlette(routes=routes, exception_handlers={404: no_such_segment, 405: no_such_segment})


def _entra(entra: Entra) -> Starlette:
    return Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", entra.configuration, methods=["GET"]),
            Route("/{tenant}/discovery/v2.0/keys", entra.keys, methods=["GET"]),
            Route("/{tenant}/oauth2/v2.0/token", entra.token, methods=["POST"]),
            Route("/{tenant}/oauth2/v2.0/authorize", entra.interactive.authorize, methods=["GET", "POST"]),
            Route("/{tenant}/v2.0/adminconsent", entra.interactive.admin_consent, methods=["GET", "POST"]),
        ]
    )


def _usual(status: int) -> GraphError:
    code, message = USUAL.get(status, ("UnknownError", "An unknown error has occurred."))
    return GraphError(status, code, message)
