"""Days, weeks and months: their names, there and back; those before."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.model import Unit
from feedserver.periods import period_at, period_named, periods_back

FRIDAY = datetime(2026, 1, 9, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
UNITS = st.sampled_from(["day", "week", "month"])


@given(MOMENTS, UNITS)
def test_a_name_leads_back_to_its_period(moment: datetime, unit: Unit) -> None:
    period = period_at(moment, unit)

    assert period.start <= moment < period.end
    assert period_named(period.name) == period
    assert (period.before.end, period.after.start) == (period.start, period.end)


@pytest.mark.parametrize(
    ("moment", "unit", "name"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), "week", "2026-W53"),
        (datetime(2024, 12, 30, tzinfo=UTC), "week", "2025-W01"),
        (FRIDAY, "month", "2026-01"),
        (FRIDAY, "day", "2026-01-09"),
    ],
)
def test_weeks_are_those_of_iso_8601(moment: datetime, unit: Unit, name: str) -> None:
    assert period_at(moment, unit).name == name


@pytest.mark.parametrize("name", ["", "current", "2026", "2026-13", "2026-W54", "2026-02-30", "W", "2026-1-9"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        period_named(name)


def test_periods_go_back_to_the_one_with_a_day_in_it() -> None:
    def names(unit: Unit, since: date) -> list[str]:
        return [period.name for period in periods_back(FRIDAY, unit, since)]

    assert names("day", date(2026, 1, 7)) == ["2026-01-09", "2026-01-08", "2026-01-07"]
    assert names("day", date(2026, 1, 10)) == []
    assert names("week", date(2026, 1, 4)) == ["2026-W02", "2026-W01"]
    assert names("week", date(2026, 1, 5)) == ["2026-W02"]
    assert names("month", date(2025, 12, 31)) == ["2026-01", "2025-12"]


def test_a_day_of_a_time_zone_begins_there() -> None:
    period = period_at(datetime(2026, 1, 9, 3, tzinfo=UTC), "day", ZoneInfo("America/New_York"))

    assert (period.name, period.start) == ("2026-01-08", datetime(2026, 1, 8, 5, tzinfo=UTC))
