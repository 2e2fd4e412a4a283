"""What to do about each token at one block: think, gate, plan. Decides for one session, writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dex.types import Address, BlockRef, Token
from paper_trading.bot.book import Book, OpenPosition
from paper_trading.bot.by_hand import hand_order, wishes
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.ordering import Committed, Refusal, committed, order_for
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import PathChoice, ViewDesk
from paper_trading.bot.worth import hold, sizing_equity
from paper_trading.intelligence.base import Action, Decision, PortfolioView
from paper_trading.intelligence.limits import min_trade_quote
from paper_trading.models import SessionCommand
from paper_trading.services.ticks import Decided, NewOrder

PAUSED = Refusal(code="paused", line="buying is paused")


class Decider:
    """``peaks`` holds exit worths by position that are higher than the database's, until a tick writes them."""

    def __init__(self, *, tools: Tools, views: ViewDesk, memory: DecisionMemory, sender: Address) -> None:
        self._tools = tools
        self._views = views
        self._memory = memory
        self._sender = sender
        self._tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.listed)}
        self.peaks: dict[int, int] = {}

    def decide(
        self,
        book: Book,
        block: BlockRef,
        *,
        start_equity: int,
        trusted: bool,
        paused: bool = False,
        ordered: Sequence[Decided] = (),
    ) -> tuple[Decided, ...]:
        """One thought for every watched token that has no order waiting, with the order that carries it out.

        ``trusted`` is False while the node could not judge what waits: then nothing new is ordered. ``paused`` makes
        every buy a hold. ``ordered`` is what ``by_hand`` decided on this very block: its tokens have their thought.
        """
        bound = committed(book, self._tools.scope.quote.address, ordered)
        worth = sizing_equity(book, hold(book, self._tools.desk, self._tokens), cash=self._cash(book))
        decided = []
        for token in self._considered(book):
            if token.address in bound.tokens:
                continue
            portfolio = self._portfolio(book, token, bound, start_equity=start_equity, equity_now=worth)
            thought, choice = self._think(book, token, portfolio, trusted=trusted)
            thought, order = self._order(thought, choice, book=book, bound=bound, paused=paused)
            if order is not None:
                bound.add(token.address, order)
            decided.append(self._memory.note(token.address, block, thought, order))
        return tuple(decided)

    def by_hand(
        self, book: Book, block: BlockRef, commands: Iterable[SessionCommand], *, trusted: bool = True
    ) -> tuple[tuple[int, Decided | str], ...]:
        """What each command comes to at the head: its id with an order, or with the one-line reason against one.

        ``exit_all`` has one outcome for every open position. While the head is stale or not ``trusted`` there are no
        outcomes: the commands wait for the next block.
        """
        if not trusted or self._head_age() > self._tools.scope.stale_seconds:
            return ()
        outcomes: list[tuple[int, Decided | str]] = []
        bound = committed(book, self._tools.scope.quote.address)
        for command in commands:
            for wish in wishes(command, book, self._tokens, self._tools.scope):
                if isinstance(wish, str):
                    outcomes.append((command.pk, wish))
                    continue
                found = hand_order(wish, book, bound, tools=self._tools, sender=self._sender)
                if isinstance(found, str):
                    outcomes.append((command.pk, found))
                    continue
                thought, order = found
                bound.add(wish.token.address, order)
                outcomes.append((command.pk, self._memory.note(wish.token.address, block, thought, order)))
        return tuple(outcomes)

    def _considered(self, book: Book) -> tuple[Token, ...]:
        """What may be bought, and what is held from a run that watched more: that is only sold."""
        scope = self._tools.scope
        held = (token for token in scope.listed if token.address in book.positions and token not in scope.watched)
        return (*scope.watched, *held)

    def _think(
        self, book: Book, token: Token, portfolio: PortfolioView, *, trusted: bool
    ) -> tuple[Decision, PathChoice]:
        engine = self._tools.engine
        position = book.positions.get(token.address)
        view, choice = self._views.build(
            token,
            position=None if position is None else self._with_peak(position),
            sizes=engine.sizes(portfolio),
            tip=self._tools.tip(),
            head_age=self._head_age(),
            settled=trusted,
            quarantined=book.quarantined,
        )
        if position is not None and view.exit_worth is not None and view.exit_worth > position.view.peak_worth:
            self._raise_peak(position, view.exit_worth)
        return engine.decide(view, portfolio), choice

    def _order(
        self, thought: Decision, choice: PathChoice, *, book: Book, bound: Committed, paused: bool
    ) -> tuple[Decision, NewOrder | None]:
        """The order that carries ``thought`` out, or the same thought as a hold that says what is in the way."""
        if thought.action is Action.HOLD:
            return thought, None
        buying = thought.action is Action.BUY
        if buying and paused:
            return _held_back(thought, PAUSED), None
        order = order_for(
            thought,
            choice.buy if buying else choice.sell,
            tools=self._tools,
            sender=self._sender,
            quarantined=book.quarantined,
            busy=bound.pools,
        )
        return (_held_back(thought, order), None) if isinstance(order, Refusal) else (thought, order)

    def _portfolio(
        self, book: Book, token: Token, bound: Committed, *, start_equity: int, equity_now: int
    ) -> PortfolioView:
        scope, settings = self._tools.scope, self._tools.engine.settings
        return PortfolioView(
            equity=equity_now,
            cash=bound.cash,
            open_positions=len(bound.exposed),
            last_trade_block=book.last_trade_blocks.get(token.address),
            native_balance=book.native if scope.live else None,
            min_trade_quote=min_trade_quote(
                settings,
                dollar=10**scope.quote.decimals if scope.dollar_quote else None,
                start_equity=start_equity,
            ),
        )

    def _with_peak(self, position: OpenPosition) -> OpenPosition:
        peak = self.peaks.get(position.position_id)
        if peak is None or peak <= position.view.peak_worth:
            return position
        return replace(position, view=replace(position.view, peak_worth=peak))

    def _raise_peak(self, position: OpenPosition, worth: int) -> None:
        if worth > self.peaks.get(position.position_id, 0):
            self.peaks[position.position_id] = worth

    def _head_age(self) -> float:
        return max(0.0, self._tools.clock() - self._tools.desk.head.timestamp)

    def _cash(self, book: Book) -> int:
        return book.balances.get(self._tools.scope.quote.address, 0)


def _held_back(thought: Decision, refusal: Refusal) -> Decision:
    return replace(thought, action=Action.HOLD, code=refusal.code, reasons=(refusal.line, *thought.reasons), size=0)
