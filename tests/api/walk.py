"""All that the resolver knows, and whose the objects behind it are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from paper_trading.models import (
    BotSession,
    Decision,
    FillReceipt,
    PaperAccount,
    PaperTrade,
    Position,
    SessionCommand,
)
from wallet.models import ApiToken, LoginSession, Wallet

BOT = "paper-trading/api/"
API = (BOT, "api/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Objects of one kind; ``user`` is the way from them to their owner."""

    model: type[Model]
    user: str

    def ids(self, user: User) -> list[int]:
        return list(self.model._default_manager.filter(**{self.user: user}).order_by("pk").values_list("pk", flat=True))


OWNED: dict[str, Kind] = {
    f"{BOT}sessions/": Kind(model=BotSession, user="user"),
    f"{BOT}accounts/": Kind(model=PaperAccount, user="user"),
    f"{BOT}trades/": Kind(model=PaperTrade, user="account__user"),
    f"{BOT}positions/": Kind(model=Position, user="account__user"),
    f"{BOT}decisions/": Kind(model=Decision, user="session__user"),
    f"{BOT}commands/": Kind(model=SessionCommand, user="session__user"),
    f"{BOT}receipts/": Kind(model=FillReceipt, user="account__user"),
    "api/auth/sessions/": Kind(model=LoginSession, user="user"),
    "api/tokens/": Kind(model=ApiToken, user="user"),
    "api/wallets/": Kind(model=Wallet, user="user"),
}
"""Where their lists are."""

ON_PAGES: dict[str, Kind] = {
    "sessions/": Kind(model=BotSession, user="user"),
    "decisions/": Kind(model=Decision, user="session__user"),
    "trades/": Kind(model=PaperTrade, user="account__user"),
    "portfolio/": Kind(model=PaperAccount, user="user"),
}
"""Where pages of the ``dashboard`` app show one of them."""

BODIES: Mapping[str, dict[str, Any]] = {
    f"{BOT}sessions/<int:pk>/": {"name": "mine"},
    f"{BOT}sessions/<int:pk>/buy/": {"token": "ETHER", "amount": "1"},
    f"{BOT}sessions/<int:pk>/sell/": {"token": "ETHER", "amount": "1"},
    "api/wallets/<int:pk>/": {"label": "mine"},
}
"""What passes as a body where an empty one does not."""


@dataclass(frozen=True)
class Route:
    path: str
    view: Any

    @property
    def cls(self) -> Any:
        """The view's class, None for a function."""
        return getattr(self.view, "cls", None)

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)

    @property
    def methods(self) -> list[str]:
        if self.cls is None:
            return ["get"]
        return [name for name in self.cls.http_method_names if name != "head" and hasattr(self.cls, name)]

    @property
    def needs(self) -> type | None:
        """The one permission that the view asks for."""
        found = getattr(self.cls, "permission_classes", [])
        return found[0] if len(found) == 1 else None

    @property
    def kind(self) -> Kind:
        """Of the object that the address names."""
        known = [kind for prefix, kind in (OWNED | ON_PAGES).items() if self.path.startswith(prefix)]
        assert len(known) == 1, f"{self.path}: say above whose objects these are"
        return known[0]

    def at(self, pk: int) -> str:
        if "<" not in self.path:
            return f"/{self.path}"
        assert self.path.count("<") == 1, f"{self.path}: say here what its parameters are"
        return "/" + self.path.replace("<int:pk>", str(pk))

    def ask(self, client: Client, method: str, pk: int = 1) -> Any:
        body = None if method == "get" else BODIES.get(self.path, {})
        return getattr(client, method)(self.at(pk), data=body, content_type="application/json")

    def __str__(self) -> str:
        return self.path or "(home)"


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[Route]:
    for part in resolver.url_patterns:
        path = prefix + str(part.pattern)
        if isinstance(part, URLPattern):
            yield Route(path, part.callback)
        else:
            yield from routes(part, path)


ROUTES = list(routes(get_resolver()))
OPEN = {"healthz/", "api/schema/", "api/docs/"}
"""For everyone, without a question."""
ENTRANCES = {"api/auth/challenge/", "api/auth/verify/"}
"""For everyone, and they change something."""
OPEN_PAGES = {"", "login/"}

GUARDED = [route for route in ROUTES if route.is_api and route.path not in OPEN | ENTRANCES]
PAGES = [route for route in ROUTES if not route.is_api and route.path not in OPEN]
DETAILS = [route for route in GUARDED if "<" in route.path]
LISTS = [route for route in GUARDED if route.path in OWNED and "get" in route.methods]
READ_PLAIN = [route for route in GUARDED if "<" not in route.path and "get" in route.methods]
