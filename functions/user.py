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


@blueprint.function_name("readhistory")
@blueprint.route(route="me/history", methods=["GET", "OPTIONS"])
async def read_history(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/me/history."""
    return await serve(req, "readhistory")


@blueprint.function_name("undo")
@blueprint.route(route="me/history/{line}/undo", methods=["POST", "OPTIONS"])
async def undo(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/me/history/{line}/undo."""
    return await serve(req, "undo")


@blueprint.function_name("preview")
@blueprint.route(route="me/preview", methods=["GET", "OPTIONS"])
async def preview(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/me/preview."""
    return await serve(req, "preview")


@blueprint.function_name("readholds")
@blueprint.route(route="holds", methods=["GET", "OPTIONS"])
async def read_holds(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/holds."""
    return await serve(req, "readholds")


@blueprint.function_name("releasehold")
@blueprint.route(route="holds/{hold}/release", methods=["POST", "OPTIONS"])
async def release_hold(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/holds/{hold}/release."""
    return await serve(req, "releasehold")


@blueprint.function_name("discardhold")
@blueprint.route(route="holds/{hold}/discard", methods=["POST", "OPTIONS"])
async def discard_hold(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/holds/{hold}/discard."""
    return await serve(req, "discardhold")


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
