"""NCRONTAB: six fields, seconds first, in UTC, with the meaning that Azure's timer gives them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.local.host_cron import parse
from infra.local.host_errors import ScheduleError

MOMENT = datetime(2026, 2, 27, 13, 4, 5, 999_999, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("* * * * * *", "2026-02-27T13:04:06"),
        ("5 * * * * *", "2026-02-27T13:05:05"),
        ("0 */5 * * * *", "2026-02-27T13:05:00"),
        ("0 30 9 * * *", "2026-02-28T09:30:00"),
        ("0 0 9-17/4 * * *", "2026-02-27T17:00:00"),
        ("0 50/3 * * * *", "2026-02-27T13:50:00"),
        ("0 0 0 1,15 * *", "2026-03-01T00:00:00"),
        ("0 0 0 31 * *", "2026-03-31T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 3 * * 1-5", "2026-03-02T03:00:00"),
        ("0 0 3 * * 0", "2026-03-01T03:00:00"),
        ("0 30 9 * Jan Mon", "2027-01-04T09:30:00"),
        ("0 0 12 * january,MARCH sunday", "2026-03-01T12:00:00"),
        ("0 0 0 13 * FRI", "2026-03-13T00:00:00"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:59"),
    ],
)
def test_the_next_moment_is_the_first_one_that_matches_every_field(expression: str, expected: str) -> None:
    """Day and day of week must both match, as in NCrontab; the moment itself is never the answer."""
    assert parse(expression).next_after(MOMENT) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_thirtieth_of_february_moves_no_schedule_over_a_day_that_exists() -> None:
    """29 February on a Monday comes once in 28 years, and is found."""
    assert parse("0 0 0 29 2 Mon").next_after(MOMENT) == datetime(2044, 2, 29, tzinfo=UTC)


def test_a_schedule_read_in_another_zone_is_still_in_utc() -> None:
    """The zone of the question does not matter."""
    helsinki = MOMENT.astimezone(timezone(timedelta(hours=2)))
    assert parse("0 0 14 * * *").next_after(helsinki) == datetime(2026, 2, 27, 14, tzinfo=UTC)


def test_moments_in_a_row_have_no_gap_and_no_double() -> None:
    """Following a schedule from moment to moment visits each one once."""
    schedule, moment, seen = parse("0,20,40 58-59 23 * * *"), MOMENT, []
    for _ in range(7):
        moment = schedule.next_after(moment)
        seen.append(f"{moment:%d %H:%M:%S}")
    assert seen == [
        "27 23:58:00",
        "27 23:58:20",
        "27 23:58:40",
        "27 23:59:00",
        "27 23:59:20",
        "27 23:59:40",
        "28 23:58:00",
    ]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("*/5 * * * *", "has 5 fields"),
        ("00:05:00", "has 1 fields"),
        ("60 * * * * *", "'60' is no value of the field second"),
        ("* * * * * 7", "'7' is no value of the field day of week"),
        ("* * * * 0 *", "'0' is no value of the field month"),
        ("* * * * Foo *", "'Foo' is no value of the field month"),
        ("* */0 * * * *", "no step of 1 or more"),
        ("* 5-1 * * * *", "a range that goes down"),
        ("* 1, * * * *", "'' is no value of the field minute"),
        ("* * * * * SUN#1", "is no value of the field day of week"),
        ("0 0 0 30 2 *", "never comes"),
    ],
)
def test_an_expression_that_azure_would_not_run_is_refused(expression: str, reason: str) -> None:
    """The message quotes the expression and names the field."""
    with pytest.raises(ScheduleError, match=reason):
        parse(expression)
