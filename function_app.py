"""Builds the FunctionApp from the blueprints in functions/; nothing else."""

import azure.functions as func

from functions import administration, consent, contract, graph, health, poison, queues, timers, user

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (health, administration, user, consent, contract, graph, queues, poison, timers):
    app.register_functions(module.blueprint)
