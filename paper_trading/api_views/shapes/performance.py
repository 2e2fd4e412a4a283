"""Results as the API shows them: one row for each quote token, and for each day, token or exit reason."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema, amount
from paper_trading.api_views.shapes.parts import TokenRefSchema
from paper_trading.selectors.performance import Row, Totals
from paper_trading.selectors.token_book import TokenBook
from paper_trading.tokens import NATIVE
from trading.networks import chain_name


class TotalsSchema(serializers.Serializer[Any]):
    """``realised`` is the net result of closed round trips, after every cost. The costs and ``volume`` are of all
    booked trades. ``profit_factor`` is the profit of the round trips that won for each unit that the others lost, null
    where none lost; ``win_rate_pct`` is null without a round trip."""

    chain = serializers.CharField()
    quote_token = TokenRefSchema()
    round_trips = serializers.IntegerField()
    wins = serializers.IntegerField()
    losses = serializers.IntegerField()
    win_rate_pct = serializers.FloatField(allow_null=True)
    profit_factor = serializers.FloatField(allow_null=True)
    realised = AmountSchema()
    profit = AmountSchema()
    loss = AmountSchema()
    trades = serializers.IntegerField()
    buys = serializers.IntegerField()
    sells = serializers.IntegerField()
    reverted = serializers.IntegerField()
    volume = AmountSchema()
    gas = AmountSchema()
    gas_native = AmountSchema()
    pool_fees = AmountSchema()
    impact = AmountSchema()
    drift = AmountSchema()


class DayTotalsSchema(TotalsSchema):
    """``date`` is a day by block time, in UTC."""

    date = serializers.DateField()


class TokenTotalsSchema(TotalsSchema):
    token = TokenRefSchema()


class ExitTotalsSchema(TotalsSchema):
    """``exit_reason`` is why the last sale was made; costs and ``volume`` are those of all sales for that reason."""

    exit_reason = serializers.CharField(allow_blank=True)


def shape_totals(rows: Sequence[Row]) -> list[dict[str, Any]]:
    book = _book(rows)
    return [_totals(row, book) for row in rows]


def shape_days(rows: Sequence[Row]) -> list[dict[str, Any]]:
    book = _book(rows)
    return [{"date": row.key.isoformat(), **_totals(row, book)} for row in rows]


def shape_tokens(rows: Sequence[Row]) -> list[dict[str, Any]]:
    book = _book(rows, (row.key for row in rows))
    return [{"token": _token(row.chain_id, row.key, book), **_totals(row, book)} for row in rows]


def shape_exits(rows: Sequence[Row]) -> list[dict[str, Any]]:
    book = _book(rows)
    return [{"exit_reason": row.key, **_totals(row, book)} for row in rows]


def _book(rows: Sequence[Row], tokens: Iterable[str] = ()) -> TokenBook:
    named = set(tokens)
    return TokenBook().load((row.chain_id, token) for row in rows for token in {row.quote_token, *named})


def _token(chain_id: int, address: str, book: TokenBook) -> dict[str, Any]:
    token = book.token(chain_id, address)
    return {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}


def _totals(row: Row, book: TokenBook) -> dict[str, Any]:
    totals, quote = row.totals, book.token(row.chain_id, row.quote_token)
    native = book.token(row.chain_id, NATIVE)
    return {
        "chain": chain_name(row.chain_id),
        "quote_token": _token(row.chain_id, row.quote_token, book),
        "round_trips": totals.round_trips,
        "wins": totals.wins,
        "losses": totals.losses,
        "win_rate_pct": win_rate(totals),
        "profit_factor": profit_factor(totals),
        "realised": amount(totals.realised, quote),
        "profit": amount(totals.profit, quote),
        "loss": amount(totals.loss, quote),
        "trades": totals.trades,
        "buys": totals.buys,
        "sells": totals.sells,
        "reverted": totals.reverted,
        "volume": amount(totals.volume, quote),
        "gas": amount(totals.gas_quote, quote),
        "gas_native": amount(totals.gas_wei, native),
        "pool_fees": amount(totals.pool_fees, quote),
        "impact": amount(totals.impact, quote),
        "drift": amount(totals.drift, quote),
    }


def win_rate(totals: Totals) -> float | None:
    """
    >>> win_rate(Totals(round_trips=3, wins=1))
    33.33
    """
    return None if totals.round_trips == 0 else round(100 * totals.wins / totals.round_trips, 2)


def profit_factor(totals: Totals) -> float | None:
    """
    >>> profit_factor(Totals(profit=300, loss=-200))
    1.5
    """
    return None if totals.loss == 0 else round(totals.profit / -totals.loss, 4)
