"""The end of a run in a few lines: what it made, what each cost was, where to look next."""

from typing import Any

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from dex.amounts import exact_units
from dex.types import Token
from paper_trading.models import BotSession
from paper_trading.selectors.summary import SessionSummary
from paper_trading.terminal.json_lines import money
from paper_trading.terminal.words import NATIVE_DECIMALS, percent, plain, signed


class RunEnd:
    """``equity`` is the account's worth now, ``holding`` that of its deposits untraded; None: unknown."""

    def __init__(
        self,
        *,
        session: BotSession,
        summary: SessionSummary,
        quote: Token,
        native_symbol: str,
        equity: int | None,
        holding: int | None,
    ) -> None:
        self.session = session
        self.summary = summary
        self.quote = quote
        self.native_symbol = native_symbol
        self.equity = equity
        self.holding = holding

    def rich(self) -> RenderableType:
        table = Table.grid(padding=(0, 3))
        for name, value in self._rows():
            table.add_row(Text(name, style="dim"), value)
        title = plain(f"PAPER  session {self.session.pk} {self.session.status}: {self.session.end_reason}")
        return Panel(table, title=Text(title), border_style="yellow", expand=False)

    def next_steps(self) -> list[str]:
        """Commands to copy: to be printed without wrapping or cropping."""
        where = f" --recording {self.session.recording}" if self.session.recording else ""
        return [
            "The result contains every cost above; each was measured at its fill, none is estimated afterwards.",
            f"Check every receipt against the chain: .venv/bin/python manage.py verify_trade --all{where}",
            "Check books, node, contracts and pools: .venv/bin/python manage.py verify_paper_trading --check-all",
        ]

    def values(self) -> dict[str, Any]:
        summary, quote = self.summary, self.quote
        return {
            "session": self.session.pk,
            "status": self.session.status,
            "reason": self.session.end_reason,
            "trades": dict(summary.statuses),
            "sides": dict(summary.sides),
            "witnesses": dict(summary.witnesses),
            "exits": dict(summary.exits),
            "round_trips": summary.round_trips,
            "wins": summary.wins,
            "start_equity": money(self.session.start_equity, quote),
            "equity": money(self.equity, quote),
            "holding": money(self.holding, quote),
            "realised": money(summary.realised, quote),
            "volume": money(summary.volume, quote),
            "costs": {
                "pool_fees": money(summary.pool_fees, quote),
                "price_impact": money(summary.impact, quote),
                "drift": money(summary.drift, quote),
                "gas": money(summary.gas_quote, quote),
                "gas_wei": str(summary.gas_wei),
            },
            "decisions": summary.decisions,
            "holds": dict(summary.holds),
        }

    def _rows(self) -> list[tuple[str, Text]]:
        summary, quote, start = self.summary, self.quote, self.session.start_equity
        rows = [("trades", Text(_counts(summary.statuses) or "none"))]
        if summary.sides:
            rows.append(("filled", Text(f"{_counts(summary.sides)}; witnesses: {_counts(summary.witnesses)}")))
        if summary.round_trips > 0:
            rate = f"{summary.wins} of {summary.round_trips} round trips won after every cost"
            rows.append(("closed", Text(f"{rate}, {signed(summary.realised, quote)}; exits: {_counts(summary.exits)}")))
        if self.equity is None or start is None:
            rows.append(("result", Text("not known: a position cannot be priced", style="yellow")))
        else:
            result = self.equity - start
            text = (
                f"{signed(result, quote)} ({percent(result, start)}), {exact_units(start, quote.decimals)} at the start"
            )
            rows.append(("result", Text(text, style="green" if result > 0 else "red" if result < 0 else "")))
            if self.holding is not None:
                kept = self.holding - start
                rows.append(("holding instead", Text(f"{signed(kept, quote)} ({percent(kept, start)})")))
        rows += [
            ("pool fees", Text(_cost(summary.pool_fees, quote))),
            ("price impact", Text(_cost(summary.impact, quote))),
            ("drift to the fill", Text(_cost(summary.drift, quote))),
            ("gas", Text(f"{_cost(summary.gas_quote, quote)} ({self._gas()})")),
            ("decisions", Text(f"{summary.decisions:,}; held back by {_most(summary.holds) or 'nothing'}")),
        ]
        return rows

    def _gas(self) -> str:
        if self.session.recording:
            return "this recording has no fee data: no gas was charged"
        return f"{self.summary.gas_wei / 10**NATIVE_DECIMALS:.6f} {self.native_symbol}"


def _counts(counts: Any) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(counts.items()))


def _most(counts: Any) -> str:
    largest = sorted(counts.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{name.replace('_', ' ')} ({number:,})" for name, number in largest)


def _cost(units: int, quote: Token) -> str:
    return signed(-units, quote)
