"""Finding the block that takes each pending order, and what the order did there."""

from collections.abc import Callable
from dataclasses import dataclass

from chain.errors import HistoryUnavailable, RpcError, SlotNotFound
from dex.errors import Retryable
from dex.market.state import MarketState
from dex.routing.costs import fill_costs
from dex.types import Address, BlockRef
from paper_trading.bot.book import Book, Pending
from paper_trading.models import TradeSide, TradeStatus
from paper_trading.services.fill import Fill, FillStatus, Witness
from paper_trading.services.inclusion import Inclusion, inclusion
from paper_trading.services.simulator import PaperExecutor, States
from paper_trading.services.ticks import Filled, GivenUp
from paper_trading.tokens import NATIVE

MISSED = "the blocks that could have taken it were missed"

Fills = tuple[tuple[Pending, Filled], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """``put_off`` says why some order could not be judged yet: no new trades until it can."""

    fills: Fills = ()
    given_up: tuple[GivenUp, ...] = ()
    put_off: str = ""


NOTHING_WAITS = Settlement()


def disputed_pools(pending: Pending, filled: Filled) -> dict[Address, str]:
    """The pools of a fill about which the witnesses differ, with both answers."""
    if filled.fill.witness is not Witness.DISPUTED:
        return {}
    line = f"trade {filled.trade_id}: node {filled.fill.node_amount_out}, model {filled.fill.model_amount_out}"
    return {hop.pool: line for hop in pending.plan.path.hops}


async def settle(
    book: Book, *, market: MarketState, executor: PaperExecutor, worth: Callable[[int], int]
) -> Settlement:
    """Judge every pending order against the blocks since its decision, in the order in which they were decided.

    An order that the node cannot judge now waits with all behind it: an earlier fill changes what later ones can pay.
    """
    balances = dict(book.balances)
    fills: list[tuple[Pending, Filled]] = []
    given_up: list[GivenUp] = []
    for pending in book.pending:
        verdict, block = _find_block(pending, market)
        if verdict is Inclusion.WAITS:
            continue
        if block is None:
            given_up.append(_expired(pending) if verdict is Inclusion.EXPIRED else _cancelled(pending, MISSED))
            continue
        try:
            fill = await executor.fill(
                pending.plan,
                block=block,
                states=market.states_at(block.number),
                balances=balances,
                native_balance=balances.get(NATIVE, 0),
            )
        except (HistoryUnavailable, SlotNotFound) as error:
            given_up.append(_cancelled(pending, str(error)))
            continue
        except Retryable as error:
            return Settlement(fills=tuple(fills), given_up=tuple(given_up), put_off=str(error))
        except RpcError as error:
            # This call may be what the node refuses: it is asked again, but not for ever.
            if market.head.timestamp <= pending.plan.deadline:
                return Settlement(fills=tuple(fills), given_up=tuple(given_up), put_off=str(error))
            given_up.append(_cancelled(pending, f"the node would not execute it: {error}"))
            continue
        needed = fill.gas_used * pending.plan.max_fee_per_gas + fill.l1_fee
        if needed > balances.get(NATIVE, 0) and fill.base_fee is not None:
            reason = f"no node would take it: gas may cost {needed} wei, more than the account has"
            given_up.append(_cancelled(pending, reason))
            continue
        _apply(fill, pending, balances)
        fills.append((pending, _explained(pending, fill, market.states_at(block.number), worth(fill.fee_paid))))
    return Settlement(fills=tuple(fills), given_up=tuple(given_up))


def _find_block(pending: Pending, market: MarketState) -> tuple[Inclusion, BlockRef | None]:
    """The first block after the decision that takes the order; INCLUDED without a block means that it was missed."""
    if pending.plan.decided_at.number < market.floor:
        return Inclusion.INCLUDED, None
    for block in market.blocks_after(pending.plan.decided_at.number):
        verdict = inclusion(pending.plan, block)
        if verdict is Inclusion.INCLUDED:
            return verdict, block
        if verdict is Inclusion.EXPIRED:
            return verdict, None
    return Inclusion.WAITS, None


def _explained(pending: Pending, fill: Fill, states: States, gas_quote: int) -> Filled:
    """The fill with what it cost against the mid price of its block, and what the market moved since the decision."""
    if fill.status is not FillStatus.FILLED:
        return Filled(trade_id=pending.trade_id, fill=fill, gas_quote=gas_quote)
    plan, buying = pending.plan, pending.side == TradeSide.BUY
    costs = fill_costs(plan.path, states, amount_in=fill.amount_in, amount_out=fill.amount_out, count_in=buying)
    missing = plan.quoted_out - fill.amount_out
    return Filled(
        trade_id=pending.trade_id,
        fill=fill,
        gas_quote=gas_quote,
        pool_fee_quote=costs.pool_fee,
        impact_quote=costs.impact,
        drift_quote=plan.amount_in * missing // plan.quoted_out if buying else missing,
    )


def _expired(pending: Pending) -> GivenUp:
    reason = f"no block up to {pending.plan.deadline} had a base fee within its cap"
    return GivenUp(trade_id=pending.trade_id, status=TradeStatus.EXPIRED, reason=reason)


def _cancelled(pending: Pending, reason: str) -> GivenUp:
    return GivenUp(trade_id=pending.trade_id, status=TradeStatus.CANCELLED, reason=reason)


def _apply(fill: Fill, pending: Pending, balances: dict[Address, int]) -> None:
    plan = pending.plan
    balances[plan.token_in] = balances.get(plan.token_in, 0) - fill.amount_in
    balances[plan.token_out] = balances.get(plan.token_out, 0) + fill.amount_out
    balances[NATIVE] = balances.get(NATIVE, 0) - fill.fee_paid
