"""The wallet of an account that this transaction holds."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from paper_trading.errors import InsufficientBalance
from paper_trading.models import PaperAccount
from paper_trading.selectors.wallets import balances, balances_of


class LockedWallet:
    """What the account holds, read once under its lock and carried forward by every posting of the transaction.

    Only as good as the lock: make it from a row that ``SELECT FOR UPDATE`` gave, and drop it with the transaction. On
    SQLite every write transaction holds the whole database (``IMMEDIATE``). ``held`` is what was read already, and then
    all that may be asked for.
    """

    def __init__(self, account: PaperAccount, held: Mapping[str, int] | None = None) -> None:
        self.account = account
        self._held: dict[str, int] | None = None if held is None else dict(held)

    def held(self, token: str) -> int:
        """Base units of ``token`` after everything that was moved so far."""
        return self._read()[token]

    def move(self, changes: Sequence[tuple[str, int]]) -> list[int]:
        """Moves each token by its amount, in order, and gives the balance after each.

        Raises InsufficientBalance where one would be owed; nothing is moved then.
        """
        held, left = self._read().copy(), []
        for token, amount in changes:
            now = held[token]
            if now + amount < 0:
                raise InsufficientBalance(
                    f"account {self.account.name!r} holds {now} of {token}, the posting takes {-amount}"
                )
            held[token] = now + amount
            left.append(held[token])
        self._held = held
        return left

    def _read(self) -> dict[str, int]:
        if self._held is None:
            self._held = defaultdict(int, balances(self.account))
        return self._held


def locked_wallets(accounts: Collection[PaperAccount], tokens: Collection[str]) -> dict[int, LockedWallet]:
    """The wallets of ``accounts``, which this transaction holds, by account id, as far as ``tokens`` go."""
    held = balances_of([account.pk for account in accounts], tokens)
    return {account.pk: LockedWallet(account, held[account.pk]) for account in accounts}


def lock_account(account_id: int) -> PaperAccount:
    """The account as the database has it, held until the transaction ends: bookings on it come one after another."""
    return PaperAccount.objects.select_for_update().get(pk=account_id)


def lock_wallet(account_id: int) -> LockedWallet:
    return LockedWallet(lock_account(account_id))
