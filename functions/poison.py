"""Messages that failed five times: recorded in history and health, never lost in silence."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.ports_telemetry import followed
from core.usecases.poison import record_poison

blueprint = func.Blueprint()
STORAGE = "AzureWebJobsStorage"


@blueprint.function_name("pairspoison")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs-poison", connection=STORAGE)
async def pairs_poison(message: func.QueueMessage) -> None:
    """A run that failed for good."""
    with followed(wiring.telemetry(), "poison") as trail:
        trail.say(lane="pairs", recorded=int(await record_poison(await wiring.ports(), "pairs", message.get_body())))


@blueprint.function_name("pairsfirstpoison")
@blueprint.queue_trigger(arg_name="message", queue_name="pairs-first-poison", connection=STORAGE)
async def pairs_first_poison(message: func.QueueMessage) -> None:
    """A first sync that failed for good."""
    with followed(wiring.telemetry(), "poison") as trail:
        trail.say(
            lane="pairs-first",
            recorded=int(await record_poison(await wiring.ports(), "pairs-first", message.get_body())),
        )


@blueprint.function_name("feedspoison")
@blueprint.queue_trigger(arg_name="message", queue_name="feeds-poison", connection=STORAGE)
async def feeds_poison(message: func.QueueMessage) -> None:
    """A feed's poll that failed for good."""
    with followed(wiring.telemetry(), "poison") as trail:
        trail.say(lane="feeds", recorded=int(await record_poison(await wiring.ports(), "feeds", message.get_body())))
