"""The published contract."""

from __future__ import annotations

import azure.functions as func

from functions.edge.door import serve

blueprint = func.Blueprint()


@blueprint.function_name("openapi")
@blueprint.route(route="openapi.json", methods=["GET", "OPTIONS"])
async def openapi(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/openapi.json."""
    return await serve(req, "openapi")
