"""The pages that a visitor can go to from everywhere."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``name`` is the address's; ``also`` are those of the pages that belong to it."""

    label: str
    name: str
    also: tuple[str, ...] = ()


PLACES = (
    Place(label="Home", name="home", also=("session", "session-new", "trade")),
    Place(label="Portfolio", name="portfolio", also=("portfolio-account",)),
    Place(label="Performance", name="performance"),
    Place(label="Account", name="account"),
    Place(label="Settings", name="settings"),
    Place(label="System", name="system"),
)


def places(request: HttpRequest) -> list[tuple[Place, bool]]:
    """Each with whether the visitor is there now."""
    match = request.resolver_match
    here = None if match is None else match.url_name
    return [(place, here == place.name or here in place.also) for place in PLACES]
