"""A user with something of everything, made by the services that make it in earnest."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone

from chain.source import MarketStart
from dex.types import Address, Token
from paper_trading.intelligence.base import Action, Reading
from paper_trading.intelligence.base import Decision as Thought
from paper_trading.models import BotHost, BotSession, CommandKind, PaperAccount, SessionStatus
from paper_trading.services.accounts import create_account
from paper_trading.services.control import order_by_hand
from paper_trading.services.decisions import Decided, Thoughts, store_thoughts
from paper_trading.services.sessions import open_session
from tests.paper_trading.world import GENESIS, USDC, WBTC, WETH, World, block_at, new_account, new_session
from tests.support.paths import pool_info
from trading.networks import networks
from trading.services import observe_market, register_market

DEVNET = networks()["devnet"]
TOKENS = {
    address: Token(chain_id=DEVNET.chain_id, address=address, symbol=symbol, decimals=decimals)
    for address, symbol, decimals in ((USDC, "DOLLAR", 6), (WETH, "ETHER", 18), (WBTC, "COIN", 8))
}
READING = Reading(signal="momentum", score=0.5, confidence=0.5, expected_move_bps=12.5, evidence=(), reason="it rises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """What the user has; ids of the first of each kind are found by its tables."""

    user: User
    running: BotSession
    ended: BotSession
    account: PaperAccount


def furnish(user: User) -> Owned:
    """Accounts, sessions, trades of every kind, decisions, commands, and the market around them."""
    _market()
    account = new_account(user=user)
    world = World(account=account, session=new_session(account))
    world.buy(WETH, 100_000_000, 5 * 10**16, gas_quote=30_000)
    world.sell(WETH, 2 * 10**16, 41_000_000, exit_reason="take_profit")
    world.sell(WETH, 3 * 10**16, 61_000_000, exit_reason="stop_loss")
    world.buy(WBTC, 200_000_000, 300_000)
    _think(world)
    order_by_hand(session=world.session, user=user, kind=CommandKind.EXIT_ALL, key="once")
    BotSession.objects.filter(pk=world.session.pk).update(
        status=SessionStatus.RUNNING, cursor_block=world.block, start_equity=10**10, equity=10**10 - 5
    )
    unopened = create_account(user=user, name="savings", network=DEVNET, deposits=["USDC=5"])
    ended = open_session(
        account=unopened,
        user=user,
        name="old",
        chain="devnet",
        intel_level=3,
        overrides={},
        recording="",
        ends_at=None,
    )
    over = {"status": SessionStatus.ENDED, "end_reason": "done", "ended_at": timezone.now()}
    BotSession.objects.filter(pk=ended.pk).update(**over)
    world.session.refresh_from_db()
    ended.refresh_from_db()
    return Owned(user=user, running=world.session, ended=ended, account=account)


def _market() -> None:
    pool = pool_info(11, USDC, WETH)
    start = MarketStart(block=block_at(1), tokens=TOKENS, pools={pool.address: pool}, states={})
    register_market(start=start, network=DEVNET)
    observe_market(
        network=DEVNET.with_tokens(TOKENS.values(), quote_token=USDC),
        chain_key=GENESIS,
        head=block_at(9),
        since=0,
        tip=1,
        prices={WETH: 2_000.5, WBTC: 60_000.0},
        tracks={},
        flows={},
    )
    BotHost.objects.get_or_create(name="host")


def _think(world: World) -> None:
    for token, code in ((WETH, "no_edge"), (WBTC, "cooldown")):
        thought = Thought(
            action=Action.HOLD,
            code=code,
            reasons=("costs are higher than the move",),
            edge_bps=-12.5,
            cost_bps=60.0,
            confidence=0.4,
            size=0,
            tolerance_bps=0,
            readings=(READING,),
        )
        decided = Decided(token=Address(token), block=block_at(world.block), thought=thought)
        store_thoughts([Thoughts(session_id=world.session.pk, block=block_at(world.block), decided=[decided])])
