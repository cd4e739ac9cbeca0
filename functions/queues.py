"""The queue triggers: runs of pairs in two lanes, feeds, and what failed for good."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.usecases.messages import feed_company, pair_message
from core.usecases.subscriptions import look_at_pair
from core.usecases.work import handle_feed, handle_pair

blueprint = func.Blueprint()
STORAGE = "AzureWebJobsStorage"


@blueprint.function_name("pairs")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs", connection=STORAGE)
async def pairs(message: func.QueueMessage) -> None:
    """One run of one pair: a live change."""
    await look_at_pair(await wiring.live(), pair_message(message.get_body()), "pairs")


@blueprint.function_name("pairsfirst")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs-first", connection=STORAGE)
async def pairs_first(message: func.QueueMessage) -> None:
    """One run of one pair whose first sync is not over: it never delays a live change."""
    await handle_pair(await wiring.ports(), pair_message(message.get_body()), "pairs-first")


@blueprint.function_name("feeds")
@blueprint.queue_trigger(arg_name="message", queue_name="feeds", connection=STORAGE)
async def feeds(message: func.QueueMessage) -> None:
    """One poll of a company's Severa feed."""
    await handle_feed(await wiring.ports(), feed_company(message.get_body()))
