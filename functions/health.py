"""GET /api/health: whether this process can serve, without secrets and without anybody's data."""

from __future__ import annotations

import json

import azure.functions as func

from core import wiring
from core.settings import SettingsError
from core.usecases.health import check_health

blueprint = func.Blueprint()


@blueprint.function_name("health")
@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host binds it
    """200 where settings and storage work, else 503 with the name of what does not."""
    try:
        report = await check_health(await wiring.ports())
    except SettingsError:
        report = {"status": "failing", "settings": "failing"}
    status = 200 if report["status"] == "ok" else 503
    return func.HttpResponse(json.dumps(report), status_code=status, mimetype="application/json")
