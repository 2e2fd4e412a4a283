from paper_trading.errors import PositionExceeded
from paper_trading.models import Book, PaperTrade, Position, PositionStatus, PostingKind
from paper_trading.selectors.audit.flows import net
from paper_trading.selectors.audit.rows import Entry, Rows
from paper_trading.selectors.positions import totals
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.tokens import NATIVE


def positions_match_trades(rows: Rows) -> list[LedgerProblem]:
    """Every position is what its booked trades make of it."""
    trades = rows.trades_by_position()
    return [
        LedgerProblem(check="positions", subject=f"position {position.pk}", detail=fault)
        for position in rows.positions
        if (fault := _fault(position, trades.get(position.pk, []), rows.account.generation)) is not None
    ]


def _fault(position: Position, trades: list[PaperTrade], generation: int) -> str | None:
    try:
        now = totals(position, trades)
    except PositionExceeded as error:
        return str(error)
    for name in ("quantity", "bought", "cost", "proceeds", "fees_quote"):
        if getattr(position, name) != getattr(now, name):
            return f"{name} is {getattr(position, name)}, its trades give {getattr(now, name)}"
    if position.generation < generation and position.result is None:
        return None  # a reset closed it unsold
    if (position.status == PositionStatus.CLOSED) != now.is_closed:
        return f"is {position.status} with {now.quantity} held"
    if now.is_closed and position.result != now.result:
        return f"result is {position.result}, its trades give {now.result}"
    return None


def positions_match_wallet(rows: Rows) -> list[LedgerProblem]:
    """Each token in the wallet was bought into a position, or is a deposit that was not sold since."""
    account = rows.account
    in_position = {trade.pk for trade in rows.trades if trade.position_id is not None}
    current = [e for e in rows.entries if e.book == Book.WALLET and e.generation == account.generation]
    wallet = net((entry.token, entry.amount) for entry in current)
    loose = net((entry.token, entry.amount) for entry in current if _is_loose(entry, in_position))
    positions = [position for position in rows.positions if position.generation == account.generation]
    held = net((position.token, position.quantity - position.inherited_quantity) for position in positions)
    return [
        LedgerProblem(
            check="positions",
            subject=token,
            detail=f"the wallet holds {wallet.get(token, 0)}, positions and deposits account for {accounted}",
        )
        for token in sorted({*wallet, *loose, *held} - {account.quote_token, NATIVE})
        if (accounted := loose.get(token, 0) + held.get(token, 0)) != wallet.get(token, 0)
    ]


def _is_loose(entry: Entry, in_position: set[int]) -> bool:
    return entry.kind == PostingKind.OPENING or (entry.trade_id is not None and entry.trade_id not in in_position)
