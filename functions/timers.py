"""The timer triggers."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.usecases.housekeeping import keep_house
from core.usecases.subscriptions import keep_subscriptions
from core.usecases.sweep import sweep

blueprint = func.Blueprint()


@blueprint.function_name("sweep")
@blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *", run_on_startup=False, use_monitor=True)
async def sweep_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every minute: hand out what is due."""
    await sweep(await wiring.ports())


@blueprint.function_name("subscriptions")
@blueprint.timer_trigger(arg_name="timer", schedule="20 */2 * * * *", run_on_startup=False, use_monitor=True)
async def subscriptions_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every other minute: see to Graph's subscriptions."""
    await keep_subscriptions(await wiring.live())


@blueprint.function_name("housekeeping")
@blueprint.timer_trigger(arg_name="timer", schedule="40 17 * * * *", run_on_startup=False, use_monitor=True)
async def housekeeping_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every hour: go on with today's round of housekeeping, or find it done."""
    await keep_house(await wiring.live())
