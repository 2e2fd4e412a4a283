"""What came of a block for one session, put together for whoever watches it."""

from collections.abc import Mapping, Sequence

from dex.market.events import BlockUpdate, PoolLaunched
from dex.types import Address, Token
from paper_trading.bot.book import Book
from paper_trading.bot.report import BlockReport, Booked, Thought
from paper_trading.bot.settle import Fills
from paper_trading.bot.tools import Tools
from paper_trading.bot.worth import equity, hold
from paper_trading.models import BotSession
from paper_trading.services.ticks import Decided


class Reporter:
    """``tokens`` are all that could be held, by address."""

    def __init__(self, *, session: BotSession, tools: Tools, tokens: Mapping[Address, Token]) -> None:
        self._session = session
        self._tools = tools
        self._tokens = tokens

    async def booked(self, fills: Fills) -> tuple[Booked, ...]:
        """Fills that are in the books, each with whether its receipt was computed again and agreed."""
        return tuple(
            [
                Booked(
                    trade_id=filled.trade_id,
                    side=pending.side,
                    token=self._tokens[pending.token],
                    plan=pending.plan,
                    fill=filled.fill,
                    receipt_ok=await self._tools.receipts.check(filled.trade_id),
                )
                for pending, filled in fills
            ]
        )

    def report(
        self,
        update: BlockUpdate,
        book: Book,
        *,
        booked: tuple[Booked, ...],
        decided: Sequence[Decided],
        notes: tuple[str, ...],
        decided_ms: float,
        booked_ms: float,
    ) -> BlockReport:
        """``book`` is the account after the block."""
        desk = self._tools.desk
        held = hold(book, desk, self._tokens)
        shown = (*self._tools.scope.watched, *(position.token for position in held))
        prices = {token: price for token in dict.fromkeys(shown) if (price := desk.price(token)) is not None}
        cash = book.cash(self._tools.scope.quote)
        return BlockReport(
            block=update.block,
            quote=desk.quote,
            prices=prices,
            cash=cash,
            native=book.native,
            equity=equity(cash=cash, gas_quote=book.gas_quote, held=held),
            start_equity=self._session.start_equity,
            held=held,
            thoughts=tuple(
                Thought(token=self._tokens[item.token], decision=item.thought, ordered=item.order is not None)
                for item in decided
            ),
            booked=booked,
            waiting=len(book.pending),
            launches=tuple(event.pool for event in update.events if isinstance(event, PoolLaunched)),
            notes=notes,
            decided_ms=decided_ms,
            booked_ms=booked_ms,
        )
