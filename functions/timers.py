"""The timer triggers."""

from __future__ import annotations

import azure.functions as func

from core import wiring
from core.usecases.sweep import sweep

blueprint = func.Blueprint()


@blueprint.function_name("sweep")
@blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *", run_on_startup=False, use_monitor=True)
async def sweep_timer(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host binds it
    """Every minute: hand out what is due."""
    await sweep(await wiring.ports())
