"""What the capacity model takes as given: each number with where it comes from, or named an assumption."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """A number, its unit, and its source. `sure`: documented or measured, not assumed."""

    value: float
    unit: str
    source: str
    sure: bool = True


_TABLES = "learn.microsoft.com/azure/storage/tables/scalability-targets"
_QUEUES = "learn.microsoft.com/azure/storage/queues/scalability-targets"
_FLEX = "learn.microsoft.com/azure/azure-functions/flex-consumption-plan, regional subscription quota"
_FLEX_PRICE = "modal.com/blog/azure-function-pricing-guide (2025); region and date change it"
_PRICE = "list prices as quoted publicly in 2026 (Austria East, West Europe: the same); region changes them"
_COUNTED = "tests/contract/whole/test_request_counts.py"
_OURS = "assumption about users"

GIVEN: dict[str, Given] = {
    # --- limits of services
    "account_calls": Given(20_000, "calls/s of a storage account", _TABLES),
    "partition_rows": Given(2_000, "entities/s of a table partition", _TABLES),
    "queue_calls": Given(2_000, "messages/s of a queue", _QUEUES),
    "quota_instances": Given(250, "instances of one core (2,048 MB) in a subscription's region", _FLEX),
    "app_instances": Given(1_000, "instances of an app", _FLEX),
    "graph_app": Given(13_000, "requests/s of an app (130,000 in 10 s)", "learn.microsoft.com/graph/throttling-limits"),
    "severa_company": Given(
        8, "requests/s that we allow ourselves of 10", "facts/severa.md 1.3, core/usecases/limiter.py"
    ),
    # --- what the service does
    "messages_at_once": Given(12, "messages in one instance (batchSize 8 + newBatchThreshold 4)", "host.json"),
    "feed_every": Given(60, "s between two polls of a company's feed", "core/usecases/book.py FEED"),
    "poll_every": Given(900, "s between two looks at a pair whose user is there", "core/usecases/book.py"),
    "away_every": Given(21_600, "s between two looks at a pair whose user is away", "core/usecases/book.py"),
    "sweep_feed_calls": Given(
        4, "storage calls of the sweep for a feed, one after the other", "core/usecases/sweep.py"
    ),
    "sweep_pair_calls": Given(6, "the same for a pair that is served", "core/usecases/sweep.py, hints.py"),
    "sweep_away_calls": Given(4, "the same for one that is not", "core/usecases/sweep.py"),
    "message_calls": Given(3, "queue calls of a message: put, get, delete", "Azure queue trigger"),
    "feed_calls": Given(3, "table calls of an idle poll of the feed", "core/usecases/feed.py"),
    "idle_calls": Given(5, "storage calls of an idle run at most", _COUNTED),
    "change_calls": Given(17, "storage calls of a run that carries over one change, at most", _COUNTED),
    "told_calls": Given(
        8,
        "storage calls of a notification at most (6), and of the sweep that sees later whether its message came (2)",
        "tests/contract/whole/test_notification_counts.py, core/usecases/sweep.py",
    ),
    "rows_at_once": Given(20, "rows that the sweep and housekeeping handle at once", "core/usecases/side_by_side.py"),
    "sweep_seconds": Given(55, "s of each minute that a sweep takes at most", "core/usecases/sweep.py BUDGET"),
    "house_calls": Given(
        2, "table calls of housekeeping for a pair without anything old, beside finding it", "housekeeping.py"
    ),
    "house_seconds": Given(
        12_960, "s of housekeeping in a day: 90 every ten minutes", "core/usecases/housekeeping.py BUDGET"
    ),
    "watch_calls": Given(
        3, "storage calls of the subscriptions timer for an idle company", "test_notification_counts.py"
    ),
    # --- times
    "storage_latency": Given(0.005, "s of a storage call", "assumption: one region, small rows", sure=False),
    "graph_latency": Given(0.15, "s of a Graph request", "assumption", sure=False),
    "severa_latency": Given(0.2, "s of a Severa request", "assumption", sure=False),
    # --- people
    "users_of_company": Given(50, "pairs of a company", "100,000 companies, 5 million pairs", sure=False),
    "present": Given(0.3, "of all users are logged in at the busiest hour", _OURS, sure=False),
    "changes_of_day": Given(8, "changes of a user in a working day, either side", _OURS, sure=False),
    "busiest_hour": Given(0.15, "of a day's changes", _OURS, sure=False),
    "hours_of_day": Given(8, "hours that a user is logged in on a working day", _OURS, sure=False),
    "days_of_month": Given(21, "working days", "calendar", sure=False),
    "entries_of_user": Given(500, "linked entries", _OURS, sure=False),
    "row_bytes": Given(1_200, "bytes of a link's row; there are two", "core/adapters/storage/link_rows.py", sure=False),
    # --- prices, US dollars
    "gb_second": Given(0.000026, "$ per GB-s of an instance that executes", _FLEX_PRICE),
    "million_executions": Given(0.40, "$ per million executions", _FLEX_PRICE),
    "memory_gb": Given(2.0, "GB of an instance", "infra/azure/main.bicep"),
    "table_calls": Given(0.00036, "$ per 10,000 table calls", _PRICE),
    "queue_price": Given(0.004, "$ per 10,000 queue calls", _PRICE),
    "table_gb": Given(0.045, "$ per GB and month, LRS", _PRICE),
    "log_gb": Given(2.99, "$ per GB of logs", _PRICE),
    "log_bytes": Given(1_500, "bytes of an execution's request and its line", "assumption", sure=False),
}


def of(name: str) -> float:
    """The number of that name."""
    return GIVEN[name].value
