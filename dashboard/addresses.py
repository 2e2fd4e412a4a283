"""Where a visitor may be sent after the login."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2_000


def safe_next(asked: str, *, otherwise: str) -> str:
    """``asked`` where it is a path of this site, else ``otherwise``.

    Browsers read a backslash as a slash and skip tabs and line ends, so neither may be in it.

    >>> safe_next("/account/?a=1", otherwise="/")
    '/account/?a=1'
    >>> safe_next("//evil.example/", otherwise="/"), safe_next("/\\\\evil.example", otherwise="/")
    ('/', '/')
    """
    plain = asked.isascii() and asked.isprintable() and "\\" not in asked and len(asked) <= LONGEST
    if plain and asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return otherwise
