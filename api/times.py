"""Times as every answer tells them."""

from datetime import UTC, datetime

_OFFSET = len("+00:00")


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC; None stays None.

    >>> moment(datetime(2025, 6, 1, 12, tzinfo=UTC))
    '2025-06-01T12:00:00Z'
    """
    return None if value is None else value.astimezone(UTC).isoformat()[:-_OFFSET] + "Z"
