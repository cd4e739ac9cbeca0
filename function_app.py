"""Builds the FunctionApp from the blueprints in functions/; nothing else."""

import azure.functions as func

from functions import health, poison, queues, timers

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (health, queues, poison, timers):
    app.register_functions(module.blueprint)
