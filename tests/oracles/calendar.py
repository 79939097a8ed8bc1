"""Says when working time is over, by another library than the product's and by counting minute for minute.

    python3 tests/oracles/calendar.py > app-api/src/sla/oracle.csv

The product's own answers are compared with these in app-api/src/sla/properties.rs.
"""

import json
import random
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = [
    "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland",
    "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo", "UTC",
]
# Around changes of the clocks somewhere, and days like others.
STARTS = [
    date(2026, 3, 6), date(2026, 3, 27), date(2026, 4, 3), date(2026, 10, 2), date(2026, 10, 23), date(2026, 10, 30),
    date(2024, 2, 27), date(2011, 12, 28), date(2018, 11, 2), date(2025, 12, 30),
]
MINUTE = timedelta(minutes=1)


def ranges(dice: random.Random) -> list[list[int]]:
    """Up to three ranges of a day, which do not touch."""
    edges = sorted(dice.sample(range(0, 1441, 5), 2 * dice.randint(0, 3)))
    return [list(pair) for pair in zip(edges[::2], edges[1::2], strict=True)]


def due(zone: ZoneInfo, week: list[list[list[int]]], holidays: set[date], start: datetime, minutes: int) -> datetime:
    """The end of the last of so many minutes that count."""
    at = start
    while minutes:
        local = at.astimezone(zone)
        of_day = local.hour * 60 + local.minute
        if local.date() not in holidays and any(a <= of_day < b for a, b in week[local.weekday()]):
            minutes -= 1
        at += MINUTE
    return at


def main() -> None:
    """Two hundred questions and their answers."""
    dice = random.Random(2026)
    print("zone;week;holidays;from;minutes;due")
    for _ in range(200):
        name, day = dice.choice(ZONES), dice.choice(STARTS)
        week = [ranges(dice) for _ in range(7)]
        if sum(map(len, week)) < 4:
            week[dice.randrange(7)] = week[dice.randrange(7)] = [[0, 1440]]
        holidays = {day + timedelta(days=dice.randint(-1, 6)) for _ in range(dice.randint(0, 2))}
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) + MINUTE * dice.randrange(2880)
        minutes = dice.randint(1, 2400)
        found = due(ZoneInfo(name), week, holidays, start, minutes)
        told = ",".join(sorted(map(str, holidays)))
        fields = [name, json.dumps(week, separators=(",", ":")), told, f"{start:%FT%TZ}", str(minutes), f"{found:%FT%TZ}"]
        sys.stdout.write(";".join(fields) + "\n")


if __name__ == "__main__":
    main()
