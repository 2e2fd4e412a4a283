"""One session's book: carried in memory from block to block, and written together with what moved it."""

from collections.abc import Mapping, Sequence

from dex.errors import SkipTrade
from dex.types import Address, BlockRef, Token
from paper_trading.bot.book import Book, Pending
from paper_trading.bot.commits import Commits
from paper_trading.bot.curve import Curve
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.settle import Fills, Settlement, disputed_pools
from paper_trading.bot.tools import Tools
from paper_trading.bot.worth import equity, hold
from paper_trading.models import BotSession, TradeStatus
from paper_trading.services.ticks import Decided, Filled, GivenUp, Obeyed, Tick, Valuation, Written

NO_BOOK = Book(balances={}, positions={}, pending=(), last_trade_blocks={}, gas_quote=0)


class Bookkeeper:
    """``book`` is the account after the last commit; ``lease_token``, ``flush_blocks`` and ``count_blocks`` are as in
    ``SimpleTrader``; ``tokens`` are all that could be held, by address.

    Every write raises ``LeaseLost`` where the session is somebody else's by now.
    """

    def __init__(
        self,
        *,
        session: BotSession,
        lease_token: int,
        tools: Tools,
        tokens: Mapping[Address, Token],
        commits: Commits,
        memory: DecisionMemory,
        flush_blocks: int,
        count_blocks: int,
    ) -> None:
        self.book = NO_BOOK
        self._session = session
        self._lease = lease_token
        self._tools = tools
        self._tokens = tokens
        self._commits = commits
        self._memory = memory
        self._flush_blocks = flush_blocks
        self._count_blocks = count_blocks
        self._unflushed = 0
        self._valued: Valuation | None = None
        self._curve = Curve(session.pk)
        self._fresh = True

    async def open(self) -> None:
        """Read the books; the first call after a claim, and after what a trader wrote past them."""
        self._fresh = True
        await self._read()

    async def reconcile(self, block: BlockRef) -> bool:
        """See ``SimpleTrader.reconcile``."""
        found = await self._commits.orphans(self._session, self._tools.desk.market)
        if found.gone:
            await self.take_back(block, found.gone)
        return found.complete

    async def take_back(self, block: BlockRef, removed: tuple[BlockRef, ...]) -> None:
        """Un-book what was booked in blocks that the chain no longer has."""
        await self._commit(Tick(block=block, removed=removed, moves_cursor=False))
        await self._read()

    async def flush(self, block: BlockRef) -> None:
        """Count the thoughts that no tick has counted yet."""
        if due := self._memory.due(block):
            await self._commit(Tick(block=block, decided=due, moves_cursor=False))

    async def write(
        self,
        block: BlockRef,
        book: Book,
        outcome: Settlement,
        *,
        decided: Sequence[Decided],
        done: tuple[Obeyed, ...],
        peaks: Mapping[Address, int],
    ) -> bool:
        """All of the block in one transaction; ``book`` is the account once that is committed.

        False where nothing had to be written yet. Raises ``SkipTrade`` where the books refuse it.
        """
        self._unflushed += 1
        fresh = tuple(item for item in decided if item.row_id is None)
        moved = bool(outcome.fills or outcome.given_up)
        if not fresh and not done and not moved and self._unflushed < self._flush_blocks:
            return False
        counts = (block.number + self._session.pk) % self._count_blocks == 0
        worth = self._value(book)
        written = await self._commit(
            Tick(
                block=block,
                fills=tuple(filled for _, filled in outcome.fills),
                given_up=outcome.given_up,
                quarantined=quarantined(outcome.fills),
                decided=(*(self._memory.due(block) if counts else ()), *fresh),
                peaks=peaks,
                commands=done,
                valuation=None if worth == self._valued else worth,
                equity=self._curve_point(block, worth, outcome),
            )
        )
        if self._fresh and written.orders:
            # A block that was decided before has the orders of then, which may not wait any more.
            await self._read()
        else:
            self.book = book.with_peaks(peaks).with_orders(_placed(fresh, written))
        self._valued = worth
        self._unflushed = 0
        self._fresh = False
        return True

    async def write_singly(self, block: BlockRef, outcome: Settlement) -> Fills:
        """The fills of a block one by one, up to the first that the books refuse; that order is cancelled.

        Those behind it were executed as if it had moved its tokens, so they are judged again at the next block. The
        cursor stays: nothing is decided on this one, and its worth is not kept before the next.
        """
        self._curve.forget()
        booked: list[tuple[Pending, Filled]] = []
        for pending, filled in outcome.fills:
            tick = Tick(block=block, fills=(filled,), quarantined=disputed_pools(pending, filled), moves_cursor=False)
            try:
                await self._commit(tick)
            except SkipTrade as error:
                refused = GivenUp(trade_id=filled.trade_id, status=TradeStatus.CANCELLED, reason=str(error))
                await self._commit(Tick(block=block, given_up=(*outcome.given_up, refused), moves_cursor=False))
                break
            booked.append((pending, filled))
        await self._read()
        return tuple(booked)

    async def _read(self) -> None:
        self.book = await self._commits.read(self._session)

    async def _commit(self, tick: Tick) -> Written:
        written = await self._commits.commit(session_id=self._session.pk, lease_token=self._lease, tick=tick)
        self._memory.stored(tick, written)
        return written

    def _value(self, book: Book) -> Valuation:
        held = hold(book, self._tools.desk, self._tokens)
        return Valuation(
            equity=equity(cash=book.cash(self._tools.scope.quote), gas_quote=book.gas_quote, held=held),
            worths={item.token.address: item.worth for item in held},
        )

    def _curve_point(self, block: BlockRef, worth: Valuation, outcome: Settlement) -> int | None:
        """Nothing before the worth is fixed that the result is measured against."""
        if self._session.start_equity is None:
            return None
        return self._curve.takes(block, worth.equity, has_fills=bool(outcome.fills))


def quarantined(fills: Fills) -> dict[Address, str]:
    """The pools about which the witnesses of some fill differ, with both answers."""
    return {pool: line for pending, filled in fills for pool, line in disputed_pools(pending, filled).items()}


def _placed(fresh: Sequence[Decided], written: Written) -> list[Pending]:
    """The new orders as they wait from now on."""
    return [
        Pending(trade_id=written.orders[item.token], side=item.order.side, token=item.token, plan=item.order.plan)
        for item in fresh
        if item.order is not None
    ]
