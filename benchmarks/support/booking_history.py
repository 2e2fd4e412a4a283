"""A session that trades on plain numbers, one committed tick after the other. Import it after Django is set up."""

from django.db import transaction

from dex.types import Address
from paper_trading.intelligence.base import Action, Decision, Evidence, Reading
from paper_trading.models import TradeSide
from paper_trading.services.leases import claim
from paper_trading.services.ticks import Decided, Filled, NewOrder, Tick, commit
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import USDC, block_at, fill_of, new_world, plan_for

TOKENS = tuple(Address(f"0x{number:040x}") for number in range(1, 6))
PAID, GOT = 3_000_000, 10**15
FIRST = 2
"""The number of the first block; even ones buy and the next one sells."""


class History:
    """Every commit fills the order that the one before it placed, and places the next."""

    def __init__(self, *, one_position: bool) -> None:
        world = new_world(deposits={USDC: 10**12, NATIVE: 10**24})
        self.account, self.session = world.account, world.session
        self._one_position = one_position
        self._lease = claim(session_id=self.session.pk, owner="the benchmark")
        self._number = FIRST
        self._pending: int | None = None
        self.commit()

    @property
    def booked(self) -> int:
        return self._number - FIRST - 1

    @property
    def number(self) -> int:
        """Of the block that is committed next."""
        return self._number

    @property
    def waiting(self) -> int:
        """The id of the order that it fills."""
        assert self._pending is not None
        return self._pending

    def grow(self, trades: int, *, batch: int) -> None:
        """Commit until ``trades`` are booked, going to the disk once in ``batch``."""
        while self.booked < trades:
            with transaction.atomic():
                for _ in range(min(batch, trades - self.booked)):
                    self.commit()

    def commit(self) -> None:
        tick = self._tick()
        written = commit(session_id=self.session.pk, lease_token=self._lease, tick=tick)
        (self._pending,) = written.orders.values()
        self._number += 1

    def _tick(self) -> Tick:
        block = block_at(self._number)
        fills: tuple[Filled, ...] = ()
        if self._pending is not None:
            amounts = self._amounts(self._side(self._number - 1))
            fills = (
                Filled(
                    trade_id=self._pending,
                    fill=fill_of(block, *amounts),
                    gas_quote=900,
                    pool_fee_quote=9,
                    drift_quote=-4,
                ),
            )
        quiet = [token for token in TOKENS if token != self._token(self._number)][:2]
        decided = [Decided(token=token, block=block, thought=thought(Action.HOLD)) for token in quiet]
        return Tick(block=block, fills=fills, decided=(*decided, self._order()))

    def _order(self) -> Decided:
        block, token, side = block_at(self._number), self._token(self._number), self._side(self._number)
        token_in, token_out = (USDC, token) if side == TradeSide.BUY else (token, USDC)
        plan = plan_for(self.account, token_in, token_out, self._amounts(side)[0], block)
        return Decided(token=token, block=block, thought=thought(Action.BUY), order=NewOrder(plan=plan, side=side))

    def _token(self, number: int) -> Address:
        return TOKENS[0] if self._one_position else TOKENS[number // 2 % len(TOKENS)]

    def _side(self, number: int) -> TradeSide:
        return TradeSide.BUY if self._one_position or number % 2 == 0 else TradeSide.SELL

    @staticmethod
    def _amounts(side: TradeSide) -> tuple[int, int]:
        return (PAID, GOT) if side == TradeSide.BUY else (GOT, PAID)


def thought(action: Action) -> Decision:
    """As long as the engine's own: six readings with evidence."""
    reading = Reading(
        signal="trend",
        score=0.4,
        confidence=0.6,
        expected_move_bps=25.0,
        evidence=(Evidence(name="slope", value=12.5, unit="bps"), Evidence(name="r2", value=0.71, unit="")),
        reason="the price rose 1.2 % in 40 blocks with little noise",
    )
    return Decision(
        action=action,
        code="edge" if action is Action.BUY else "no_edge",
        size=PAID,
        edge_bps=12.0,
        cost_bps=61.0,
        confidence=0.6,
        reasons=("the expected move covers the costs", "gas is cheap"),
        tolerance_bps=30,
        readings=(reading,) * 6,
    )
