"""A session's life: opened, begun at the block where its worth is first known, ended."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Now
from django.utils import timezone

from dex.types import Address, BlockRef
from paper_trading.models import (
    LIVE_STATUSES,
    BotSession,
    CommandStatus,
    PaperAccount,
    PaperTrade,
    SessionCommand,
    SessionStatus,
    TradeStatus,
)
from paper_trading.selectors.wallets import balances
from paper_trading.services.leases import LeaseLost, fenced
from paper_trading.services.orders import WAITING
from paper_trading.services.positions import inherit_position
from paper_trading.signals import Change, announce


def live_session(account: PaperAccount) -> BotSession | None:
    """The account's session that has not ended; the database allows one."""
    return BotSession.objects.filter(account=account, status__in=LIVE_STATUSES).first()


def load(session_id: int) -> BotSession:
    """The session with its account and user, so that no later look-up happens inside an event loop."""
    return BotSession.objects.select_related("account", "user").get(pk=session_id)


def load_all(session_ids: Collection[int]) -> dict[int, BotSession]:
    """Those of ``session_ids`` that have not ended, each as ``load`` gives it."""
    live = BotSession.objects.select_related("account", "user").filter(pk__in=session_ids, status__in=LIVE_STATUSES)
    return {session.pk: session for session in live}


def open_session(
    *,
    account: PaperAccount,
    user: User,
    name: str,
    chain: str,
    intel_level: int,
    overrides: Mapping[str, Any],
    recording: str,
    ends_at: datetime | None,
    foreground: str = "",
) -> BotSession:
    return BotSession.objects.create(
        foreground=foreground,
        account=account,
        user=user,
        name=name,
        chain=chain,
        intel_level=intel_level,
        overrides=dict(overrides),
        recording=recording,
        ends_at=ends_at,
    )


def set_end(*, session_id: int, lease_token: int, ends_at: datetime | None) -> None:
    """When the session ends by itself, as its newest run wants it; None: when it is stopped. Raises ``LeaseLost``."""
    if fenced(session_id=session_id, token=lease_token).update(ends_at=ends_at) != 1:
        raise LeaseLost(f"session {session_id} was taken over by another process")


def set_foreground(*, session_id: int, lease_token: int, owner: str) -> None:
    """Only ``owner`` runs the session from now on, until it is handed over; raises ``LeaseLost``."""
    if fenced(session_id=session_id, token=lease_token).update(foreground=owner) != 1:
        raise LeaseLost(f"session {session_id} was taken over by another process")


def mark_stopping(*, session_ids: Collection[int]) -> None:
    """Nothing new is decided any more in these; their orders still settle."""
    BotSession.objects.filter(pk__in=session_ids, status=SessionStatus.RUNNING).update(status=SessionStatus.STOPPING)


def push_back(*, session: BotSession, lease_token: int, error: str, rest: timedelta, most: int) -> bool:
    """A session that failed rests for ``rest`` and may then be claimed again, by any host.

    At its ``most``-th failure in a row it halts with the reason, positions kept: True then. Raises ``LeaseLost``.
    """
    failures = session.failures + 1
    if failures >= most:
        end(session=session, lease_token=lease_token, reason=f"failed {failures} times: {error}", halted=True)
        return True
    with transaction.atomic():
        retry_at = ExpressionWrapper(Now() + Value(rest), output_field=DateTimeField())
        pushed = fenced(session_id=session.pk, token=lease_token).update(
            owner="",
            lease_until=None,
            lease_token=F("lease_token") + 1,
            failures=failures,
            retry_at=retry_at,
            last_error=error,
        )
        if pushed != 1:
            raise LeaseLost(f"session {session.pk} was taken over by another process")
        _announce(session, "warning", failures=failures, error=error, retry_seconds=rest.total_seconds())
    return False


def forget_failures(*, session_ids: Collection[int]) -> None:
    """These went well for a while: what failed before counts no more."""
    BotSession.objects.filter(pk__in=session_ids).update(failures=0)


def begin(
    *,
    session: BotSession,
    lease_token: int,
    block: BlockRef,
    equity: int,
    inherited: Mapping[Address, tuple[int, int]],
) -> None:
    """Fix what the result is measured against: the worth at ``block``, in quote units, and what was held then.

    ``inherited`` names deposits that are taken over as positions: quantity and worth by token.
    """
    with transaction.atomic():
        held = balances(session.account)
        state = {**session.state, "start_balances": {token: str(amount) for token, amount in held.items()}}
        if (
            fenced(session_id=session.pk, token=lease_token).update(
                started_block=block.number, start_equity=equity, state=state
            )
            != 1
        ):
            raise LeaseLost(f"session {session.pk} was taken over by another process")
        for token, (quantity, worth) in inherited.items():
            inherit_position(session=session, token=token, quantity=quantity, cost=worth, block=block)
        _announce(session, "startup", block=block.number, start_equity=str(equity))
    session.started_block, session.start_equity, session.state = block.number, equity, state


def end(*, session: BotSession, lease_token: int, reason: str, halted: bool = False) -> None:
    """Ends the session; orders that no block took yet are cancelled, positions stay. Ending again changes nothing."""
    with transaction.atomic():
        ended = fenced(session_id=session.pk, token=lease_token).update(
            status=SessionStatus.HALTED if halted else SessionStatus.ENDED,
            end_reason=reason,
            ended_at=timezone.now(),
            owner="",
            lease_until=None,
        )
        if ended != 1 and not _ended_with(session.pk, lease_token):
            raise LeaseLost(f"session {session.pk} was taken over by another process")
        PaperTrade.objects.filter(session=session, status__in=WAITING).update(
            status=TradeStatus.CANCELLED, revert_reason=f"the session ended: {reason}"
        )
        waiting = SessionCommand.objects.filter(session=session, status=CommandStatus.WAITING)
        waiting.update(status=CommandStatus.REFUSED, reason=f"the session ended: {reason}", done_at=Now())
        if ended == 1:
            _announce(session, "status", status="halted" if halted else "ended", reason=reason)
    session.refresh_from_db()


def _ended_with(session_id: int, lease_token: int) -> bool:
    ended = BotSession.objects.filter(pk=session_id, lease_token=lease_token).exclude(status__in=LIVE_STATUSES)
    return ended.exists()


def _announce(session: BotSession, kind: str, **data: Any) -> None:
    announce(
        Change(kind=kind, user_id=session.user_id, session_id=session.pk, account_id=session.account_id, data=data)
    )
