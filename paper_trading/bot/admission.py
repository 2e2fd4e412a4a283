"""Which sessions a background host takes, and what it needs to know about each. Runs in the database's thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chain.errors import ConfigurationError
from dex.errors import HaltSession
from dex.types import Address, BlockRef, Token
from paper_trading.bot.outages import AWAY
from paper_trading.bot.scope import TradingScope
from paper_trading.intelligence.intel_slider import IntelSettings, level, with_overrides
from paper_trading.models import CLAIMABLE_STATUSES, BotSession, CommandStatus, PaperAccount, SessionCommand
from paper_trading.services import leases, sessions
from paper_trading.services.binding import bind_account
from paper_trading.services.deposits import deposits_of
from paper_trading.services.hosts import living_hosts
from paper_trading.services.orders import WAITING

AT_ONCE = 100
NEW_AT_ONCE = 10
"""Of sessions that have not begun yet: their accounts may have to be opened, which takes some statements for each."""

SHARED_AT_ONCE = 10
"""Sessions that move to another host only so that both have their share: a few, between two blocks."""

SPARE = 2
"""Sessions over its share that a host may take, so that rounding leaves none without one."""


class OtherInstance(HaltSession):
    """The chain that the session traded on is not the one that is followed now, though it has the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A claimed session with what it trades on; ``problem`` says why it cannot run here: a ``DexError`` is for good."""

    session: BotSession
    lease_token: int
    scope: TradingScope
    settings: IntelSettings | None
    problem: Exception | None = None


def admit(*, owner: str, scope: TradingScope, block: BlockRef, held: int, most: int) -> list[Admitted]:
    """Claim some of what waits on this chain, but leave living hosts their share; nothing where there is no more.

    New accounts are opened at ``block``.
    """
    chain = scope.network.name
    room = min(most - held, _share(chain, owner) - held, AT_ONCE)
    if room <= 0:
        return []
    tokens = leases.claim_waiting(chain=chain, owner=owner, most=room, most_new=NEW_AT_ONCE)
    loaded = sessions.load_all(tokens)
    return [_admitted(loaded[pk], token, scope, block) for pk, token in tokens.items() if pk in loaded]


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


def spare(*, chain: str, owner: str, held: int) -> int:
    """How many of the ``held`` sessions of ``owner`` another living host should have, a few at a time; 0 where they are
    well shared."""
    over = held - _share(chain, owner)
    return min(over, SHARED_AT_ONCE) if over > SPARE else 0


def _share(chain: str, owner: str) -> int:
    """Of the sessions that any host may run, and of the one that ``owner`` shows in its terminal."""
    mine = BotSession.objects.filter(foreground__in=("", owner))
    live = mine.filter(chain=chain, recording="", status__in=CLAIMABLE_STATUSES).count()
    # One of this machine that was killed a moment ago takes no more sessions: its share is for the others.
    names = living_hosts(chain=chain).values_list("name", flat=True)
    hosts = max(1, sum(not leases.is_gone(name) for name in names))
    return -(-live // hosts) + (SPARE if hosts > 1 else 0)


def _admitted(session: BotSession, token: int, scope: TradingScope, block: BlockRef) -> Admitted:
    try:
        session.account = _account(session, scope, block)
        watched = _watched(session, scope)
        settings = with_overrides(level(session.intel_level), session.overrides)
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - told to the session: one bad row must not stop the host for all others
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
    watched = tuple(token for token in scope.listed if token.address in wanted)
    if not watched:
        raise ConfigurationError(f"none of its tokens is listed on {scope.network.name}")
    return watched
