"""A decider on the small desk, without a database: its market rises until the engine wants to buy."""

import random
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from dex.types import Address, BlockRef
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book, OpenPosition, Pending
from paper_trading.bot.decider import Decider
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.intelligence.intel_slider import level
from paper_trading.models import SessionCommand
from paper_trading.position_math import PositionTotals
from paper_trading.services.simulator import PaperExecutor
from paper_trading.tokens import NATIVE
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    LONE,
    ONE,
    SCOPE,
    SENDER,
    USD,
    WETH,
    block,
    desk,
    path,
    swapped,
)

RISE = 60
WALLET: Mapping[Address, int] = MappingProxyType({USD.address: 10_000 * DOLLAR, NATIVE: ONE})


def risen(blocks: int = RISE) -> MarketDesk:
    """A desk that follows every token and saw WETH bought for about 3,000 dollars a block, more or less by chance."""
    made, chance = desk(watched=(WETH, ALT, LONE)), random.Random(5)
    for number in range(1, blocks + 1):
        dollars = max(1, round(chance.gauss(3_000, 4_000)))
        made.apply(swapped(made.market.states, block(FIRST + number), dollars * DOLLAR))
    return made


def measured() -> GasBook:
    """The gas of all four ways."""
    book = GasBook(None)
    for way in (path(USD, WETH), path(WETH, USD), path(USD, WETH, ALT), path(ALT, WETH, USD)):
        book.learn(way, units=120_000, l1_fee=0)
    return book


def book(
    *,
    balances: Mapping[Address, int] = WALLET,
    held: Mapping[Address, int] | None = None,
    costs: Mapping[Address, int] | None = None,
    opened: int = FIRST,
    pending: tuple[Pending, ...] = (),
    quarantined: frozenset[Address] = frozenset(),
) -> Book:
    """``held`` are positions by token, opened at that block for ``costs`` or else a dollar a unit of 10^16."""
    return Book(
        balances=balances,
        positions={
            token: position(
                quantity,
                cost=({} if costs is None else costs).get(token, quantity * DOLLAR // 10**16),
                opened=block(opened),
            )
            for token, quantity in ({} if held is None else held).items()
        },
        pending=pending,
        last_trade_blocks={},
        gas_quote=0,
        quarantined=quarantined,
    )


def position(quantity: int, *, cost: int, opened: BlockRef) -> OpenPosition:
    """Bought in one go and never valued."""
    bought = PositionTotals(quantity=quantity, bought=quantity, cost=cost, proceeds=0, fees_quote=0)
    return OpenPosition.of(bought, opened_block=opened.number, opened_time=opened.timestamp, peak_worth=0)


def decider(
    made: MarketDesk,
    *,
    number: int = 8,
    gas_book: GasBook | None = None,
    scope: TradingScope = SCOPE,
    late: float = 0.5,
    unsimulated: dict[Address, str] | None = None,
) -> Decider:
    """``late`` is the head's age in seconds."""
    known = measured() if gas_book is None else gas_book
    tools = Tools(
        scope=scope,
        desk=made,
        gas_book=known,
        executor=PaperExecutor(None),
        engine=AIEngine(replace(level(number), cooldown_blocks=0)),
        receipts=ReceiptCheck(None),
        tip=lambda: GWEI // 10,
        clock=lambda: made.head.timestamp + late,
        unsimulated={} if unsimulated is None else unsimulated,
    )
    views = ViewDesk(scope=scope, desk=made, gas_book=known)
    return Decider(tools=tools, views=views, memory=DecisionMemory(), sender=SENDER)


def command(pk: int, kind: str, token: Address | str = "", amount: int | None = None) -> SessionCommand:
    """As the database would give it, without one."""
    return SessionCommand(pk=pk, kind=kind, token=token, amount=amount)
