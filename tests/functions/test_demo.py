"""The demonstration: the whole story on this machine, and what is said where it cannot be told."""

import asyncio
import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local import demo, story_end, story_first, story_meeting, story_people
from infra.local.demo import SAMPLE
from infra.local.ics import load
from infra.local.outlook import ZONE
from infra.local.screen import Screen
from infra.local.settling import NotInTimeError, settled
from infra.local.stage import Wishes, open_stage
from infra.local.story import prepare, tell
from infra.local.twins import twins
from tests.simulators.severa import Mail
from tests.support.shared import shared_dir

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "infra.local.demo"]

pytestmark = [pytest.mark.usefixtures("azurite"), pytest.mark.timeout(150)]


PROMISES = [
    "What both calendars held already was matched",
    "Nothing is doubled or lost: every entry has one twin, or a reason for having none",
    "Ticked types went to Microsoft; a project task and an unticked type did not",
    "Private stays private on both sides, and an absence shows as out of office",
    "It settles: a second run writes nothing, on either side",
    "Each edit reached the other side",
    "Each took one write, and the edited side was left alone",
    "Field by field: the one conflict was decided, the other field travelled",
    "The value that gave way is kept in history",
    "Series came with their moved, edited and cancelled dates",
    "A changed date reached the other side, and that date alone",
    "Each date took one write, and the edited side was left alone",
    "Proven deletions reached the other side",
    "Nothing else went with them",
    "What was deleted can be read in history",
    "A lost cursor costs a full round and nothing else",
    "A shared activity has a copy in each holder's mailbox, without attendees, and in nobody else's",
    "An edit in one calendar reached the activity and the other calendar, by one write each",
    "A private entry is Personal in Severa, and in its owner's calendar alone",
    "A meeting is one activity: its organizer owns it, invited colleagues take part",
    "The organizer's edit took one write in Severa",
    "Who declines leaves, and nobody else; no meeting was written to",
    "Both sides hold the same in all N linked entries",
    "Whatever has no twin has a reason",
    "Nobody was mailed",
    "No function failed, no message was given up",
]
"""Of every telling, wherever the mailboxes are."""
CONNECTED = "The connection test fails until the delegate script was run, and passes then"
OTHER_COMPANY = [
    CONNECTED,
    "Its first sync matched what both sides held, and doubled nothing",
    "An edit each way arrived by polling, by one write each",
    "Both of Sanna's calendars hold the same, and nobody was mailed",
]


def promised(output: str) -> list[str]:
    """The promises that a story showed as held, in its order."""
    return [re.sub(r"all \d+ linked", "all N linked", one) for one in re.findall(r"(?m)^ {6}held  (.*)$", output)]


