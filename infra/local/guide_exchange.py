"""How to act in a mailbox of the simulated Exchange Server from another terminal: EWS by curl."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from infra.local.outlook_ews import ACCOUNT, PASSWORD, ExchangeOutlook

CALL: Final = 'curl -s --cacert "$EWS_AUTHORITY" -u "$EWS_USER" "$EWS" -H \'Content-Type: text/xml\' -d'
LINES: Final = f"""\
  Her events       {CALL} "$EWS_EVENTS"
  Change one       {CALL} "$EWS_CHANGE\""""
SHOWN: Final = timedelta(days=30)
_ENVELOPE: Final = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"'
    ' xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Header>'
    '<t:RequestServerVersion Version="{schema}"/><t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>'
    "{mailbox}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></s:Header>"
    "<s:Body>{body}</s:Body></s:Envelope>"
)
_EVENTS: Final = (
    '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape>'
    '<m:CalendarView StartDate="{start}" EndDate="{end}"/>'
    '<m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>'
)
_CHANGE: Final = (
    '<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone">'
    "<m:ItemChanges><t:ItemChange><t:ItemId Id={event} ChangeKey={version}/><t:Updates><t:SetItemField>"
    '<t:FieldURI FieldURI="item:Subject"/><t:CalendarItem><t:Subject>Changed by curl</t:Subject></t:CalendarItem>'
    "</t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
)


def variables(outlook: ExchangeOutlook, mailbox: str, event: str, now: datetime) -> dict[str, str]:
    """The shell's variables that the lines take. curl does not bind NTLM to TLS, so Basic is let in for it."""
    outlook.simulator.methods = 'NTLM, Basic realm="Exchange"'
    start, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (now - SHOWN, now + SHOWN))
    return {
        "EWS": outlook.url,
        "EWS_USER": f"{ACCOUNT}:{PASSWORD}",
        "EWS_AUTHORITY": str(outlook.ca_file),
        "EWS_EVENTS": _request(outlook, mailbox, _EVENTS.format(start=start, end=end)),
        "EWS_CHANGE": _request(outlook, mailbox, _change(outlook, event)) if event else "",
    }


def _change(outlook: ExchangeOutlook, event: str) -> str:
    """Exchange wants to be told a version, and overwrites any."""
    version = outlook.simulator.people.event(event).change_key
    return _CHANGE.format(event=quoteattr(event), version=quoteattr(version))


def _request(outlook: ExchangeOutlook, mailbox: str, body: str) -> str:
    return _ENVELOPE.format(schema=outlook.simulator.release.schema, mailbox=escape(mailbox), body=body)
