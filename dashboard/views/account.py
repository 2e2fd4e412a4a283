"""Wallets, logins and API tokens of one user; what changes them is the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.browsers import browser_name
from dashboard.pages import private_page, render_page
from dashboard.visitors import Visitor
from wallet.models import LoginSession
from wallet.selectors import owned
from wallet.selectors.api_tokens import tokens_of
from wallet.selectors.login_sessions import logins_of

MOST_ENDED = 20
"""Tokens that are over are shown as a reminder, not as an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRow:
    """``client`` and ``user_agent`` are what the client said of itself."""

    pk: int
    is_this: bool
    browser: str
    user_agent: str
    address: str
    client: str
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime


@private_page
def account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    now = timezone.now()
    context = {**_wallets(visitor), **_tokens(visitor, now), "sessions": _logins(visitor, now)}
    return render_page(request, "account.html", visitor=visitor, context=context)


def _wallets(visitor: Visitor) -> dict[str, Any]:
    wallets = list(owned.wallet_rows(visitor.user.pk).order_by("id"))
    return {
        "login_wallets": [wallet for wallet in wallets if wallet.can_login],
        "watched_wallets": [wallet for wallet in wallets if not wallet.can_login],
    }


def _tokens(visitor: Visitor, now: datetime) -> dict[str, Any]:
    tokens = list(tokens_of(user=visitor.user))
    return {
        "active_tokens": [token for token in tokens if token.is_valid_at(now)],
        "ended_tokens": [token for token in tokens if not token.is_valid_at(now)][:MOST_ENDED],
    }


def _logins(visitor: Visitor, now: datetime) -> list[LoginRow]:
    """This one first, then who was here last."""
    logins = logins_of(user=visitor.user, now=now).select_related("wallet").order_by("-last_seen_at")
    return sorted((_row(login, visitor) for login in logins), key=lambda row: not row.is_this)


def _row(login: LoginSession, visitor: Visitor) -> LoginRow:
    return LoginRow(
        pk=login.pk,
        is_this=login.pk == visitor.login.pk,
        browser=browser_name(login.user_agent),
        user_agent=login.user_agent,
        address=login.wallet.address,
        client=login.client_address,
        created_at=login.created_at,
        last_seen_at=login.last_seen_at,
        ends_at=login.ends_at,
    )
