"""Who asks, as far as the connection tells."""

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

MOST_ADDRESS, MOST_AGENT = 64, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """``address`` is the client's (``NUM_PROXIES`` says how many proxies may name it), ``agent`` what it calls itself;
    both are cut and hold printable characters only."""

    address: str
    agent: str


def visitor_of(request: HttpRequest | Request) -> Visitor:
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # it reads META alone
    return Visitor(
        address=_printable(str(address), MOST_ADDRESS),
        agent=_printable(request.headers.get("User-Agent", ""), MOST_AGENT),
    )


def _printable(text: str, longest: int) -> str:
    return "".join(character for character in text[:longest] if character.isprintable())
