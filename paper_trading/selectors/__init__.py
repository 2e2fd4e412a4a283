from paper_trading.selectors.audit import check_ledger
from paper_trading.selectors.positions import open_position
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.selectors.receipts import last_receipt_of, receipt_fields, verify_chain
from paper_trading.selectors.trades import booked_in_blocks
from paper_trading.selectors.wallets import balance, balances, find_account, summed_balances

__all__ = [
    "LedgerProblem",
    "balance",
    "balances",
    "booked_in_blocks",
    "check_ledger",
    "find_account",
    "last_receipt_of",
    "open_position",
    "receipt_fields",
    "summed_balances",
    "verify_chain",
]
