"""Where Microsoft Graph tells of changes in mailboxes, and of its subscriptions (docs/notifications.md)."""

from __future__ import annotations

import azure.functions as func

from functions.edge import graph_door

blueprint = func.Blueprint()


@blueprint.function_name("graphnotifications")
@blueprint.route(route="graph/notifications", methods=["POST"])
async def graph_notifications(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/graph/notifications."""
    return await graph_door.receive(req)


@blueprint.function_name("graphlifecycle")
@blueprint.route(route="graph/lifecycle", methods=["POST"])
async def graph_lifecycle(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/graph/lifecycle."""
    return await graph_door.receive(req)
