"""The simulated Severa REST API as one object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from tests.simulators.common.counters import RequestLog
from tests.simulators.common.faults import FaultScript
from tests.simulators.common.middleware import FaultMiddleware, Sleep

from . import activities, participants, registry
from .auth import Authority, Handler
from .errors import SeveraError, usual_error
from .listing import list_activities
from .model import Company, Mail
from .options import Options
from .people import People
from .state import Context


class SeveraSimulator:
    """A stateful stand-in for Severa's REST API, for the part that a calendar sync uses (facts/severa.md part 1).

    `app` is the ASGI application, with the paths of the real one below its base URL (`/v1` and `/v1.0` alike): serve
    it with tests/simulators/common/server.py, or in-process with inprocess.py. `people` acts without HTTP. `options`
    holds the switches for what is undocumented, `faults` the scripted failures, `requests` what was asked, `mails`
    what Severa itself mailed.

    Not simulated: lists of guids in PATCH (400), PATCH of a participant, filters by customer, project, phase, contact
    or keyword (400), contact persons, the authorization-code flow.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        options: Options | None = None,
        sleep: Sleep = asyncio.sleep,
        seed: int = 0,
    ) -> None:
        self.options = options or Options()
        self.faults = FaultScript()
        self.requests = RequestLog()
        self.mails: list[Mail] = []
        context = Context(now, self.options, seed)
        self.people = People(context)
        self._authority = Authority(context, self.people.states)
        self.app: ASGIApp = FaultMiddleware(
            self._application(),
            faults=self.faults,
            requests=self.requests,
            error_response=usual_error,
            sleep=sleep,
        )

    @property
    def client_ids_seen(self) -> list[str | None]:
        """The Client_Id header of every request with a valid token, None where it was missing."""
        return self._authority.client_ids_seen

    def participant_calls(self, method: str | None = None) -> int:
        """How many requests were about participants, one by one; listings by user are none (design, section 5)."""
        return self.requests.count(method, "activityparticipants")

    def invalidate_tokens(self, company: Company | None = None, *, refresh_tokens: bool = False) -> None:
        """From now on the access tokens (of one company) answer 401; the refresh tokens too where asked."""
        self._authority.invalidate(None if company is None else company.client_id, refresh_tokens=refresh_tokens)

    def delay_listings(self, seconds: float) -> None:
        """From now on listings show a change only after so many seconds; reads by guid see it at once."""
        self.options.visible_after = timedelta(seconds=seconds)

    def _application(self) -> Starlette:
        routes: list[BaseRoute] = [Mount("/v1", routes=self._routes()), Mount("/v1.0", routes=self._routes())]
        alive = [Route("/server", _alive), Route("/database", _alive), self._route("/authorized", "GET", None)]
        application = Starlette(
            routes=[*routes, Mount("/heartbeat", routes=alive)], exception_handlers={SeveraError: _refused}
        )
        application.router.redirect_slashes = False
        return application

    def _routes(self) -> list[BaseRoute]:
        read, write, delete = "activities:read", "activities:write", "activities:delete"
        route, create = self._route, partial(activities.create_activity, mails=self.mails)
        people = "/activities/{activityGuid}/activityparticipants"
        return [
            Route("/token", self._authority.issue, methods=["POST"]),
            Route("/refreshtoken", self._authority.refresh, methods=["POST"]),
            route("/activities", "GET", read, list_activities),
            route("/activities", "POST", write, create),
            route("/activities/{guid}", "GET", read, activities.read_activity),
            route("/activities/{guid}", "PATCH", write, activities.patch_activity),
            route("/activities/{guid}", "DELETE", delete, activities.delete_activity),
            route("/activities/{guid}/exceptions", "DELETE", delete, activities.delete_exceptions),
            route(people, "GET", read, participants.list_participants),
            route(people + "/{activityParticipantGuid}", "DELETE", delete, participants.remove_participant),
            route("/activityparticipants", "POST", write, participants.add_participant),
            route("/activityparticipants/{guid}", "GET", read, participants.read_participant),
            route("/activitytypes", "GET", "settings:read", registry.list_types),
            route("/activitytypes/{guid}", "GET", "settings:read", registry.read_type),
            route("/users", "GET", "users:read", registry.list_users),
            route("/users/{guid}", "GET", "users:read", registry.read_user),
            route("/organizationdetails", "GET", "organization:read", registry.read_organization),
        ]

    def _route(self, path: str, method: str, scope: str | None, handler: Handler = registry.heartbeat) -> Route:
        return Route(path, self._authority.secured(scope, handler), methods=[method])


async def _alive(request: Request) -> Response:
    del request
    return PlainTextResponse("OK")


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, SeveraError):
        raise error
    return error.response()