def test_the_story_of_the_sample() -> None:
    """Told from one command in less than a minute; every promise holds, and the output is plain text."""
    began = time.monotonic()
    done = subprocess.run(COMMAND, cwd=PROJECT, capture_output=True, text=True, timeout=140, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    assert "30 of 30 promises held" in done.stdout
    assert promised(done.stdout) == [*PROMISES[:-2], *OTHER_COMPANY, *PROMISES[-2:]]
    for shown in (
        "matched: 3",
        "created in Severa: 8",
        "created in Microsoft: 8",
        "left out: 4",
        "Dates of series that are moved, edited or cancelled: 2.",
        "Moved in Outlook: 'Monday morning meeting', from Mon ",
        "Cancelled in Severa: 'Review of open offers' on Tue ",
        "The value that gave way in Severa: 'Urgent: Offer for the harbour warehouse'",
        "Mika gave 'Harbour visit' a place in Outlook: 'Gate 3', now in Severa and in Anna's Outlook.",
        "Mika, Personal",
        "Invited, too: olli@customer.example, who is nobody in Severa.",
        "Both sides hold the same in all 19 linked entries",
        "| New-ManagementRoleAssignment ",
        "'Boat inspection' got a place in Severa, 'Pier 7'.",
        "Mails sent by the two services because of us: 0.",
    ):
        assert shown in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


RELEASES = ["2007", "2010", "2010 SP1", "2010_sp2", "2013", "2013-sp1", "2016", "2019", "SE"]
REAL = ["recurring_with_single_change", "apple_ical", "office_360_nz_tz"]
"""Calendars with series of other continents, endless and changed ones; all nine that we have load in test_demo_ics."""
THOROUGH = os.environ.get("CRASH_POINTS") == "all"


@pytest.mark.parametrize(
    ("release", "calendar"), list(zip(RELEASES, REAL * 3, strict=True)) if THOROUGH else [("2007", REAL[0])]
)
@pytest.mark.usefixtures("unhurried")
def test_the_story_on_an_exchange_server(release: str, calendar: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The same promises hold, for a real calendar where we have one; what differs is said. All in `make thorough`."""
    folder = shared_dir()
    path = folder / "calendars" / f"{calendar}.ics" if folder else SAMPLE
    assert demo.main(["--exchange", release, "--ics", str(path)]) == 0
    out = capfd.readouterr().out
    assert promised(out) == [CONNECTED, *PROMISES]
    assert "27 of 27 promises held" in out
    assert "Kept back" not in out
    assert f"What differs from Microsoft 365 on Exchange Server {release[:2]}" in out or release == "SE"
    assert "Answers ErrorInvalidSyncStateData: 1;" in out


def test_a_release_that_there_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence says which there are; exit code 2, and nothing was started."""
    with pytest.raises(SystemExit, match="2"):
        demo.main(["--exchange", "2003"])
    out, err = capfd.readouterr()
    assert out == ""
    assert "'2003' is no release of Exchange Server that is simulated: 2007 SP1, 2010, 2010 SP1," in err


async def test_a_promise_that_does_not_hold() -> None:
    """It is named, and the story's verdict is no: here Severa sent a mail."""
    shown = io.StringIO()
    async with open_stage() as stage:
        tale = prepare(stage, Screen(shown), load(SAMPLE, datetime.now(UTC), ZONE))
        stage.cast.severa.mails.append(Mail("anna@example.com", "A new activity"))
        assert not await tell(tale, "sample.ics", [story_end.tell_cost])
        assert tale.broken == ["Nobody was mailed"]
    assert "1 of 2 promises held" in shown.getvalue()


@pytest.mark.usefixtures("unhurried")
async def test_calendars_that_differ() -> None:
    """The comparison at the end sees an edit that the service was not told of; a wait for nothing ends in words.

    It sees one date of a series that was changed, one that was cancelled, and one that came back, too.
    """
    shown = io.StringIO()
    async with open_stage() as stage:
        tale = prepare(stage, Screen(shown), load(SAMPLE, datetime.now(UTC), ZONE))
        await story_first.tell_first_sync(tale)
        people, planted = stage.cast.severa.people, tale.planted.series
        first = planted.start.astimezone(ZONE).date()

        async def difference() -> str:
            return next(t.difference for t in await twins(stage) if t.link.activity == planted.guid)

        assert await difference() == ""
        people.edit_occurrence(planted.guid, first + timedelta(weeks=3), location="Elsewhere")
        assert await difference() == "dates"
        people.edit_occurrence(planted.guid, first + timedelta(weeks=3), location=None)
        assert await difference() == ""
        people.cancel_occurrence(planted.guid, first + timedelta(weeks=4))
        assert await difference() == "dates"
        with pytest.raises(
            NotInTimeError, match=r"A miracle did not come about within 0 seconds: the pair's health is"
        ):
            async with settled(stage, "A miracle", 0.3):
                stage.cast.outlook.edit_event((await twins(stage))[0].link.event, {"subject": "Not told"})
        await story_end.tell_calendars(tale)
    assert tale.broken == ["Both sides hold the same in all 19 linked entries"]
    assert "They differ in Not told: subject" in shown.getvalue()


@pytest.mark.usefixtures("unhurried")
async def test_entries_that_are_there_twice() -> None:
    """Each promise about colleagues sees what stands beside the shared, the private and the invited entry."""
    async with open_stage() as stage:
        tale = prepare(stage, Screen(io.StringIO()), load(SAMPLE, datetime.now(UTC), ZONE))
        await story_first.tell_first_sync(tale)
        for subject in (story_people.SHARED, story_people.SECRET, story_meeting.SUBJECT):
            kaisa = stage.cast.everybody[2].mailbox
            stage.cast.outlook.add_event(kaisa, subject, *story_people.hours(tale, 3, 9), {})
        await story_people.tell_people(tale)
        await story_meeting.tell_meeting(tale)
    assert len(tale.broken) == 6


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        ("mailbox", "No mailbox has the e-mail address"),
        ("severa-secret", "Severa refuses the credentials"),
        ("microsoft-secret", "Microsoft refuses the service's own credentials"),
    ],
)
def test_a_mistake_in_what_was_set_up(mistake: str, says: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The pair stops, its health says why and what to do, and the exit code is not zero."""
    assert demo.main(["--wrong", mistake]) == 1
    said = capfd.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_calendar_file_that_is_broken(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2, and nothing was started."""
    (tmp_path / "broken.ics").write_text("hello")
    assert demo.main(["--ics", str(tmp_path / "broken.ics")]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "broken.ics is not a well-formed calendar file" in err


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [("PATH", "/nowhere", "Node.js is missing"), ("AZURITE_HOME", "/nowhere", "Azurite is not installed in /nowhere")],
)
def test_a_machine_without_azurite(
    variable: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One sentence with the remedy, and exit code 2."""
    monkeypatch.setenv(variable, value)
    assert demo.main([]) == 2
    assert says in capfd.readouterr().err


def test_a_story_that_is_stopped() -> None:
    """SIGTERM ends it with one word, and Azurite with it."""
    with subprocess.Popen(COMMAND, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "first sync" not in process.stdout.readline():
            assert process.poll() is None
        children = _children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "Stopped.\n")
    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


async def test_a_stage_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has set is put aside while the stage runs, and is back afterwards."""
    monkeypatch.setenv("SYNC_APP_CERTIFICATE_FILE", "/no/such/file")
    before = dict(os.environ)
    async with open_stage(Wishes(exchange="se")) as stage:
        assert "SYNC_APP_CERTIFICATE_FILE" not in os.environ
        assert os.environ["SYNC_SEVERA_URL"] == stage.severa_url
    await asyncio.sleep(0)
    assert dict(os.environ) == before


def _children(process: int) -> list[str]:
    threads = list(Path(f"/proc/{process}/task").glob("*/children"))
    if not threads:
        pytest.skip("needs Linux's list of a process's children")
    return [child for thread in threads for child in thread.read_text().split()]
