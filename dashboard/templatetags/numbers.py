"""Numbers for reading: rounded towards zero and aligned, with the exact value on hover."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from api.amounts import plain_text
from dex.amounts import short_units
from dex.types import Token

register = template.Library()

NOTHING = format_html('<span class="quiet" title="{}">-</span>', "not known")
GWEI_DECIMALS = 9


@register.simple_tag
def amount(value: int | None, token: Token) -> SafeString:
    """``value`` base units of ``token``."""
    return _amount(value, token, kind="", sign="")


@register.simple_tag
def result(value: int | None, token: Token) -> SafeString:
    """A gain or a loss: with its sign, and in its colour."""
    return _amount(value, token, kind=_kind(value), sign="+" if value is not None and value > 0 else "")


@register.simple_tag
def percent(bps: int | None) -> SafeString:
    """Basis points as a gain or a loss in percent."""
    if bps is None:
        return NOTHING
    sign = "+" if bps > 0 else ""
    return format_html('<data class="num{}" value="{}">{}{}%</data>', _kind(bps), bps, sign, short_units(bps, 2))


@register.simple_tag
def share(bps: int | None) -> SafeString:
    """Basis points as a plain percentage."""
    if bps is None:
        return NOTHING
    return format_html('<data class="num" value="{}">{}%</data>', bps, short_units(bps, 2))


@register.simple_tag
def gwei(wei: int | None) -> SafeString:
    if wei is None:
        return NOTHING
    return format_html(
        '<data class="num" value="{}" title="{} wei">{} gwei</data>', wei, f"{wei:,}", short_units(wei, GWEI_DECIMALS)
    )


@register.simple_tag
def count(value: int | None) -> SafeString:
    return NOTHING if value is None else format_html('<data class="num" value="{}">{}</data>', value, f"{value:,}")


@register.simple_tag
def height(number: int | None) -> SafeString:
    """A block's number."""
    return NOTHING if number is None else format_html('<span class="block">block {}</span>', f"{number:,}")


def _amount(value: int | None, token: Token, *, kind: str, sign: str) -> SafeString:
    if value is None:
        return NOTHING
    exact = plain_text(value, token.decimals)
    return format_html(
        '<data class="num{}" value="{}" title="{} {}">{}{} <span class="unit">{}</span></data>',
        *(kind, exact, exact, token.symbol),
        *(sign, short_units(value, token.decimals), token.symbol),
    )


def _kind(value: int | None) -> str:
    if value is None or value == 0:
        return ""
    return " good" if value > 0 else " bad"
