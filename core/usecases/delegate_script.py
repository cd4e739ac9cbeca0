"""PowerShell that prepares the delegate user of an Exchange Server, by release; pure.

2007 and 2010 do what the commands of the help article do. From 2013 on a scoped role assignment is enough
(facts/microsoft.md G2). For Exchange Online the script limits the application to some mailboxes instead (RBAC for
Applications, facts/microsoft.md F2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from core.usecases.powershell import Arguments, command, is_quotable, quoted

NAME_MAX = 256
SCOPE_NAME_MAX = 64
"""Exchange's own limit on the names of scopes and role assignments."""
FILTER_MAX = 1024


class Release(StrEnum):
    """Where the mailboxes are."""

    E2007 = "2007"
    E2010 = "2010"
    E2013 = "2013"
    E2016 = "2016"
    E2019 = "2019"
    SE = "se"
    ONLINE = "office365"


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """What the script is to contain; an empty text means the default, or that the parameter is left out.

    `organizational_unit` and `domain_controller` limit and place the work, `recipient_filter` is in OPATH, `scope`
    and `assignment` are names that the script gives. `application` is our client id, for Exchange Online.
    """

    release: Release
    delegate: str = ""
    organizational_unit: str = ""
    domain_controller: str = ""
    scope: str = ""
    recipient_filter: str = ""
    assignment: str = ""
    application: str = ""


DEFAULTS: Mapping[str, str] = {
    "delegate": "Sync Delegate",
    "scope": "Severa calendar sync",
    "recipient_filter": "RecipientType -eq 'UserMailbox'",
    "assignment": "Severa calendar sync",
}
_UNUSED: Mapping[Release, frozenset[str]] = {
    Release.E2007: frozenset({"organizational_unit", "scope", "recipient_filter", "assignment"}),
    Release.ONLINE: frozenset({"delegate", "organizational_unit", "domain_controller"}),
}
_NEEDED_ONLINE: Mapping[str, str] = {
    "application": "The client id of the application is needed.",
    "recipient_filter": "Say which mailboxes, for instance: MemberOfGroup -eq '<distinguished name of a group>'.",
}
_CALENDARS = "$_.Value -eq 'Calendars.ReadWrite' -and $_.AllowedMemberTypes -contains 'Application'"
_LONGEST: Mapping[str, int] = {"scope": SCOPE_NAME_MAX, "assignment": SCOPE_NAME_MAX, "recipient_filter": FILTER_MAX}


