"""What a test of the connection says, in words: a sentence for what passed, (sentence, remedy) for every other code."""

from __future__ import annotations

from core.model.connection import Check

PASSED: dict[Check, str] = {
    Check.SEVERA_TOKEN: "Severa's API accepts the credentials.",
    Check.SEVERA_SCOPES: "The credentials cover everything that is needed.",
    Check.ACTIVITY_TYPES: "There are activity types for events and for private events.",
    Check.SEVERA_MAILS: "Severa does not mail anybody about new activities.",
    Check.TENANT: "A Microsoft 365 organization is connected.",
    Check.APP_TOKEN: "Microsoft gives the service access to the organization.",
    Check.DIRECTORY: "Users can be found by their addresses.",
    Check.ADDRESS: "The server's address is known and may be reached.",
    Check.TLS: "The connection is encrypted and the server's certificate is trusted.",
    Check.LOGIN: "The server accepts the delegate user's name and password.",
    Check.VERSION: "The server says which release it is.",
    Check.IMPERSONATION: "The delegate user may act for a user's mailbox.",
    Check.MAILBOX: "A mailbox answers.",
    Check.CALENDAR: "The calendar can be read.",
}
SKIPPED = "This was not tried, because an earlier step failed."
_SCRIPT = "Run the delegate script of the settings in the Exchange Management Shell, and wait a few minutes."
_URL = "Compare it with Get-WebServicesVirtualDirectory | Format-List ExternalUrl on the server."
_CERTIFICATE = "Give the Exchange Server a certificate of a public authority for this name."
_AUTHORITY = "Enter the authority's certificate in the settings, or give the Exchange Server one of a public authority."

TABLE: dict[str, tuple[str, str]] = {
    "severa_scopes_missing": (
        "The credentials for Severa's API lack scopes.",
        "Add the scopes that are named here to the credentials in Severa.",
    ),
    "no_personal_type": (
        "No activity type of the category personal is active, so private events go to the default type.",
        "Activate one in Severa, or decide in the settings what becomes of private events.",
    ),
    "severa_may_mail": (
        "Severa may send e-mail to the owner of each new activity; it does not say whether that holds for its API.",
        "Switch the mail about new activities off in these users' notification settings in Severa before the start.",
    ),
    "directory_denied": (
        "Microsoft 365 does not let the service find users by their addresses.",
        "Grant the permissions again, all of them; User.Read.All is missing.",
    ),
    "no_mailbox_answers": (
        "None of the mailboxes that were tried is in Microsoft 365.",
        "Check that users have mailboxes there, and that their addresses in Severa are the mailboxes' addresses.",
    ),
    "mailboxes_denied": (
        "Microsoft 365 refuses every mailbox that was tried.",
        "Grant the permissions again, or let the service into the mailboxes with RBAC for Applications.",
    ),
    "exchange_url_missing": ("The address of Exchange Web Services is missing.", "Enter it. " + _URL),
    "exchange_credentials_missing": (
        "The delegate user's name or password is missing.",
        "Enter both, and the domain.",
    ),
    "tls_certificate_expired": ("The server's certificate is out of date.", "Renew it on the Exchange Server."),
    "tls_certificate_of_another_name": ("The server's certificate is for another name.", _CERTIFICATE),
    "tls_certificate_untrusted": (
        "The server's certificate comes from an authority that is not trusted.",
        _AUTHORITY,
    ),
    "tls_certificate_weak": (
        "The server's certificate, or one above it, has a short key or a SHA-1 signature, which is not safe any more.",
        "Renew it on the Exchange Server; where that cannot be, choose old TLS in the settings for this server.",
    ),
    "tls_refused": (
        "The server does not speak TLS 1.2 or later.",
        "Switch TLS 1.2 on for the Exchange Server; where that cannot be, choose old TLS in the settings for it.",
    ),
    "exchange_login_refused": (
        "The Exchange Server refuses the delegate user's name or password; the password may have expired.",
        "Enter both again, with a password that does not expire. They were tried once, so that no account is locked.",
    ),
    "exchange_password_expired": (
        "The delegate user's password has expired, or must be changed.",
        "Give the user a password that does not expire, in Active Directory, then enter it here.",
    ),
    "exchange_account_locked": (
        "The delegate user's account is locked.",
        "Unlock it in Active Directory, then enter the password again.",
    ),
    "exchange_login_method": (
        "The Exchange Server offers neither NTLM nor basic authentication.",
        "Allow one of them for the EWS virtual directory: Set-WebServicesVirtualDirectory.",
    ),
    "exchange_redirects": ("The address leads to another one, which is not followed.", "Correct it. " + _URL),
    "exchange_forbidden": (
        "The Exchange Server denies the service access to Exchange Web Services.",
        "Allow it: Get-OrganizationConfig | Format-List Ews*, and the delegate user's Get-CASMailbox.",
    ),
    "exchange_not_ews": ("What answers at the address is not Exchange Web Services.", "Correct it. " + _URL),
    "exchange_too_old": (
        "The server is older than Exchange 2007 with Service Pack 1.",
        "Install a Service Pack, or a later release.",
    ),
    "exchange_is_online": (
        "What answers is Exchange Online, where Microsoft has shut Exchange Web Services off.",
        "Choose the version Office 365 and grant permissions.",
    ),
    "exchange_other_release": (
        "The server is of another release than the settings say; the server counts.",
        "Correct the release in the settings, or leave it empty.",
    ),
    "exchange_no_address": (
        "No user of the company has an e-mail address in Severa, so no mailbox was tried.",
        "Put Severa in order first, then test again.",
    ),
    "exchange_impersonation_denied": ("The delegate user may not act for the mailboxes that were tried.", _SCRIPT),
    "exchange_impersonation_denied_on_server": (
        "The delegate user may not act for anybody on this client access server.",
        _SCRIPT,
    ),
    "exchange_impersonation_failed": (
        "The Exchange Server could not let the delegate user act for somebody else.",
        "Look into the server's event log: its connection to Active Directory is not in order.",
    ),
    "exchange_mailbox_not_found": (
        "The Exchange Server has no mailbox with the addresses that were tried.",
        "Make the addresses in Severa the primary addresses of the mailboxes.",
    ),
    "exchange_calendar_denied": ("The mailbox opens, but its calendar cannot be read.", _SCRIPT),
}
PASSING: dict[str, tuple[str, ...]] = {
    "The Exchange Server does not answer as it should at the moment.": ("exchange_unavailable", "exchange_unreachable"),
    "The name of the Exchange Server in the settings leads to no address at the moment.": ("address_unknown",),
}
