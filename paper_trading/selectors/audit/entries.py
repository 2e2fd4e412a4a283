from collections import defaultdict

from paper_trading.models import Book, PaperTrade, TradeStatus
from paper_trading.selectors.audit.flows import Flows, net
from paper_trading.selectors.audit.rows import Rows
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.selectors.wallets import summed_balances
from paper_trading.tokens import NATIVE


def postings_balance(rows: Rows) -> list[LedgerProblem]:
    """Every posting sums to zero in every token."""
    by_posting: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for entry in rows.entries:
        by_posting[entry.posting_id].append((entry.token, entry.amount))
    return [
        LedgerProblem(check="balance", subject=f"posting {posting}", detail=f"is off by {amount} {token}")
        for posting, amounts in by_posting.items()
        for token, amount in net(amounts).items()
    ]


def wallet_replays(rows: Rows) -> list[LedgerProblem]:
    """Entry by entry the wallet is what the entry states and never negative; it ends where the database's sum says."""
    problems: list[LedgerProblem] = []
    wallet: defaultdict[str, int] = defaultdict(int)
    for entry in rows.entries:
        if entry.book != Book.WALLET:
            continue
        wallet[entry.token] += entry.amount
        if wallet[entry.token] < 0:
            detail = f"leaves {wallet[entry.token]} {entry.token} in the wallet"
            problems.append(LedgerProblem(check="wallet", subject=f"posting {entry.posting_id}", detail=detail))
        if entry.balance_after != wallet[entry.token]:
            detail = (
                f"states a balance of {entry.balance_after} {entry.token}, the entries sum to {wallet[entry.token]}"
            )
            problems.append(LedgerProblem(check="wallet", subject=f"posting {entry.posting_id}", detail=detail))
    if (summed := summed_balances(rows.account)) != wallet:
        detail = f"the database sums to {summed}, the entries to {dict(wallet)}"
        problems.append(LedgerProblem(check="wallet", subject="balances", detail=detail))
    return problems


def trades_match_entries(rows: Rows) -> list[LedgerProblem]:
    """What was posted for a trade, reversals included, is what its row says; nothing for one that is not booked."""
    posted: defaultdict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for entry in rows.entries:
        if entry.book != Book.WALLET:
            posted[entry.trade_id].append((f"{entry.book} {entry.token}", entry.amount))
    problems: list[LedgerProblem] = []
    for trade in rows.trades:
        said, booked = _said_by(trade), net(posted[trade.pk])
        if said != booked:
            detail = f"says {said}, posted {booked}"
            problems.append(LedgerProblem(check="trades", subject=f"trade {trade.sequence}", detail=detail))
    return problems


def _said_by(trade: PaperTrade) -> Flows:
    flows: list[tuple[str, int]] = []
    if trade.is_booked:
        flows.append((f"{Book.NETWORK.value} {NATIVE}", trade.fee_paid))
    if trade.status == TradeStatus.FILLED:
        flows.append((f"{Book.MARKET.value} {trade.token_in}", trade.amount_in))
        flows.append((f"{Book.MARKET.value} {trade.token_out}", -(trade.amount_out or 0)))
    return net(flows)
