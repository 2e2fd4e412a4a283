"""Everything that must be true of an account's books, checked from the rows alone."""

from django.db import transaction

from paper_trading.models import PaperAccount
from paper_trading.selectors.audit.entries import postings_balance, trades_match_entries, wallet_replays
from paper_trading.selectors.audit.positions import positions_match_trades, positions_match_wallet
from paper_trading.selectors.audit.receipts import receipts_match_trades
from paper_trading.selectors.audit.rows import load_rows
from paper_trading.selectors.audit.sessions import sessions_match_trades
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.selectors.receipts import chain_problems

__all__ = ["check_ledger"]


def check_ledger(account: PaperAccount) -> list[LedgerProblem]:
    """What is wrong with the account's books; empty when they are in order.

    Postings sum to zero, the wallet replayed entry by entry is what each entry states, ends at the database's sums and
    is never negative, what trades say equals what was posted for them, sessions add up the gas of their trades,
    positions equal their trades and the wallet, receipts are unbroken and tell the same as the trades. Bookings on the
    account wait until the check is through.
    """
    with transaction.atomic():
        rows = load_rows(PaperAccount.objects.select_for_update().get(pk=account.pk))
        return [
            *postings_balance(rows),
            *wallet_replays(rows),
            *trades_match_entries(rows),
            *sessions_match_trades(rows),
            *positions_match_trades(rows),
            *positions_match_wallet(rows),
            *chain_problems(rows.receipts),
            *receipts_match_trades(rows),
        ]
