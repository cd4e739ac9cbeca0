"""The administrator's calls; functions/calls/table.py says what each one takes."""

from __future__ import annotations

import azure.functions as func

from functions.edge.door import serve

blueprint = func.Blueprint()


@blueprint.function_name("readsettings")
@blueprint.route(route="settings", methods=["GET", "OPTIONS"])
async def read_settings(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/settings."""
    return await serve(req, "readsettings")


@blueprint.function_name("savesettings")
@blueprint.route(route="settings", methods=["PUT"])
async def save_settings(req: func.HttpRequest) -> func.HttpResponse:
    """PUT /api/settings."""
    return await serve(req, "savesettings")


@blueprint.function_name("switchcompany")
@blueprint.route(route="settings/enabled", methods=["PUT", "OPTIONS"])
async def switch_company(req: func.HttpRequest) -> func.HttpResponse:
    """PUT /api/settings/enabled."""
    return await serve(req, "switchcompany")


@blueprint.function_name("testconnection")
@blueprint.route(route="settings/test", methods=["POST", "OPTIONS"])
async def test_connection(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/settings/test."""
    return await serve(req, "testconnection")


@blueprint.function_name("activitytypes")
@blueprint.route(route="activity-types", methods=["GET", "OPTIONS"])
async def activity_types(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/activity-types."""
    return await serve(req, "activitytypes")


@blueprint.function_name("companystatus")
@blueprint.route(route="status", methods=["GET", "OPTIONS"])
async def company_status(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/status."""
    return await serve(req, "companystatus")


@blueprint.function_name("beginconsent")
@blueprint.route(route="settings/consent", methods=["POST", "OPTIONS"])
async def begin_consent(req: func.HttpRequest) -> func.HttpResponse:
    """POST /api/settings/consent."""
    return await serve(req, "beginconsent")


@blueprint.function_name("delegatescript")
@blueprint.route(route="settings/delegate-script", methods=["GET", "OPTIONS"])
async def delegate_script(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/settings/delegate-script."""
    return await serve(req, "delegatescript")


@blueprint.function_name("removecompany")
@blueprint.route(route="company", methods=["DELETE", "OPTIONS"])
async def remove_company(req: func.HttpRequest) -> func.HttpResponse:
    """DELETE /api/company."""
    return await serve(req, "removecompany")
