"""Which sessions a background host takes, and what it needs to know about each. Runs in the database's thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dex.errors import DexError, HaltSession
from dex.types import Address, BlockRef, Token
from paper_trading.bot.scope import TradingScope
from paper_trading.intelligence.intel_slider import IntelSettings, level, with_overrides
from paper_trading.models import CLAIMABLE_STATUSES, BotSession, CommandStatus, PaperAccount, SessionCommand
from paper_trading.services import leases, sessions
from paper_trading.services.binding import bind_account
from paper_trading.services.deposits import deposits_of
from paper_trading.services.hosts import living_hosts
from paper_trading.services.leases import SessionHeld
from paper_trading.services.orders import WAITING

AT_ONCE = 10
SPARE = 2
"""Sessions over its share that a host may take, so that rounding leaves none without one."""


class OtherInstance(HaltSession):
    """The chain that the session traded on is not the one that is followed now, though it has the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A claimed session with what it trades on; ``problem`` says why it cannot run here."""

    session: BotSession
    lease_token: int
    scope: TradingScope
    settings: IntelSettings | None
    problem: DexError | None = None


def admit(*, owner: str, scope: TradingScope, block: BlockRef, held: int, most: int) -> list[Admitted]:
    """Claim some of what waits on this chain, but leave living hosts their share; nothing where there is no more.

    New accounts are opened at ``block``.
    """
    chain = scope.network.name
    room = min(most - held, _share(chain) - held, AT_ONCE)
    if room <= 0:
        return []
    admitted = []
    for session_id in leases.claimable(chain=chain, most=room):
        try:
            token = leases.claim(session_id=session_id, owner=owner)
        except SessionHeld:
            continue  # another host was quicker
        admitted.append(_admitted(sessions.load(session_id), token, scope, block))
    return admitted


def waiting_commands(session_ids: Sequence[int]) -> dict[int, tuple[SessionCommand, ...]]:
    """What the owners left for these sessions, oldest first."""
    waiting = SessionCommand.objects.filter(session_id__in=session_ids, status=CommandStatus.WAITING).order_by("pk")
    found: dict[int, tuple[SessionCommand, ...]] = {}
    for command in waiting:
        found[command.session_id] = (*found.get(command.session_id, ()), command)
    return found


def oldest_cursor(scope: TradingScope) -> int | None:
    """The block after which some session of the chain still has an order to settle; None where none waits."""
    rows = BotSession.objects.filter(
        trades__status__in=WAITING,
        account__chain_key=scope.chain_key,
        recording="",
        foreground="",
        status__in=CLAIMABLE_STATUSES,
        cursor_block__isnull=False,
    )
    return rows.order_by("cursor_block").values_list("cursor_block", flat=True).first()


def _share(chain: str) -> int:
    live = BotSession.objects.filter(chain=chain, recording="", foreground="", status__in=CLAIMABLE_STATUSES).count()
    hosts = max(1, living_hosts().count())
    return -(-live // hosts) + (SPARE if hosts > 1 else 0)


def _admitted(session: BotSession, token: int, scope: TradingScope, block: BlockRef) -> Admitted:
    try:
        session.account = _account(session, scope, block)
        watched = _watched(session, scope)
        settings = with_overrides(level(session.intel_level), session.overrides)
    except DexError as error:
        return Admitted(session=session, lease_token=token, scope=scope, settings=None, problem=error)
    own = replace(scope, watched=watched)
    return Admitted(session=session, lease_token=token, scope=own, settings=settings)


def _account(session: BotSession, scope: TradingScope, block: BlockRef) -> PaperAccount:
    """The session's account on this instance of the chain, opened where nobody did so yet."""
    account = session.account
    if account.chain_key == scope.chain_key:
        return account
    if session.started_block is not None:
        raise OtherInstance(f"its account lives on another instance of {scope.network.name}")
    deposits = deposits_of(scope.network, account.deposits)
    return bind_account(session=session, chain_key=scope.chain_key, deposits=deposits, block=block)


def _watched(session: BotSession, scope: TradingScope) -> tuple[Token, ...]:
    if not session.tokens:
        return scope.listed
    wanted = {Address(address) for address in session.tokens}
    return tuple(token for token in scope.listed if token.address in wanted)
