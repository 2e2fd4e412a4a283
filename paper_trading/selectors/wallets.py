"""What an account owns: the sum of its wallet entries, token by token."""

from paper_trading.aggregates import ExactSum
from paper_trading.models import Book, LedgerEntry, PaperAccount


def balances(account: PaperAccount) -> dict[str, int]:
    """Base units by token address (``NATIVE`` in wei) of every token the account ever held, zeros included."""
    rows = (
        LedgerEntry.objects.filter(account=account, book=Book.WALLET)
        .values("token")
        .annotate(total=ExactSum("amount"))
        .order_by("token")
    )
    return {row["token"]: row["total"] for row in rows}


def balance(account: PaperAccount, token: str) -> int:
    """Base units of one token."""
    wallet = LedgerEntry.objects.filter(account=account, book=Book.WALLET, token=token)
    total: int | None = wallet.aggregate(total=ExactSum("amount"))["total"]
    return 0 if total is None else total


def find_account(*, user_id: int, chain_key: str, name: str) -> PaperAccount | None:
    return PaperAccount.objects.filter(user_id=user_id, chain_key=chain_key, name=name).first()
