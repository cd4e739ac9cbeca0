"""The queue triggers: runs of pairs in two lanes, feeds, and what failed for good."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.ports_telemetry import followed
from core.usecases.messages import feed_company, pair_message
from core.usecases.subscriptions import look_at_pair
from core.usecases.work import handle_feed, handle_pair

blueprint = func.Blueprint()
STORAGE = "AzureWebJobsStorage"


@blueprint.function_name("pairs")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs", connection=STORAGE)
async def pairs(message: func.QueueMessage) -> None:
    """One run of one pair: a live change."""
    asked = pair_message(message.get_body())
    with followed(wiring.telemetry(), "run", parent=asked.trace):
        await look_at_pair(await wiring.live(), asked, "pairs")


@blueprint.function_name("pairsfirst")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs-first", connection=STORAGE)
async def pairs_first(message: func.QueueMessage) -> None:
    """One run of one pair whose first sync is not over: it never delays a live change."""
    asked = pair_message(message.get_body())
    with followed(wiring.telemetry(), "run", parent=asked.trace):
        await handle_pair(await wiring.ports(), asked, "pairs-first")


@blueprint.function_name("feeds")
@blueprint.queue_trigger(arg_name="message", queue_name="feeds", connection=STORAGE)
async def feeds(message: func.QueueMessage) -> None:
    """One poll of a company's Severa feed."""
    with followed(wiring.telemetry(), "feed"):
        await handle_feed(await wiring.ports(), feed_company(message.get_body()))
