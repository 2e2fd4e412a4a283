from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard.parts import Bound

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str) -> str:
    """A part of this page, which ``js/live.js`` asks for again when a frame says that it has changed."""
    page: Bound[Any] = context["live_page"]
    return _placed(page, name, kind="part", inside=mark_safe(page.inside(name)))  # noqa: S308 - a template's own output


@register.simple_tag(takes_context=True)
def later(context: template.Context, name: str) -> str:
    """The empty place of a part: a script of the page asks for it when somebody wants to see it, and makes it a
    ``part`` like all others."""
    return _placed(context["live_page"], name, kind="later", inside=SafeString())


def _placed(page: Bound[Any], name: str, *, kind: str, inside: SafeString) -> str:
    return format_html(
        '<div id="part-{}" class="{}" data-on="{}" hx-get="{}" hx-trigger="refresh" hx-swap="morph:innerHTML"'
        ' hx-sync="this:queue last">{}</div>',
        name,
        kind,
        " ".join(page.page.part(name).on),
        page.address(name),
        inside,
    )
