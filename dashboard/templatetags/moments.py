from datetime import UTC, datetime

from django import template
from django.utils.html import format_html

from api.times import moment as iso

register = template.Library()


@register.simple_tag
def moment(value: datetime | None, otherwise: str = "never") -> str:
    """A time that ``lib/times.js`` tells in the reader's zone; without it, and on hover, it is UTC to the second."""
    if value is None:
        return otherwise
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        iso(value.replace(microsecond=0)),
        f"{utc:%Y-%m-%d %H:%M:%S} UTC",
        f"{utc:%Y-%m-%d %H:%M} UTC",
    )
