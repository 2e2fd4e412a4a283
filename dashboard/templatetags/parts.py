from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from dashboard.parts import Bound

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str) -> str:
    """A part of this page, which ``js/live.js`` asks for again when a frame says that it has changed."""
    page: Bound[Any] = context["live_page"]
    return format_html(
        '<div id="part-{}" class="part" data-on="{}" hx-get="{}" hx-trigger="refresh" hx-swap="morph:innerHTML"'
        ' hx-sync="this:queue last">{}</div>',
        name,
        " ".join(page.page.part(name).on),
        page.address(name),
        mark_safe(page.inside(name)),  # noqa: S308 - a template's own output
    )
