"""What a round trip costs at a size, from exact quotes."""

from dataclasses import dataclass

from dex.types import BPS_ONE
from paper_trading.intelligence.base import EntryQuote, TokenView


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """All in bps of the amount in. ``total_bps`` is fees, impact both ways and the gas of the buy and the sell."""

    fee_bps: float
    impact_bps: float
    gas_bps: float

    @property
    def total_bps(self) -> float:
        return self.fee_bps + self.impact_bps + self.gas_bps


def round_trip(view: TokenView, quote: EntryQuote) -> RoundTrip:
    """Fee and impact together are exact; the fee's share of them is the pools' rate, the rest counts as impact.

    Gas that the source does not record counts 0.
    """
    lost_bps = BPS_ONE * (quote.amount_in - quote.back) / quote.amount_in
    fee_bps = min(lost_bps, 2.0 * view.path_fee_bps)
    gas = sum(cost for cost in (view.buy_gas_quote, view.sell_gas_quote) if cost is not None)
    return RoundTrip(fee_bps=fee_bps, impact_bps=lost_bps - fee_bps, gas_bps=BPS_ONE * gas / quote.amount_in)
