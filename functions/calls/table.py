"""Every call of design.md section 8 that there is, by the name of its function."""

from __future__ import annotations

from core.usecases.access import Who
from functions.calls import company, connection, consent, delegate, me, models, settings, status
from functions.calls.openapi import document
from functions.calls.operation import Answer, Call, Operation
from functions.edge import problem


async def _published(call: Call) -> Answer:  # noqa: ARG001 - as every call
    return Answer(document(CALLS))


_OPERATIONS = (
    Operation(
        name="readsettings",
        method="GET",
        path="settings",
        who=Who.ADMIN,
        summary="The company's settings; secrets are never shown.",
        handler=settings.read,
        answer=models.SettingsOut,
        has_version=True,
    ),
    Operation(
        name="savesettings",
        method="PUT",
        path="settings",
        who=Who.ADMIN,
        summary="Store the company's settings, all of them; secrets that are left out stay as they are.",
        handler=settings.save,
        body=models.SettingsIn,
        answer=models.SettingsOut,
        has_version=True,
        needs_version=True,
        problems=(problem.SECRETS_READ_ONLY,),
    ),
    Operation(
        name="switchcompany",
        method="PUT",
        path="settings/enabled",
        who=Who.ADMIN,
        summary="Move the company's switch. Off stops everything at once; links are kept (R2, R5).",
        handler=settings.switch,
        body=models.CompanySwitchIn,
        answer=models.CompanySwitchOut,
        has_version=True,
        problems=(problem.NOT_CONNECTED,),
    ),
    Operation(
        name="testconnection",
        method="POST",
        path="settings/test",
        who=Who.ADMIN,
        summary="Test the connection as the settings are stored, step by step; each failed step with its remedy.",
        handler=connection.test,
        answer=models.ConnectionOut,
    ),
    Operation(
        name="beginconsent",
        method="POST",
        path="settings/consent",
        who=Who.ADMIN,
        summary="Begin to connect Microsoft 365; the answer says where to open the pop-up.",
        handler=consent.begin_consent,
        body=consent.ConsentIn,
        answer=consent.ConsentOut,
    ),
    Operation(
        name="delegatescript",
        method="GET",
        path="settings/delegate-script",
        who=Who.ADMIN,
        summary="The PowerShell that prepares the delegate user of an Exchange Server, filled in.",
        handler=delegate.read_script,
        query=delegate.ScriptQuery,
        answer=delegate.ScriptOut,
    ),
    Operation(
        name="activitytypes",
        method="GET",
        path="activity-types",
        who=Who.ADMIN,
        summary="The activity types that may be ticked, read from Severa.",
        handler=settings.types,
        answer=models.TypesOut,
        problems=(problem.NOT_CONNECTED, problem.SEVERA_NOT_CONNECTED, problem.STOPPED),
    ),
    Operation(
        name="readownsync",
        method="GET",
        path="me/sync",
        who=Who.USER,
        summary="The user's own switch and state, in words.",
        handler=me.read_sync,
        answer=models.OwnSync,
        has_version=True,
    ),
    Operation(
        name="switchownsync",
        method="PUT",
        path="me/sync",
        who=Who.USER,
        summary="Move the user's own switch; on starts the first sync at once (R2).",
        handler=me.switch_sync,
        body=models.OwnSwitchIn,
        answer=models.OwnSync,
        has_version=True,
        problems=(problem.COMPANY_OFF,),
    ),
    Operation(
        name="resync",
        method="POST",
        path="me/resync",
        who=Who.USER,
        summary="Compare both calendars in full, now.",
        handler=me.compare,
        answer=models.OwnSync,
        status=202,
        has_version=True,
        problems=(problem.COMPANY_OFF, problem.SWITCHED_OFF, problem.RUN_UNDER_WAY, problem.JUST_COMPARED),
    ),
    Operation(
        name="presence",
        method="POST",
        path="presence",
        who=Who.USER,
        summary="The user navigated in Severa: they are logged in, and their pair is looked at (R3).",
        handler=me.presence,
        status=204,
    ),
    Operation(
        name="activitychanged",
        method="POST",
        path="activities/{guid}/changed",
        who=Who.USER,
        summary="An activity was changed or removed in Severa: every holder's pair is looked at (R4).",
        handler=me.changed,
        status=204,
        parameters=models.ActivityPath,
        query=models.ChangedQuery,
    ),
    Operation(
        name="companystatus",
        method="GET",
        path="status",
        who=Who.ADMIN,
        summary="Health of the company's feed and of its pairs, page by page; subjects are never shown.",
        handler=status.read,
        query=models.StatusQuery,
        answer=models.StatusOut,
    ),
    Operation(
        name="removecompany",
        method="DELETE",
        path="company",
        who=Who.ADMIN,
        summary="Switch the company off and remove all that is kept of it; repeat until `finished`.",
        handler=company.remove,
        query=company.RemovalQuery,
        answer=company.RemovalOut,
        problems=(problem.STOPPED,),
    ),
    Operation(
        name="openapi",
        method="GET",
        path="openapi.json",
        who=Who.ANYONE,
        summary="This document.",
        handler=_published,
    ),
)
CALLS = {operation.name: operation for operation in _OPERATIONS}


def methods_of(path: str) -> list[str]:
    """The methods that a path is served with."""
    return [operation.method for operation in _OPERATIONS if operation.path == path]
