"""Half a minute of the soak; `make soak` is all of it, with the latencies asserted."""

from __future__ import annotations

import pytest

from infra.local.azurite import AzuriteMissingError
from tests.soak.soak import Soak

LOADED = 60.0
"""Seconds in which nearly every edit is on the other side, however busy the machine is; restarts included."""


@pytest.mark.timeout(300)
async def test_people_edit_while_the_worker_is_killed_and_killed_again() -> None:
    """Fifty pairs: at the end both calendars of each hold the same, nobody was mailed, and no edit is lost.

    Time goes on by more than a lease and a lost message live whenever the worker dies, so that nobody waits for that.
    """
    soak = Soak(12, lives=(2.5, 5), shifts=330, invisibility=5, patience=120)
    try:
        result = await soak.run()
    except AzuriteMissingError as reason:
        pytest.skip(str(reason))
    assert result["restarts"] >= 1
    assert result["pairs"] == 50
    assert (result["never_written"], result["differences"], result["mails"]) == (0, 0, 0), result["examples"]
    assert result["edits"] > 10
    assert result["all"]["p95"] < LOADED
