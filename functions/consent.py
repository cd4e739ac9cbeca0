"""The browser's way through the consent to Microsoft 365 (design.md section 9), begun by POST /api/settings/consent."""

from __future__ import annotations

import azure.functions as func

from functions.edge import consent_door

blueprint = func.Blueprint()


@blueprint.function_name("consentstart")
@blueprint.route(route="consent/start", methods=["GET"])
async def consent_start(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/consent/start: opened in a pop-up."""
    return await consent_door.open_start(req)


@blueprint.function_name("consentcallback")
@blueprint.route(route="consent/callback", methods=["GET"])
async def consent_callback(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/consent/callback: where Microsoft sends the browser back."""
    return await consent_door.come_back(req)


@blueprint.function_name("consentconfirm")
@blueprint.route(route="consent/confirm", methods=["POST"])
async def consent_confirm(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/consent/confirm: the last page's form."""
    return await consent_door.confirm(req)
