"""Everything that must be true of an account's books, checked from the rows alone."""

from django.db import transaction

from paper_trading.models import LedgerEntry, PaperAccount, PaperTrade
from paper_trading.selectors.audit.entries import postings_balance, trades_match_entries, wallet_replays
from paper_trading.selectors.audit.positions import positions_match_trades, positions_match_wallet
from paper_trading.selectors.audit.receipts import receipts_match_trades
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.selectors.receipts import verify_chain

__all__ = ["check_ledger"]


def check_ledger(account: PaperAccount) -> list[LedgerProblem]:
    """What is wrong with the account's books; empty when they are in order.

    Postings sum to zero, the wallet replayed entry by entry ends at the database's sums and is never negative, what
    trades say equals what was posted for them, positions equal their trades and the wallet, receipts are unbroken and
    tell the same as the trades. Bookings on the account wait until the check is through.
    """
    with transaction.atomic():
        account = PaperAccount.objects.select_for_update().get(pk=account.pk)
        entries = list(
            LedgerEntry.objects.filter(account=account).select_related("posting__trade").order_by("posting_id", "id")
        )
        trades = list(PaperTrade.objects.filter(account=account).order_by("sequence"))
        return [
            *postings_balance(entries),
            *wallet_replays(account, entries),
            *trades_match_entries(trades, entries),
            *positions_match_trades(account),
            *positions_match_wallet(account, entries),
            *verify_chain(account),
            *receipts_match_trades(account, trades),
        ]
