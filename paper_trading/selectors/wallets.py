"""What an account owns, token by token: base units by token address, ``NATIVE`` in wei."""

from collections.abc import Collection

from django.db import connection
from django.db.models import OuterRef, Subquery

from paper_trading.models import Book, LedgerEntry, PaperAccount
from trading.aggregates import ExactSum
from trading.fields import Uint256Field

# PostgreSQL and SQLite read every entry to find the newest one of each token. Going from token to token through the
# index entry_newest takes one step for each token instead: https://wiki.postgresql.org/wiki/Loose_indexscan
NEWEST_ENTRIES = """
WITH RECURSIVE newest(account_id, id) AS (
    SELECT account.id, (
        SELECT id FROM {entries} WHERE account_id = account.id AND book = %s ORDER BY token DESC, id DESC LIMIT 1
    ) FROM {accounts} account WHERE account.id IN ({ids})
    UNION ALL
    SELECT account_id, (
        SELECT id FROM {entries} entry WHERE entry.account_id = newest.account_id AND entry.book = %s
        AND entry.token < (SELECT token FROM {entries} WHERE id = newest.id)
        ORDER BY token DESC, id DESC LIMIT 1
    ) FROM newest WHERE newest.id IS NOT NULL
)
SELECT account_id, token, balance_after FROM {entries} WHERE id IN (SELECT id FROM newest) ORDER BY account_id, token
"""


def balances(account: PaperAccount) -> dict[str, int]:
    """Every token the account ever held, zeros included; one look-up a token, however many entries there are."""
    return balances_by_account([account.pk])[account.pk]


def balances_by_account(account_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """``balances`` of many accounts by their ids, in one statement."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in account_ids}
    if not found:
        return found
    statement = NEWEST_ENTRIES.format(
        entries=LedgerEntry._meta.db_table,
        accounts=PaperAccount._meta.db_table,
        ids=", ".join(["%s"] * len(found)),
    )
    field: Uint256Field[int, int] = Uint256Field()
    wallet = Book.WALLET.value
    with connection.cursor() as cursor:
        cursor.execute(statement, [wallet, *found, wallet])
        for account_id, token, held in cursor.fetchall():
            found[account_id][token] = field.from_db_value(held, None, connection) or 0
    return found


def balances_of(account_ids: Collection[int], tokens: Collection[str]) -> dict[int, dict[str, int]]:
    """The balances of ``tokens`` by account id, 0 for one that was never held; one statement, a look-up for each."""
    asked = list(tokens)
    of_wallet = LedgerEntry.objects.filter(account=OuterRef("pk"), book=Book.WALLET).order_by("-token", "-id")
    # Between itself and itself: of one that equals it PostgreSQL would look for the newest among all entries there are,
    # from the last one on, which takes long where it was never held. Only the index entry_newest has this order.
    found = [of_wallet.filter(token__gte=token, token__lte=token) for token in asked]
    newest = [Subquery(entries.values("balance_after")[:1]) for entries in found]
    rows = PaperAccount.objects.filter(pk__in=account_ids).values_list("pk", *newest)
    return {pk: dict(zip(asked, (held or 0 for held in row), strict=True)) for pk, *row in rows}


def balance(account: PaperAccount, token: str) -> int:
    """Base units of one token."""
    return balances_of([account.pk], [token])[account.pk][token]


def summed_balances(account: PaperAccount) -> dict[str, int]:
    """``balances`` from the entries' sum alone, which is what they must be; reads every entry."""
    rows = (
        LedgerEntry.objects.filter(account=account, book=Book.WALLET)
        .values("token")
        .annotate(total=ExactSum("amount"))
        .order_by("token")
    )
    return {row["token"]: row["total"] for row in rows}


def find_account(*, user_id: int, chain_key: str, name: str) -> PaperAccount | None:
    return PaperAccount.objects.filter(user_id=user_id, chain_key=chain_key, name=name).first()
