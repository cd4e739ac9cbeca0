"""What a queue message makes happen: a run, and what is to follow it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.ids import CompanyId
from core.model.rows import Due
from core.ports import Ports
from core.ports_telemetry import current
from core.usecases.feed import poll_feed
from core.usecases.hints import FEEDS, PairMessage, Why, came_to_nothing, is_superseded, put_back
from core.usecases.report import Outcome, Report
from core.usecases.run import run_pair

SECOND_LOOK = 20.0
"""Seconds until the one more look after a hint whose run found nothing (design.md section 5)."""
SOON = timedelta(minutes=1)
"""Whatever waits longer is put into the book of what is due, where several waits for one minute are one row."""


async def handle_pair(ports: Ports, message: PairMessage, queue: str) -> Report:
    """Run the pair. "Later" is a fresh message with a delay and its own count of attempts, never a raised error."""
    current().say(company=message.pair.company, user=message.pair.user, lane=queue)
    current().say(why=message.why.value, attempt=message.attempt)
    if await is_superseded(ports, message):
        current().say(outcome=Outcome.SKIPPED.value, code="superseded")
        return Report(Outcome.SKIPPED, "superseded")
    report = await run_pair(ports, message.pair)
    current().say(**report.summary())
    match report.outcome:
        case Outcome.LATER:
            later = replace(message, why=Why.LATER, attempt=message.attempt + 1)
            await put_back(ports, later, queue, _seconds(ports, report))
        case Outcome.BUSY:
            # Whatever comes in meanwhile waits for this message, and most runs are short.
            soon = min(_seconds(ports, report), 1.0 * 2 ** min(message.attempt, 10))
            await put_back(ports, replace(message, attempt=message.attempt + 1), queue, soon)
        case Outcome.DONE:
            await _follow_up(ports, message, queue, report)
        case Outcome.SKIPPED | Outcome.STOPPED:
            # Nothing would come of another look: a person, a sign of life or the book asks for the next one.
            await came_to_nothing(ports, message.pair)
        case Outcome.TAKEN_OVER:
            pass  # The run that has the lease looks, and sees what came in.
    return report


async def _follow_up(ports: Ports, message: PairMessage, queue: str, report: Report) -> None:
    message = replace(message, attempt=0, until=0, epoch=0)
    if report.arrived:
        await ports.queues.put(queue, replace(message, why=Why.HINT).body())
    elif report.again is not None and report.again - ports.clock.now() > SOON:
        minute = (report.again + timedelta(seconds=59)).replace(second=0, microsecond=0)
        await ports.due.put(Due(minute, message.pair.company, message.pair.user))
    elif report.again is not None:
        await ports.queues.put(queue, replace(message, why=Why.LATER).body(), _seconds(ports, report))
    elif not report.noticed and message.why is Why.HINT:
        # Services show changes late.
        await ports.queues.put(queue, replace(message, why=Why.AGAIN).body(), SECOND_LOOK)


def _seconds(ports: Ports, report: Report) -> float:
    return max(0.0, (report.again - ports.clock.now()).total_seconds()) if report.again is not None else 0.0


async def handle_feed(ports: Ports, company: CompanyId) -> int:
    """Poll the company's feed; how many activities were passed on."""
    return await poll_feed(ports, company)


async def ask_for_feed(ports: Ports, company: CompanyId) -> None:
    """Put the company's feed into its queue."""
    await ports.queues.put(FEEDS, {"company": company})
