"""Which accounts soon cannot pay for gas any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.home.subject import Subject
from dex.gas.table import BASE_UNITS, HOP_UNITS
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.wallets import balances_of
from paper_trading.tokens import NATIVE
from trading.models import Market

SWAP_UNITS = max(BASE_UNITS.values()) + 2 * max(HOP_UNITS.values())
"""Gas that a swap over two pools stays under."""
FEW_SWAPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """``session`` is a row of ``rows.SESSION``, ``swaps`` how many its account can still pay for."""

    session: Row
    account: str
    swaps: int


def short_of_gas(subject: Subject) -> Iterable[Short]:
    """Those that can pay for fewer than ``FEW_SWAPS`` swaps at their chain's present price; where no price is known
    nothing is said."""
    prices = dict(_prices(sorted({row.account__chain_key for row in subject.live})))
    charged = [row for row in subject.live if prices.get(row.account__chain_key)]
    if not charged:
        return
    held = balances_of([holder_of(row).pk for row in charged], [NATIVE])
    for row in charged:
        account = holder_of(row)
        swaps = held[account.pk][NATIVE] // (SWAP_UNITS * prices[row.account__chain_key])
        if swaps < FEW_SWAPS:
            yield Short(session=row, account=account.name, swaps=swaps)


def _prices(chain_keys: list[str]) -> Iterable[tuple[str, int]]:
    """Wei per gas by chain, of those that tell their base fee."""
    for chain_key, base_fee, tip in _fees(chain_keys):
        if base_fee is not None:
            yield chain_key, base_fee + tip


@compiled
def _fees(chain_keys: list[str]) -> QuerySet[Market, Any]:
    return Market.objects.filter(chain_key__in=chain_keys).values_list("chain_key", "base_fee", "tip")
