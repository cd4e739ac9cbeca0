"""How to act in a mailbox of the simulated Microsoft 365 from another terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from infra.local.outlook_graph import GraphOutlook

BEARER: Final = '-H "Authorization: Bearer $GRAPH_TOKEN"'
LINES: Final = f"""\
  Her events       curl -s "$GRAPH/events" {BEARER}
  Change one       curl -s -X PATCH "$GRAPH/events/$EVENT" {BEARER} -H 'Content-Type: application/json' \
-d '{{"subject": "Changed by curl"}}'"""


def variables(outlook: GraphOutlook, mailbox: str, event: str, life: timedelta) -> dict[str, str]:
    """The shell's variables that the lines take; the token lives so long."""
    graph = outlook.simulator
    usual, graph.options.token_seconds = graph.options.token_seconds, int(life.total_seconds())
    token = graph.people.issue_token(outlook.tenant, outlook.client_id)
    graph.options.token_seconds = usual
    return {"GRAPH": f"{outlook.url}/users/{outlook.object_id(mailbox)}", "GRAPH_TOKEN": token, "EVENT": event}
