"""The scripts that prepare the delegate user: what they do, and that nothing breaks out of its quotes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.usecases.delegate_script import InvalidScriptError, Release, ScriptRequest, check, delegate_script
from core.usecases.powershell import is_quotable, quoted
from tests.unit.delegate.powershell_reader import Token, commands, folded, tokens

ON_PREMISES = [release for release in Release if release is not Release.ONLINE]
LATER = [Release.E2013, Release.E2016, Release.E2019, Release.SE]
NAMES = ("delegate", "organizational_unit", "domain_controller", "scope", "recipient_filter", "assignment")
ARTICLE = "seed/microsoft-exchange-sync-article.txt"
FULL = ScriptRequest(
    Release.E2010,
    "<serviceAccount>",
    "<OrganizationalUnitIdParameter>",
    "<Fqdn>",
    "<scopeName>",
    "<recipientFilter>",
    "<impersonationAssignmentName>",
)
"""As the article names its placeholders."""


def article_commands(shared: Path, first: str) -> list[tuple[str, dict[str, str]]]:
    """The commands of the article's line that begins with `first`, placeholders without their brackets."""
    text = (shared / ARTICLE).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(first))
    return commands(line.strip())


def plain(found: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Without what PowerShell does not tell apart: case, and the brackets of placeholders."""
    return [(name, {p: v.lower().strip("<>") for p, v in arguments.items()}) for name, arguments in found]


# --- the article ------------------------------------------------------------------------------------------------------
def test_2007_does_what_the_article_does(shared: Path) -> None:
    """Both commands, parameter by parameter, with nothing more."""
    made = commands(delegate_script(ScriptRequest(Release.E2007)))
    wanted = article_commands(shared, "Get-ExchangeServer") + article_commands(shared, "Get-MailboxDatabase")
    assert len(wanted) == 5
    assert plain(made) == plain(wanted)


def test_2010_does_what_the_article_does(shared: Path) -> None:
    """All three commands, parameter by parameter.

    More than in the article: `-ResultSize`, without which Exchange stops after 1000 mailboxes, and the domain
    controller at every command, so that each sees what the one before it wrote.
    """
    made = plain(commands(delegate_script(FULL)))
    starts = ("Get-Mailbox -OrganizationalUnit", "New-ManagementScope", "New-ManagementRoleAssignment")
    wanted = plain([one for start in starts for one in article_commands(shared, start)])
    assert [name for name, _ in made] == [name for name, _ in wanted]
    assert len(wanted) == 4
    for (_, given_arguments), (_, article) in zip(made, wanted, strict=True):
        assert article.items() <= given_arguments.items()
        assert given_arguments.keys() - article.keys() <= {"resultsize", "domaincontroller"}


# --- what each release gets -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("release", LATER)
def test_later_releases(release: Release) -> None:
    """A scope and a role assignment in it; an organizational unit limits the scope."""
    scope, assignment = commands(delegate_script(replace(FULL, release=release)))
    assert scope == (
        "new-managementscope",
        {
            "name": "<scopeName>",
            "recipientroot": "<OrganizationalUnitIdParameter>",
            "recipientrestrictionfilter": "<recipientFilter>",
            "domaincontroller": "<Fqdn>",
        },
    )
    assert assignment[1]["customrecipientwritescope"] == "<scopeName>"
    assert assignment[1]["role"] == "ApplicationImpersonation"


@pytest.mark.parametrize("release", ON_PREMISES)
def test_defaults(release: Release) -> None:
    """Nothing has to be given: the article's delegate, everybody's mailbox, no domain controller."""
    script = delegate_script(ScriptRequest(release))
    users = [arguments["user"] for _, arguments in commands(script) if "user" in arguments]
    assert set(users) == {"Sync Delegate"}
    assert "DomainController" not in script
    assert "OrganizationalUnit" not in script


def test_a_domain_controller_in_2007() -> None:
    """Is asked by every command."""
    made = commands(delegate_script(ScriptRequest(Release.E2007, domain_controller="dc1")))
    assert [a.get("domaincontroller") for name, a in made if name != "where"] == ["dc1"] * 4


def test_exchange_online() -> None:
    """RBAC for Applications: principal, scope, role; then the permission for all calendars is taken away."""
    request = ScriptRequest(Release.ONLINE, recipient_filter="MemberOfGroup -eq 'CN=x'", application="app-1")
    made = dict(commands(delegate_script(request)))
    assert made["new-serviceprincipal"]["appid"] == "app-1"
    assert made["new-managementscope"]["recipientrestrictionfilter"] == "MemberOfGroup -eq 'CN=x'"
    assert made["new-managementroleassignment"]["role"] == "Application Calendars.ReadWrite"
    order = [name for name, _ in commands(delegate_script(request))]
    assert order.index("new-managementroleassignment") < order.index("get-mgserviceprincipalapproleassignment")
    assert order[-1] == "test-serviceprincipalauthorization"


# --- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\x00", "a\u2028b", "a\u202eb", "\t", "   ", "x" * 2000])
def test_what_no_line_can_hold(name: str, bad: str) -> None:
    """Line ends, control and direction characters, blanks, and texts that are too long: by the parameter's name."""
    request = replace(ScriptRequest(Release.E2010), **{name: bad})
    assert set(check(request)) == {name}
    with pytest.raises(InvalidScriptError, match=name):
        delegate_script(request)


def test_what_a_release_has_no_use_for() -> None:
    """It is refused rather than dropped, since somebody counts on the limit."""
    unused = {"organizational_unit", "scope", "recipient_filter", "assignment"}
    assert set(check(replace(FULL, release=Release.E2007))) == unused
    assert set(check(replace(FULL, release=Release.ONLINE, application="a"))) == {
        "delegate", "organizational_unit", "domain_controller",
    }  # fmt: skip
    assert set(check(ScriptRequest(Release.ONLINE))) == {"application", "recipient_filter"}


def test_quoting_by_itself() -> None:
    """It refuses too, whoever calls it."""
    with pytest.raises(ValueError, match="visible"):
        quoted("a\nb")
    assert quoted("") == "''"
    assert quoted("O'Brien") == "'O''Brien'"


# --- nothing breaks out -----------------------------------------------------------------------------------------------
NASTY = st.text(
    st.one_of(
        st.sampled_from("'\u2018\u2019\u201a\u201b\"\u201c\u201d\u201e`$(){}|;&#-+[]\\ \u00d1\u00e4\u2013"),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
)
ESCAPES = ["'; Remove-Mailbox x; '", "\u2019; evil; \u2018", "`'", "\u00d1; evil #", "a'+evil+'", "'"]
"""Values that do break out where they are put between quotes as they are, in one code page or another."""


def shape(script: str) -> list[Token]:
    """What the script does, whatever its values are."""
    return [Token("text", "") if token.kind == "text" else token for token in folded(tokens(script))]


@given(
    release=st.sampled_from(ON_PREMISES), name=st.sampled_from(NAMES), value=st.one_of(NASTY, st.sampled_from(ESCAPES))
)
def test_no_input_breaks_out_of_its_quotes(release: Release, name: str, value: str) -> None:
    """Any value that is accepted changes one text of the script and nothing else, read in any code page."""
    usual = ScriptRequest(release)
    if name in check(replace(usual, **{name: "x"})):
        name = "delegate"
    try:
        script = delegate_script(replace(usual, **{name: value}))
    except InvalidScriptError:
        assert value.strip() == "" or not is_quotable(value)
        return
    assert script.isascii()
    assert shape(script) == shape(delegate_script(replace(usual, **{name: "x"} if value else {})))
    if value:
        assert value in [token.value for token in folded(tokens(script)) if token.kind == "text"]


@pytest.mark.parametrize("value", ESCAPES)
def test_the_reader_sees_an_escape(value: str) -> None:
    """Put between quotes as it is, such a value does change the script: the test above can fail."""
    script = delegate_script(ScriptRequest(Release.E2010, delegate="x"))
    naive = script.replace("'x'", f"'{value}'")
    read_as_ansi = naive.encode("utf-8").decode("cp1252", "replace")
    seen = []
    for text in (naive, read_as_ansi):
        try:
            seen.append(shape(text) == shape(script))
        except (ValueError, AssertionError):
            seen.append(False)
    assert not all(seen)
