"""Rows of long lists, each written by itself so that it can be kept."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


def line(template: str, **shown: Any) -> SafeString:
    """A row without space around it. Space between rows is a node, too: Idiomorph matches a new row's with one further
    down, and then moves every row out of the page and back."""
    return mark_safe(render_to_string(f"dashboard/{template}", shown).strip())  # noqa: S308 - a template's own output
