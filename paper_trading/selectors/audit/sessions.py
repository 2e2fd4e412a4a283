from collections import defaultdict

from paper_trading.selectors.audit.rows import Rows
from paper_trading.selectors.problem import LedgerProblem


def sessions_match_trades(rows: Rows) -> list[LedgerProblem]:
    """What a session says it paid for gas is what its booked trades paid."""
    paid: defaultdict[int, int] = defaultdict(int)
    for trade in rows.trades:
        if trade.is_booked:
            paid[trade.session_id] += trade.gas_quote
    return [
        LedgerProblem(
            check="sessions",
            subject=f"session {session.pk}",
            detail=f"gas_quote is {session.gas_quote}, its trades give {paid[session.pk]}",
        )
        for session in rows.sessions
        if session.gas_quote != paid[session.pk]
    ]