class InvalidScriptError(ValueError):
    """A script that cannot be; `problems` has a sentence for each parameter concerned."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in sorted(problems.items())))
        self.problems = problems


def delegate_script(request: ScriptRequest) -> str:
    """The script, in ASCII, lines ending in LF. Raises InvalidScriptError."""
    problems = check(request)
    if problems:
        raise InvalidScriptError(problems)
    match request.release:
        case Release.E2007:
            lines = _for_2007(request)
        case Release.E2010:
            lines = _for_2010(request)
        case Release.ONLINE:
            lines = _for_online(request)
        case _:
            lines = _from_2013(request)
    return "\n".join(lines) + "\n"


def check(request: ScriptRequest) -> dict[str, str]:
    """What is wrong, by parameter."""
    problems = {}
    for name in (field.name for field in fields(request) if field.name != "release"):
        value, longest = getattr(request, name), _LONGEST.get(name, NAME_MAX)
        if value and name in _UNUSED.get(request.release, ()):
            problems[name] = f"Exchange {request.release} has no use for this."
        elif len(value) > longest:
            problems[name] = f"At most {longest} characters."
        elif not is_quotable(value):
            problems[name] = "One line, without control characters."
        elif value and not value.strip():
            problems[name] = "Not blanks only."
    if request.release is Release.ONLINE:
        problems |= {name: sentence for name, sentence in _NEEDED_ONLINE.items() if not getattr(request, name)}
    return problems


def _for_2007(request: ScriptRequest) -> list[str]:
    user, near = _value(request, "delegate"), _near(request)
    servers = command("Get-ExchangeServer", near)
    front = [servers, 'Where {$_.ServerRole -match "ClientAccess"}']
    return [
        "# Run this in the Exchange Management Shell, after you have created the delegate user.",
        "# The delegate user may impersonate on all Client Access servers:",
        " | ".join([*front, _grant(user, "ms-Exch-EPI-Impersonation", "None", near)]),
        "",
        "# ... and whoever has a mailbox in any mailbox database:",
        " | ".join([command("Get-MailboxDatabase", near), _grant(user, "ms-Exch-EPI-May-Impersonate", "All", near)]),
    ]


def _grant(user: str, right: str, inheritance: str, near: Arguments) -> str:
    given = (("User", user), ("ExtendedRights", right), ("InheritanceType", inheritance))
    return command("Add-ADPermission", (*given, *near))


def _for_2010(request: ScriptRequest) -> list[str]:
    user, near = _value(request, "delegate"), _near(request)
    unit = _given(request, "organizational_unit", "OrganizationalUnit")
    mailboxes = command("Get-Mailbox", (*unit, *near, ("ResultSize", "Unlimited")))
    access = (("User", user), ("AccessRights", "FullAccess"), ("InheritanceType", "All"))
    return [
        "# Run this in the Exchange Management Shell, after you have created the delegate user.",
        "# Full access to the mailboxes (all of them, not the first 1000 only):",
        f"{mailboxes} | {command('Add-MailboxPermission', (*access, *near))}",
        "",
        *_scoped_assignment(request, ()),
    ]


def _from_2013(request: ScriptRequest) -> list[str]:
    unit = _given(request, "organizational_unit", "RecipientRoot")
    return [
        "# Run this in the Exchange Management Shell, after you have created the delegate user.",
        *_scoped_assignment(request, unit),
    ]


def _scoped_assignment(request: ScriptRequest, root: Arguments) -> list[str]:
    near, scope = _near(request), _value(request, "scope")
    filtered = (("RecipientRestrictionFilter", _value(request, "recipient_filter")),)
    assignment = (
        ("Name", _value(request, "assignment")),
        ("Role", quoted("ApplicationImpersonation")),
        ("User", _value(request, "delegate")),
        ("CustomRecipientWriteScope", scope),
    )
    return [
        "# Which mailboxes the delegate user may act for:",
        command("New-ManagementScope", (("Name", scope), *root, *filtered, *near)),
        "",
        "# The role that lets the delegate user act for them:",
        command("New-ManagementRoleAssignment", (*assignment, *near)),
    ]


def _for_online(request: ScriptRequest) -> list[str]:
    scope, app = _value(request, "scope"), quoted(request.application)
    found = quoted(f"AppId eq '{request.application}'")
    graph = quoted("AppId eq '00000003-0000-0000-c000-000000000000'")
    assignment = (
        ("Name", _value(request, "assignment")),
        ("App", "$service.Id"),
        ("Role", quoted("Application Calendars.ReadWrite")),
        ("CustomResourceScope", scope),
    )
    known = (("AppId", app), ("ObjectId", "$service.Id"), ("DisplayName", quoted("Severa calendar sync")))
    filtered = (("Name", scope), ("RecipientRestrictionFilter", _value(request, "recipient_filter")))
    principal = (("ServicePrincipalId", "$service.Id"),)
    granted = command("Get-MgServicePrincipalAppRoleAssignment", principal) + " -All"
    taken_away = command("Remove-MgServicePrincipalAppRoleAssignment", (*principal, ("AppRoleAssignmentId", "$_.Id")))
    return [
        "# Run this after the consent, with the modules Microsoft.Graph and ExchangeOnlineManagement.",
        "# What you change here takes effect within two hours.",
        "Connect-MgGraph -Scopes 'Application.Read.All','AppRoleAssignment.ReadWrite.All'",
        "Connect-ExchangeOnline",
        f"$service = Get-MgServicePrincipal -Filter {found}",
        "",
        "# Which mailboxes the application may open, and the role for them:",
        command("New-ServicePrincipal", known),
        command("New-ManagementScope", filtered),
        command("New-ManagementRoleAssignment", assignment),
        "",
        "# Permissions add up: the one for all calendars, from the consent, must go.",
        f"$graph = Get-MgServicePrincipal -Filter {graph}",
        f"$role = $graph.AppRoles | Where {{{_CALENDARS}}}",
        f"{granted} | Where {{$_.AppRoleId -eq $role.Id}} | ForEach {{{taken_away}}}",
        "",
        "# What the application may open now:",
        f"Test-ServicePrincipalAuthorization -Identity {app}",
    ]


def _value(request: ScriptRequest, name: str) -> str:
    return quoted(getattr(request, name) or DEFAULTS[name])


def _given(request: ScriptRequest, name: str, parameter: str) -> Arguments:
    value = getattr(request, name)
    return ((parameter, quoted(value)),) if value else ()


def _near(request: ScriptRequest) -> Arguments:
    return _given(request, "domain_controller", "DomainController")
