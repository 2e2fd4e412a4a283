"""A user with much of everything, and what the answers look up beside it: tokens, pools, chains, candles, hosts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice

from django.contrib.auth.models import User
from django.utils import timezone

from dex.types import Address
from paper_trading.models import (
    BotHost,
    BotSession,
    CommandKind,
    Decision,
    PaperTrade,
    Position,
    SessionCommand,
)
from paper_trading.services.control import order_by_hand
from tests.api.world import TOKENS, furnish
from tests.paper_trading.api.test_decisions import think
from tests.paper_trading.world import USDC, WBTC, WETH, World, new_account, new_session
from trading.models import Candle, Chain, Market, Pool, Token
from wallet.models import LoginSession, Wallet
from wallet.services.api_tokens import create_token
from wallet.services.wallets import add_watched

CANDLES_OF = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
"""WETH of the local chain."""
BLOCKS_OF_A_DAY = 24 * 60 * 60 // 12


@dataclass
class Crowd:
    """Everything grows by ``grow``. ``busy`` is one account among them with ever more of all that an account has."""

    user: User
    busy: World
    numbers: Iterator[int]

    def grow(self, by: int) -> None:
        for number in islice(self.numbers, by):
            self._account(number)
            self._more_of_one(number)
            self._come_in(number)
            _chain(number)
            _market(number)

    def one_of(self, kind: str) -> int:
        """The id of the ``kind`` that has most beside it."""
        account = self.busy.account
        first = {
            "accounts": account.pk,
            "sessions": self.busy.session.pk,
            "trades": PaperTrade.objects.filter(account=account).earliest("pk").pk,
            "positions": Position.objects.filter(account=account).earliest("pk").pk,
            "decisions": Decision.objects.filter(session=self.busy.session).earliest("pk").pk,
            "wallets": Wallet.objects.filter(user=self.user).earliest("pk").pk,
            "commands": SessionCommand.objects.filter(session=self.busy.session).earliest("pk").pk,
        }
        return int(first[kind])

    def _account(self, number: int) -> None:
        world = World(account=new_account(user=self.user, name=f"a{number}"), session=BotSession())
        world.session = new_session(world.account)
        world.buy(WETH if number % 2 else WBTC, 1_000, 10)
        BotHost.objects.create(name=f"host {number}")
        _know(world, owner=f"host {number}")

    def _more_of_one(self, number: int) -> None:
        self.busy.block += BLOCKS_OF_A_DAY
        self.busy.buy(WETH, 10, 2)
        self.busy.sell(WETH, 1, 7, exit_reason=f"reason {number}")
        self.busy.buy(Address(f"0x{number:040x}"), 10, 2)
        order_by_hand(session=self.busy.session, user=self.user, kind=CommandKind.SELL, token=WETH, key=str(number))
        think(self.busy.session.pk, f"0x{number:040x}", 5, "waits")
        _know(self.busy, owner="host")

    def _come_in(self, number: int) -> None:
        """Another wallet, a login with it, and another token."""
        wallet = add_watched(address=f"0x7{number:039x}", user=self.user)
        ends = timezone.now() + timedelta(days=1)
        LoginSession.objects.create(
            user=self.user, wallet=wallet, chain_id=1, key_digest=f"{number:064x}", client_address="::1", ends_at=ends
        )
        create_token(user=self.user, name=f"t{number}", scopes=["read"])


def crowd(user: User) -> Crowd:
    furnish(user)
    account = new_account(user=user, name="busy")
    return Crowd(user=user, busy=World(account=account, session=new_session(account)), numbers=count())


def _know(world: World, owner: str) -> None:
    """What the session's host would have written."""
    worths = {str(position.pk): "5" for position in Position.objects.filter(account=world.account)}
    BotSession.objects.filter(pk=world.session.pk).update(
        owner=owner, cursor_block=5, worths=worths, tokens=list(TOKENS), equity=5, start_equity=4, status="running"
    )


def _chain(number: int) -> None:
    chain = Chain.objects.create(chain_id=10**6 + number, name=f"chain {number}")
    Market.objects.create(
        chain=chain,
        chain_key=f"0x{number:064x}",
        quote_token=USDC,
        head_number=number,
        head_hash="0x",
        head_time=timezone.now(),
        prices={WETH: 1.5, f"0x{number:040x}": 2.5},
    )
    token = Token.objects.create(chain=chain, address=f"0x{number:040x}", symbol=f"S{number}", decimals=6)
    other = Token.objects.create(chain=chain, address=f"0x9{number:039x}", symbol=f"T{number}", decimals=6)
    Pool.objects.create(
        chain=chain, address=f"0x8{number:039x}", protocol="v2", token0=token, token1=other, fee_pips=3000
    )


def _market(number: int) -> None:
    local = Market.objects.order_by("pk")[0]
    prices = dict.fromkeys(("open", "high", "low", "close"), 1.5)
    opened: datetime = local.head_time + timedelta(minutes=number)
    Candle.objects.create(market=local, token=CANDLES_OF, opened_at=opened, **prices)
