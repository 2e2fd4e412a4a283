"""What an owner tells his sessions from outside the process that runs them: start, stop, pause, trade by hand."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from chain.networks import Network
from dex.types import Address
from paper_trading.errors import SessionNotRunning, WrongRequest
from paper_trading.models import (
    LIVE_STATUSES,
    UNOPENED,
    BotSession,
    CommandKind,
    PaperAccount,
    RequestKind,
    SessionCommand,
    SessionStatus,
)
from paper_trading.services import leases, sessions
from paper_trading.services.accounts import newest_account
from paper_trading.services.announcements import account_changed
from paper_trading.services.hand_over import hand_over, require_hosts
from paper_trading.services.nudge import nudge
from paper_trading.services.repeats import came_to, keep
from paper_trading.services.wallet import lock_account
from paper_trading.signals import Change, announce

BY_REQUEST = "stop request"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """``tokens`` are addresses on the network's list, empty for all; ``runtime`` is seconds, None until it is stopped.

    ``deposits`` (``SYMBOL=AMOUNT`` texts) open an account that is not there yet and are refused for one that is. A
    request with the ``key`` of an earlier one is that one.
    """

    user: User
    network: Network
    account_name: str
    intel_level: int
    name: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    tokens: Sequence[Address] = ()
    runtime: int | None = None
    deposits: Sequence[str] = ()
    key: str = ""

    @property
    def digest(self) -> str:
        """The same for two requests that ask for the same."""
        asked = {
            "chain": self.network.chain_id,
            "account": self.account_name,
            "intel": self.intel_level,
            "name": self.name,
            "overrides": dict(self.overrides),
            "tokens": list(self.tokens),
            "runtime": self.runtime,
            "deposits": list(self.deposits),
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """``created`` is False where the account had a session already, or the request is one that was made before."""

    session: BotSession
    created: bool


def start_session(request: StartRequest) -> Started:
    """Insert the session and, once that is committed, hand it to a worker's host.

    However often and from wherever it is called at once: an account has one session. Raises ``BackgroundUnavailable``
    where nothing could run it, and ``WrongRequest``.
    """
    earlier = _earlier(request)
    if earlier is not None:  # whether or not anything new could run now
        return Started(session=earlier, created=False)
    require_hosts()
    with transaction.atomic():
        # Two starts of one user come one after another, so that the second finds what the first inserted.
        User.objects.select_for_update().get(pk=request.user.pk)
        earlier = _earlier(request)
        if earlier is not None:
            return Started(session=earlier, created=False)
        account = newest_account(user_id=request.user.pk, chain_id=request.network.chain_id, name=request.account_name)
        if account is not None:
            session = sessions.live_session(account)
            if session is not None:
                _take_over(session)
                _keep(request, session)
                return Started(session=session, created=False)
            if request.deposits and account.is_opened:
                raise WrongRequest(f"account {account.name!r} has its money already: reset it instead", "deposits")
            if request.deposits and list(request.deposits) != account.deposits:
                raise WrongRequest(f"account {account.name!r} waits to be opened with other deposits", "deposits")
            if lock_account(account.pk).closed_at is not None:
                raise WrongRequest(f"account {account.name!r} is closed", "account")
        else:
            account = PaperAccount.objects.create(
                user=request.user,
                name=request.account_name,
                chain_id=request.network.chain_id,
                chain_key=UNOPENED,
                quote_token=request.network.quote_token,
                deposits=list(request.deposits),
            )
            account_changed(account=account, event="created")
        session = BotSession.objects.create(
            account=account,
            user=request.user,
            name=request.name,
            chain=request.network.name,
            intel_level=request.intel_level,
            overrides=dict(request.overrides),
            tokens=list(request.tokens),
            runtime=request.runtime,
            status=SessionStatus.QUEUED,
            task_id=str(uuid.uuid4()),
        )
        _keep(request, session)
        _announce_status(session)
        transaction.on_commit(lambda: hand_over(session))
    session.refresh_from_db()
    return Started(session=session, created=True)


def _earlier(request: StartRequest) -> BotSession | None:
    return came_to(user=request.user, kind=RequestKind.START, key=request.key, asked=request.digest)


def _keep(request: StartRequest, session: BotSession) -> None:
    keep(user=request.user, kind=RequestKind.START, key=request.key, session=session, asked=request.digest)


def _take_over(session: BotSession) -> None:
    """A session whose terminal is gone goes on in the background; any other stays where it runs."""
    if session.foreground == "" or not leases.is_abandoned(session):
        return
    taken = BotSession.objects.filter(pk=session.pk, lease_token=session.lease_token, status__in=LIVE_STATUSES).update(
        foreground="",
        owner="",
        lease_until=None,
        lease_token=session.lease_token + 1,
        status=SessionStatus.QUEUED,
        task_id=str(uuid.uuid4()),
    )
    if taken:
        session.refresh_from_db()
        _announce_status(session)
        transaction.on_commit(lambda: hand_over(session))


def mark_runnable(*, session_id: int, user_id: int, runtime: int | None) -> BotSession | None:
    """The hand-over task's whole work: a queued session becomes one that hosts claim; again changes nothing.

    None where the user has no such session.
    """
    session = BotSession.objects.select_related("account").filter(pk=session_id, user_id=user_id).first()
    if session is None:
        return None
    wanted: dict[str, Any] = {"status": SessionStatus.OPEN}
    if runtime is not None:
        wanted["runtime"] = runtime
    BotSession.objects.filter(pk=session_id, status=SessionStatus.QUEUED).update(**wanted)
    nudge()
    session.refresh_from_db()
    return session


def refuse_start(*, session_id: int, user_id: int, reason: str) -> BotSession | None:
    """A queued session halts with ``reason`` before any host has it; any other one stays as it is.

    None where the user has no such session.
    """
    with transaction.atomic():
        session = BotSession.objects.select_for_update().filter(pk=session_id, user_id=user_id).first()
        if session is not None and session.status == SessionStatus.QUEUED:
            sessions.end(session=session, lease_token=session.lease_token, reason=reason, halted=True)
    return session


def request_stop(*, session: BotSession, reason: str) -> BotSession:
    """Ask for a graceful end. A session that no host runs ends here and now; one that has ended stays as it is."""
    if not session.is_live:
        return session
    # The wish comes first: whoever claims the session in between sees it.
    wished = BotSession.objects.filter(pk=session.pk, status__in=LIVE_STATUSES)
    with transaction.atomic():
        if wished.exclude(desired_status=SessionStatus.ENDED).update(
            desired_status=SessionStatus.ENDED, stop_reason=reason
        ):
            announce(Change(kind="status", user_id=session.user_id, session_id=session.pk, data={"status": "stopping"}))
        BotSession.objects.filter(pk=session.pk, status=SessionStatus.QUEUED).update(status=SessionStatus.OPEN)
    nudge()
    session.refresh_from_db()
    if session.is_live and leases.is_abandoned(session):
        try:
            token = leases.claim(session_id=session.pk, owner=BY_REQUEST)
        except leases.SessionHeld:
            pass  # a host was quicker, and stops it
        else:
            sessions.end(session=session, lease_token=token, reason=reason)
    session.refresh_from_db()
    return session


def pause_entries(*, session: BotSession, paused: bool) -> BotSession:
    """Whether the session may buy by itself; sales and orders by hand go on. Raises ``SessionNotRunning``."""
    with transaction.atomic():
        changed = BotSession.objects.filter(pk=session.pk, status__in=LIVE_STATUSES).update(entries_paused=paused)
        if changed != 1:
            raise SessionNotRunning(f"session {session.pk} has ended")
        announce(Change(kind="status", user_id=session.user_id, session_id=session.pk, data={"entries_paused": paused}))
    nudge()
    session.refresh_from_db()
    return session


def rename(*, session: BotSession, name: str) -> BotSession:
    session.name = name
    session.save(update_fields=["name"])
    return session


def archive(*, session: BotSession, archived: bool) -> BotSession:
    """Out of the usual lists, or back in them; nothing is deleted. Raises ``WrongRequest`` while it is live."""
    if session.is_live:
        raise WrongRequest(f"session {session.pk} has not ended: stop it first")
    if archived != (session.archived_at is not None):
        session.archived_at = timezone.now() if archived else None
        session.save(update_fields=["archived_at"])
    return session


def order_by_hand(
    *, session: BotSession, user: User, kind: CommandKind, token: str = "", amount: int | None = None, key: str = ""
) -> SessionCommand:
    """Leave a command for the session's next block. With the same ``key`` it is the same command.

    Raises ``SessionNotRunning``, and ``WrongRequest`` where ``key`` was used for another command.
    """
    wanted = {"kind": kind, "token": token, "amount": amount}
    if key and SessionCommand.objects.filter(session=session, key=key).exists():
        return _same_command(session, key, wanted)
    try:
        with transaction.atomic():
            # Held, so that it cannot end between the look and the command, which nobody would then carry out.
            held = BotSession.objects.select_for_update().get(pk=session.pk)
            if not held.is_live or held.desired_status == SessionStatus.ENDED:
                raise SessionNotRunning(f"session {session.pk} takes no orders: it has ended or is stopping")
            command = SessionCommand.objects.create(session=session, user=user, key=key, **wanted)
            announce(
                Change(
                    kind="command",
                    user_id=user.pk,
                    session_id=session.pk,
                    data={"command": command.pk, **_told(command)},
                )
            )
    except IntegrityError:
        return _same_command(session, key, wanted)
    nudge()
    return command


def _told(command: SessionCommand) -> dict[str, Any]:
    return {"kind": command.kind, "token": command.token, "status": command.status}


def _announce_status(session: BotSession) -> None:
    announce(
        Change(
            kind="status",
            user_id=session.user_id,
            session_id=session.pk,
            account_id=session.account_id,
            data={"status": str(session.status)},
        )
    )


def _same_command(session: BotSession, key: str, wanted: Mapping[str, Any]) -> SessionCommand:
    command = SessionCommand.objects.get(session=session, key=key)
    if any(getattr(command, name) != value for name, value in wanted.items()):
        raise WrongRequest("this key was used for another command", "key")
    return command
