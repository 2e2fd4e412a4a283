"""What a signal may see, what it says, and what is decided. Values only.

Amounts are ``int`` base units of the token that the field names; prices and statistics are ``float``. "Quote" is the
token that the account counts in, "token" the one that is bought and sold for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import Protocol

from dex.types import BlockRef, Token
from paper_trading.intelligence.noise import noise_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One figure that a reading rests on, as it is shown to the user."""

    name: str
    value: str | int | float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``score`` is in [-1, 1], + speaks for buying; ``confidence`` in [0, 1].

    ``expected_move_bps`` is the move of the mid price that the signal expects; it is 0 for signals that judge the
    conditions of a trade rather than its direction.
    """

    signal: str
    score: float
    confidence: float
    expected_move_bps: float
    evidence: tuple[Evidence, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """Closing mid prices, quote per token in human units, oldest first, at most one a block, as columns.

    ``times`` are block times in seconds, ``logs`` the natural logarithms of ``prices``.
    """

    blocks: Sequence[int]
    times: Sequence[int]
    prices: Sequence[float]
    logs: Sequence[float]

    @property
    def spacing(self) -> float:
        """Mean seconds between the newest (at most 64) prices, at least 1: the clock that windows are counted in."""
        recent = min(len(self.times), 64)
        if recent < 2:
            return 1.0
        return max(1.0, (self.times[-1] - self.times[-recent]) / (recent - 1))


def price_series(blocks: Sequence[int], times: Sequence[int], prices: Sequence[float]) -> PriceSeries:
    """Raises ``ValueError`` for a price that is not above 0."""
    return PriceSeries(
        blocks=tuple(blocks), times=tuple(times), prices=tuple(prices), logs=tuple(log(price) for price in prices)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSeries:
    """The token's trades, oldest first, as columns; ``signed`` is token base units, + where the token was bought."""

    blocks: Sequence[int]
    times: Sequence[int]
    signed: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuote:
    """Exact quotes at the head: ``amount_in`` quote units buy ``amount_out`` of the token.

    ``back`` is what selling ``amount_out`` brings on the same state, not on the state after the buy. Selling straight
    back would recover the buy's own price impact and hide it; the market does not give it back.
    """

    amount_in: int
    amount_out: int
    back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """``cost`` is quote units paid, the gas of the buys included; ``peak_worth`` the highest exit worth seen since."""

    quantity: int
    cost: int
    opened_block: int
    opened_time: int
    peak_worth: int


class MarketView(Protocol):
    """What of a token at one head is the same for everybody."""

    @property
    def head(self) -> BlockRef: ...

    @property
    def prices(self) -> PriceSeries: ...

    @property
    def flows(self) -> FlowSeries: ...

    @property
    def base_fees(self) -> Sequence[int]: ...


class Shared(Protocol):
    """Figures of a ``MarketView`` that are computed once, for all who look at it."""

    @property
    def noise_bps(self) -> float: ...

    def reading(self, signal: str) -> Reading | None:
        """What a signal says that looks at the ``MarketView`` only; ``KeyError`` for any other."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """All that is known about one token at one head.

    ``settled`` is False while a gap, a reorg or a disagreement of nodes is unresolved. ``path_fee_bps`` is the sum of
    pool fees one way. ``ladder`` rises in size. ``exit_worth`` is the exact quote for selling the whole position.
    Gas figures are None where the source has no fee data. ``base_fees`` are those of recent blocks, oldest first, wei.
    ``shared`` has what others computed of the same market already.
    """

    token: Token
    quote: Token
    head: BlockRef
    head_age_seconds: float
    max_head_age_seconds: float
    settled: bool
    quarantined: bool
    prices: PriceSeries
    flows: FlowSeries
    path_fee_bps: float
    ladder: tuple[EntryQuote, ...]
    exit_worth: int | None
    buy_gas_quote: int | None
    sell_gas_quote: int | None
    buy_gas_wei: int | None
    sell_gas_wei: int | None
    base_fees: Sequence[int]
    position: PositionView | None
    shared: Shared | None = None

    @property
    def noise_bps(self) -> float:
        """The noise of the newest prices."""
        return noise_bps(self.prices.logs) if self.shared is None else self.shared.noise_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioView:
    """The account at the head, in quote units. ``last_trade_block`` is this token's.

    ``native_balance`` is wei, or None where the source charges no gas.
    """

    equity: int
    cash: int
    open_positions: int
    last_trade_block: int | None
    native_balance: int | None
    min_trade_quote: int


class Action(StrEnum):
    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``code`` is the reason for machines, ``reasons`` the same for people, one line each.

    ``size`` is the amount in: quote units for a buy, token units for a sell, 0 for a hold. ``edge_bps`` is the expected
    move less every cost, ``cost_bps`` the cost of the round trip: fees, impact both ways, gas. ``tolerance_bps`` is how
    far under its quote the fill may stay.
    """

    action: Action
    code: str
    reasons: tuple[str, ...]
    edge_bps: float
    cost_bps: float
    confidence: float
    size: int
    tolerance_bps: int
    readings: tuple[Reading, ...]


class Signal(Protocol):
    """Pure: the same view gives the same reading. None means that there is not enough to say anything."""

    @property
    def name(self) -> str: ...

    def read(self, view: TokenView) -> Reading | None: ...


class MarketSignal(Protocol):
    """A signal that looks at nothing of the account's own, not even at quotes for its sizes."""

    @property
    def name(self) -> str: ...

    def read(self, view: MarketView) -> Reading | None: ...
