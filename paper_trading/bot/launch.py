"""From what the user asked for to a session that can run: the account and the session, opened or taken up again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from dex.errors import DexError
from paper_trading.bot.venue import Venue
from paper_trading.intelligence.intel_slider import IntelSettings, level, with_overrides
from paper_trading.models import LIVE_STATUSES, Book, BotSession, LedgerEntry, PaperAccount, PostingKind
from paper_trading.selectors import find_account
from paper_trading.services import sessions
from paper_trading.services.accounts import open_account, reset_account
from paper_trading.services.binding import open_unopened, unopened_account
from paper_trading.services.deposits import deposits_of
from paper_trading.services.leases import SessionHeld, claim, this_owner
from trading.selectors.markets import LOCAL_CHAIN
from wallet.services.owner import get_user, local_owner

DEFAULT_LEVEL = 8
MAIN_ACCOUNT = "main"
LIST_SETTING = "signals"
MOST_NAME = 80
PUT_ASIDE = "its local chain was put aside"


class LaunchError(DexError):
    """What was asked for does not fit what is there; one line says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """``intel`` is None where the user named no level; ``overrides`` are ``FIELD=VALUE`` texts; ``deposits_given`` says
    that the venue's deposits are not only the defaults."""

    intel: int | None = None
    overrides: Sequence[str] = ()
    runtime_minutes: float | None = None
    session_name: str = ""
    username: str | None = None
    account_name: str = MAIN_ACCOUNT
    reset: bool = False
    deposits_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """``ends_at`` is when this run ends by itself, also that of a session whose earlier run had another limit;
    ``quote_deposit`` is what the account was opened or reset with, in quote units; ``notes`` are lines for the user."""

    session: BotSession
    settings: IntelSettings
    resumed: bool
    ends_at: datetime | None
    quote_deposit: int
    notes: Sequence[str] = ()


def check(request: RunRequest) -> None:
    """Refuse what can never run before anything is started; raises ``IntelError`` and ``LaunchError``."""
    _settings(request)
    if request.runtime_minutes is not None and not 0 < request.runtime_minutes <= 60 * 24 * 366:
        raise LaunchError(f"--runtime-minutes is above 0 and at most a year, not {request.runtime_minutes:g}")
    if len(request.session_name) > MOST_NAME:
        raise LaunchError(f"--session-name has at most {MOST_NAME} characters, not {len(request.session_name)}")


def prepare(request: RunRequest, venue: Venue) -> Prepared:
    """The account's open session, taken up again, or a new one on an account that is opened where there is none."""
    user = local_owner() if request.username is None else get_user(request.username)
    account = find_account(user_id=user.pk, chain_key=venue.scope.chain_key, name=request.account_name)
    if account is None:
        account = _open_account(user, request, venue)
    elif request.deposits_given and not request.reset:
        raise LaunchError(
            f"account {account.name!r} has its money already: --deposit needs --reset, or a new one by --account NAME"
        )
    elif request.reset:
        account = reset_account(
            account=account,
            deposits={str(token): amount for token, amount in venue.scope.deposits.items()},
            block=venue.opened_at,
        )
    session = sessions.live_session(account)
    ends_at = _ends_at(request)
    if session is not None:
        return Prepared(
            session=sessions.load(session.pk),
            settings=_resumed(session, request),
            resumed=True,
            ends_at=ends_at,
            quote_deposit=_quote_deposit(account),
            notes=_end_put_aside(account, venue),
        )
    settings = _settings(request)
    session = sessions.open_session(
        account=account,
        user=user,
        name=request.session_name,
        chain=venue.scope.network.name,
        intel_level=settings.level,
        overrides=overrides_of(request.overrides),
        recording=venue.recording,
        ends_at=ends_at,
        foreground=this_owner(),
    )
    return Prepared(
        session=session,
        settings=settings,
        resumed=False,
        ends_at=ends_at,
        quote_deposit=_quote_deposit(account),
        notes=_end_put_aside(account, venue),
    )


def _open_account(user: User, request: RunRequest, venue: Venue) -> PaperAccount:
    """A new account, or the one that was asked for before any host followed the chain."""
    scope = venue.scope
    asked = unopened_account(user_id=user.pk, chain_id=scope.network.chain_id, name=request.account_name)
    if asked is not None and scope.live:
        wanted = scope.deposits if request.deposits_given else deposits_of(scope.network, asked.deposits)
        return open_unopened(account=asked, chain_key=scope.chain_key, deposits=wanted, block=venue.opened_at)
    return open_account(
        user=user,
        name=request.account_name,
        chain_id=venue.scope.network.chain_id,
        chain_key=venue.scope.chain_key,
        quote_token=venue.scope.quote.address,
        deposits={str(token): amount for token, amount in venue.scope.deposits.items()},
        block=venue.opened_at,
    )


def _quote_deposit(account: PaperAccount) -> int:
    """As it was booked: a session that is taken up again must go on as it began, whatever this run's options say."""
    opening = LedgerEntry.objects.filter(
        account=account,
        book=Book.WALLET,
        token=account.quote_token,
        posting__kind=PostingKind.OPENING,
        posting__generation=account.generation,
    )
    return sum(opening.values_list("amount", flat=True))


def _end_put_aside(account: PaperAccount, venue: Venue) -> list[str]:
    """Ends what the account of this name still has open on earlier instances of the local chain: they never come back.
    A session that a process runs at this moment is left to it."""
    if not venue.scope.live or venue.scope.network.name != LOCAL_CHAIN:
        return []
    same = BotSession.objects.filter(
        status__in=LIVE_STATUSES,
        recording="",
        account__user=account.user_id,
        account__name=account.name,
        account__chain_id=account.chain_id,
    )
    notes = []
    for session in same.exclude(account__chain_key=account.chain_key).order_by("pk"):
        with suppress(SessionHeld):
            token = claim(session_id=session.pk, owner=this_owner())
            sessions.end(session=session, lease_token=token, reason=PUT_ASIDE)
            notes.append(f"session {session.pk} has ended: {PUT_ASIDE}; its books stay readable")
    return notes


def _resumed(session: BotSession, request: RunRequest) -> IntelSettings:
    settings = with_overrides(level(session.intel_level), session.overrides)
    asked = _settings(request)
    if (request.intel is not None or request.overrides) and asked != settings:
        raise LaunchError(
            f"session {session.pk} is still open with other settings (level {session.intel_level}): run without "
            f"--intel and --set to take it up again, or end it with Ctrl-C first"
        )
    return settings


def _settings(request: RunRequest) -> IntelSettings:
    base = level(DEFAULT_LEVEL if request.intel is None else request.intel)
    overrides = overrides_of(request.overrides)
    return with_overrides(base, overrides) if overrides else base


def overrides_of(texts: Sequence[str]) -> Mapping[str, Any]:
    overrides: dict[str, Any] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if separator == "":
            raise LaunchError(f"--set takes FIELD=VALUE, not {text!r}")
        if name == LIST_SETTING:
            overrides[name] = [part.strip() for part in value.split(",")]
        elif value.isascii() and value.isdigit():
            overrides[name] = int(value)
        else:
            raise LaunchError(f"--set {name} takes a whole number, not {value!r}")
    return overrides


def _ends_at(request: RunRequest) -> datetime | None:
    if request.runtime_minutes is None:
        return None
    return timezone.now() + timedelta(minutes=request.runtime_minutes)
