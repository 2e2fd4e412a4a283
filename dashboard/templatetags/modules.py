from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join

from dashboard.modules import imports_of

register = template.Library()


@register.simple_tag
def module(entry: str) -> str:
    """The script element of an ES module, and a preload for each module that it imports."""
    preloads = format_html_join(
        "\n  ", '<link rel="modulepreload" href="{}">', ((static(one),) for one in imports_of(entry))
    )
    return format_html('<script type="module" src="{}"></script>\n  {}', static(entry), preloads)
