"""The user's calls; functions/calls/table.py says what each one takes."""

from __future__ import annotations

import azure.functions as func

from functions.edge.door import serve

blueprint = func.Blueprint()


@blueprint.function_name("readownsync")
@blueprint.route(route="me/sync", methods=["GET", "OPTIONS"])
async def read_own_sync(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/me/sync."""
    return await serve(req, "readownsync")


@blueprint.function_name("switchownsync")
@blueprint.route(route="me/sync", methods=["PUT"])
async def switch_own_sync(req: func.HttpRequest) -> func.HttpResponse:
    """PUT /api/me/sync."""
    return await serve(req, "switchownsync")


@blueprint.function_name("resync")
@blueprint.route(route="me/resync", methods=["POST", "OPTIONS"])
async def resync(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/me/resync."""
    return await serve(req, "resync")


@blueprint.function_name("presence")
@blueprint.route(route="presence", methods=["POST", "OPTIONS"])
async def presence(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/presence."""
    return await serve(req, "presence")


@blueprint.function_name("activitychanged")
@blueprint.route(route="activities/{guid}/changed", methods=["POST", "OPTIONS"])
async def activity_changed(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/activities/{guid}/changed."""
    return await serve(req, "activitychanged")
