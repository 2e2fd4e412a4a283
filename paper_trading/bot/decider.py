"""What to do about each token at one block: think, gate, plan. Decides for one session, writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dex.types import Address, BlockRef, Token
from paper_trading.bot.book import Book, OpenPosition
from paper_trading.bot.by_hand import hand_order, wishes
from paper_trading.bot.early import early_data, early_entry, early_stay
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.ordering import Committed, Refusal, committed, order_for
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import PathChoice, ViewDesk
from paper_trading.bot.worth import sizing_equity
from paper_trading.intelligence.base import Action, Decision, PortfolioView
from paper_trading.intelligence.limits import largest_size, min_trade_quote
from paper_trading.intelligence.view import Health
from paper_trading.models import SessionCommand
from paper_trading.services.ticks import Decided, NewOrder

PAUSED = Refusal(code="paused", line="buying is paused")


class Decider:
    """``peaks`` holds exit worths by token that are higher than the book's, until a tick writes them."""

    def __init__(self, *, tools: Tools, views: ViewDesk, memory: DecisionMemory, sender: Address) -> None:
        self._tools = tools
        self._views = views
        self._memory = memory
        self._sender = sender
        self._tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.listed)}
        self._watched = frozenset(token.address for token in tools.scope.watched)
        self.peaks: dict[Address, int] = {}

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
        tip, health = self._tools.tip(), self._health(trusted)
        worth = sizing_equity(book, self._tools.desk, cash=book.cash(self._tools.scope.quote))
        least = self._least_trade(start_equity)
        decided = []
        for token in self._considered(book):
            if token.address in bound.tokens:
                continue
            portfolio = self._portfolio(book, token, bound, least=least, equity_now=worth)
            early = self._early(book, token, portfolio, health, tip)
            if early is not None:
                decided.append(self._memory.note(token.address, block, early, None))
                continue
            thought, choice = self._think(book, token, portfolio, health, tip)
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
        watched = self._tools.scope.watched
        if self._watched.issuperset(book.positions):
            return watched
        held = (self._tokens[address] for address in self._tokens if address in book.positions)
        return (*watched, *(token for token in held if token.address not in self._watched))

    def _early(self, book: Book, token: Token, portfolio: PortfolioView, health: Health, tip: int) -> Decision | None:
        """A hold that needs no view of the account's own; None where the whole thought has to be made."""
        if book.quarantined:
            return None
        desk, settings = self._tools.desk, self._tools.engine.settings
        facts, position = desk.facts(token.address), book.positions.get(token.address)
        largest = largest_size(settings, portfolio)
        size = largest if largest >= max(1, portfolio.min_trade_quote) else desk.probe
        covered = self._views.covers_gas(token, size, native_balance=portfolio.native_balance, tip=tip)
        if position is None:
            early = early_data(facts, portfolio, health, held=False)
            return early or (early_entry(facts, portfolio, settings) if covered else None)
        leave = desk.sell(token.address, position.view.quantity)
        if leave is None:
            return None
        self._raise_peak(token.address, position, leave.amount_out)
        gas = self._views.sale_gas(leave.path, tip)
        return early_data(facts, portfolio, health, held=True) or early_stay(
            facts,
            position.view,
            leave.amount_out,
            settings,
            peak_worth=self.peaks.get(token.address, position.view.peak_worth),
            gas=0 if gas is None else gas,
        )

    def _think(
        self, book: Book, token: Token, portfolio: PortfolioView, health: Health, tip: int
    ) -> tuple[Decision, PathChoice]:
        engine = self._tools.engine
        position = book.positions.get(token.address)
        view, choice = self._views.build(
            token,
            position=None if position is None else self._with_peak(token.address, position),
            sizes=engine.sizes(portfolio),
            tip=tip,
            head_age=health.head_age_seconds,
            settled=health.settled,
            quarantined=book.quarantined,
        )
        if position is not None and view.exit_worth is not None:
            self._raise_peak(token.address, position, view.exit_worth)
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

    def _portfolio(self, book: Book, token: Token, bound: Committed, *, least: int, equity_now: int) -> PortfolioView:
        return PortfolioView(
            equity=equity_now,
            cash=bound.cash,
            open_positions=len(bound.exposed),
            last_trade_block=book.last_trade_blocks.get(token.address),
            native_balance=book.native if self._tools.scope.live else None,
            min_trade_quote=least,
        )

    def _least_trade(self, start_equity: int) -> int:
        scope = self._tools.scope
        dollar = 10**scope.quote.decimals if scope.dollar_quote else None
        return min_trade_quote(self._tools.engine.settings, dollar=dollar, start_equity=start_equity)

    def _with_peak(self, token: Address, position: OpenPosition) -> OpenPosition:
        peak = self.peaks.get(token)
        if peak is None or peak <= position.view.peak_worth:
            return position
        return replace(position, view=replace(position.view, peak_worth=peak))

    def _raise_peak(self, token: Address, position: OpenPosition, worth: int) -> None:
        if worth > max(position.view.peak_worth, self.peaks.get(token, 0)):
            self.peaks[token] = worth

    def _health(self, trusted: bool) -> Health:
        return Health(
            head_age_seconds=self._head_age(),
            max_head_age_seconds=self._tools.scope.stale_seconds,
            settled=trusted,
        )

    def _head_age(self) -> float:
        return max(0.0, self._tools.clock() - self._tools.desk.head.timestamp)


def _held_back(thought: Decision, refusal: Refusal) -> Decision:
    return replace(thought, action=Action.HOLD, code=refusal.code, reasons=(refusal.line, *thought.reasons), size=0)
