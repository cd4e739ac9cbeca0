"""The timer triggers."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.ports_telemetry import followed
from core.usecases.housekeeping import keep_house
from core.usecases.subscriptions import keep_subscriptions
from core.usecases.sweep import sweep

blueprint = func.Blueprint()


@blueprint.function_name("sweep")
@blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *", run_on_startup=False, use_monitor=True)
async def sweep_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every minute: hand out what is due."""
    with followed(wiring.telemetry(), "sweep") as trail:
        trail.say(sent=await sweep(await wiring.ports()))


@blueprint.function_name("subscriptions")
@blueprint.timer_trigger(arg_name="timer", schedule="20 */2 * * * *", run_on_startup=False, use_monitor=True)
async def subscriptions_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every other minute: see to Graph's subscriptions."""
    with followed(wiring.telemetry(), "subscriptions") as trail:
        trail.say(taken=await keep_subscriptions(await wiring.live()))


@blueprint.function_name("housekeeping")
@blueprint.timer_trigger(arg_name="timer", schedule="40 */10 * * * *", run_on_startup=False, use_monitor=True)
async def housekeeping_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every ten minutes: go on with today's round of housekeeping, or find it done."""
    with followed(wiring.telemetry(), "housekeeping"):
        await keep_house(await wiring.live())
