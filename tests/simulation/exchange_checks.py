"""What an old Exchange Server cannot hold, by rules of the simulation (docs/decisions/0011-exchange-server.md)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.simulation.dates import is_series, rule_of
from tests.simulation.exchange import ServerMailbox
from tests.simulation.stage import Person, Stage
from tests.simulators.ews.ids import undated
from tests.simulators.ews.releases import has
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity

_MONDAY, _SUNDAY = 0, 6


def untold(stage: Stage, person: Person) -> set[str]:
    """Activities that the server refuses, and events that Severa cannot hold; both is told.

    There it matters that weeks begin on Sunday for the one and on Monday for the other.
    """
    if not isinstance(person.mailbox, ServerMailbox):
        return set()
    if has(person.mailbox.server.simulator.release.schema, "FirstDayOfWeek"):
        return set()
    found = {one.guid for one in stage.activities(person) if is_series(one) and _week_matters(person, one)}
    return found | {one.immutable_id for one in stage.events(person) if is_series(one) and _week_matters(person, one)}


def mailed_by_servers(stage: Stage) -> Counter[tuple[str, str]]:
    """How often a call had which attendee told of which meeting; a problem where people know no such meeting."""
    told, people = Counter[tuple[str, str]](), stage.graph.people
    meetings = {people.event(one.event).ical_uid: one for one in stage.ledger.meetings.values()}
    for mail in people.mails_of_servers():
        if (meeting := meetings.get(undated(mail.uid)[0])) is None:
            stage.problem("nobody mailed", str(mail))
        else:
            told[meeting.sign, mail.attendee] += 1
    return told


def _week_matters(person: Person, entry: Activity | Event) -> bool:
    rule = rule_of(person, entry)
    if rule.frequency != "weekly" or rule.interval == 1 or len(rule.weekdays) == 1:
        return False
    until = rule.first.replace(year=rule.first.year + 1)
    by_start = [replace(rule, week_start=start).between(rule.first, until) for start in (_MONDAY, _SUNDAY)]
    return by_start[0] != by_start[1]
