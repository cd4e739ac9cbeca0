"""How a simulated service drops a connection.

The application raises `ConnectionDropped`, before or after it has started its answer. The server (server.py) turns
that into a closed socket, the in-process transport (inprocess.py) into `httpx.ReadError` or half a body.
"""

from __future__ import annotations


class ConnectionDropped(Exception):
    """The connection ends here, without the rest of the answer."""
