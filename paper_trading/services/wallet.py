"""The wallet of an account that this transaction holds."""

from collections.abc import Iterable, Sequence

from paper_trading.errors import InsufficientBalance
from paper_trading.models import PaperAccount
from paper_trading.selectors.wallets import balances_of


class LockedWallet:
    """What the account holds, read once under its lock and carried forward by every posting of the transaction.

    Only as good as the lock: make it from a row that ``SELECT FOR UPDATE`` gave, and drop it with the transaction. On
    SQLite every write transaction holds the whole database (``IMMEDIATE``).
    """

    def __init__(self, account: PaperAccount) -> None:
        self.account = account
        self._held: dict[str, int] = {}

    def load(self, tokens: Iterable[str]) -> None:
        """Read the balances of ``tokens`` in one query; those that are known are not asked for again."""
        if missing := sorted(set(tokens) - self._held.keys()):
            self._held |= balances_of(self.account, missing)

    def held(self, token: str) -> int:
        """Base units of ``token`` after everything that was moved so far."""
        self.load([token])
        return self._held[token]

    def move(self, changes: Sequence[tuple[str, int]]) -> list[int]:
        """Moves each token by its amount, in order, and gives the balance after each.

        Raises InsufficientBalance where one would be owed; nothing is moved then.
        """
        self.load(token for token, _ in changes)
        held, left = dict(self._held), []
        for token, amount in changes:
            if held[token] + amount < 0:
                raise InsufficientBalance(
                    f"account {self.account.name!r} holds {held[token]} of {token}, the posting takes {-amount}"
                )
            held[token] += amount
            left.append(held[token])
        self._held = held
        return left


def lock_account(account_id: int) -> PaperAccount:
    """The account as the database has it, held until the transaction ends: bookings on it come one after another."""
    return PaperAccount.objects.select_for_update().get(pk=account_id)


def lock_wallet(account_id: int) -> LockedWallet:
    return LockedWallet(lock_account(account_id))
