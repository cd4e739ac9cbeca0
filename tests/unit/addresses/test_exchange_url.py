"""The Exchange address as it is typed."""

import pytest

from core.usecases.exchange_url import PROBLEMS, exchange_url_problem


@pytest.mark.parametrize(
    "text",
    [
        "https://outlook.domain.net/EWS/Exchange.asmx",
        "https://mail.customer.example:8443/ews/exchange.asmx",
        "https://sähköposti.example/EWS/Exchange.asmx",
        "https://notoutlook.community/EWS/Exchange.asmx",
        "https://outlook.com.customer.example/EWS/Exchange.asmx",
    ],
)
def test_good_addresses(text: str) -> None:
    """Of any server but Microsoft's own; the first is the help article's example."""
    assert exchange_url_problem(text) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "exchange_url_malformed"),
        ("mail.customer.example", "exchange_url_malformed"),
        ("https://", "exchange_url_malformed"),
        ("https:///EWS", "exchange_url_malformed"),
        ("https://a b/EWS", "exchange_url_malformed"),
        ("https://mail.example/EWS\n", "exchange_url_malformed"),
        ("https://mail.example\\@evil.example/", "exchange_url_malformed"),
        ("https://mail.example:99999/", "exchange_url_malformed"),
        ("https://[::1/", "exchange_url_malformed"),
        ("https://[fe80::1%25eth0]/", "exchange_url_malformed"),
        ("https://mail.example/EWS?x=1", "exchange_url_malformed"),
        ("https://mail.example/EWS#x", "exchange_url_malformed"),
        ("https://" + "a" * 3000, "exchange_url_malformed"),
        ("file:///etc/passwd", "exchange_url_malformed"),
        ("http://mail.example/EWS/Exchange.asmx", "exchange_url_not_https"),
        ("https://user:secret@mail.example/EWS", "exchange_url_with_credentials"),
        ("https://@mail.example/EWS", "exchange_url_with_credentials"),
        ("https://outlook.office365.com/EWS/Exchange.asmx", "exchange_online_address"),
        ("https://OUTLOOK.Office365.com./EWS/Exchange.asmx", "exchange_online_address"),
        ("https://outlook.office.com/EWS/Exchange.asmx", "exchange_online_address"),
        ("https://eur01-prod.outlook.com:443/", "exchange_online_address"),
        ("https://outlook.cloud.microsoft/", "exchange_online_address"),
        ("https://partner.outlook.cn/", "exchange_online_address"),
        ("https://outlook.office365.us/", "exchange_online_address"),
    ],
)
def test_what_is_wrong(text: str, code: str) -> None:
    """Each with a sentence that says what to do."""
    assert exchange_url_problem(text) == code
    assert PROBLEMS[code].endswith(".")
