from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet

from dex.types import BlockRef
from paper_trading.models import BOOKED_STATUSES, BotSession, LedgerPosting, PaperAccount, PaperTrade


def booked_since_reset(account: PaperAccount) -> QuerySet[PaperTrade]:
    """The account's booked trades of its present generation: what came before a reset is history and stays so."""
    present = LedgerPosting.objects.filter(account=account, generation=account.generation, trade=OuterRef("pk"))
    return PaperTrade.objects.filter(Exists(present), account=account, status__in=BOOKED_STATUSES)


def newest_booked(account_ids: Collection[int], *, since: int) -> list[tuple[int, BlockRef]]:
    """Account and block, from number ``since`` on, wherever an account has booked trades since its last reset; the
    newest first."""
    present = LedgerPosting.objects.filter(
        account=OuterRef("account"), generation=OuterRef("account__generation"), trade=OuterRef("pk")
    )
    booked = PaperTrade.objects.filter(
        Exists(present), account_id__in=account_ids, status__in=BOOKED_STATUSES, block_number__gte=since
    )
    rows = booked.order_by("-block_number").values_list("account_id", "block_number", "block_hash", "block_time")
    return [
        (account_id, _block(number, block_hash, time))
        for account_id, number, block_hash, time in dict.fromkeys(rows)
        if number is not None and time is not None
    ]


def _block(number: int, block_hash: str, time: datetime) -> BlockRef:
    return BlockRef(
        number=number, hash=block_hash, parent_hash="", timestamp=int(time.timestamp()), base_fee_per_gas=None
    )


def booked_in_blocks(account: PaperAccount, block_hashes: Collection[str]) -> list[PaperTrade]:
    """The account's booked trades of these blocks, last booked first: the order in which a reorg un-books them."""
    booked = booked_since_reset(account).filter(block_hash__in=block_hashes)
    return list(booked.annotate(booked=Max("receipts__sequence")).order_by("-booked"))


# One step through the index trade_newest for each pair of tokens instead of a read of every trade, as in ``wallets``.
NEWEST_BLOCKS = """
WITH RECURSIVE newest(session_id, id) AS (
    SELECT session.id, (
        SELECT id FROM {trades} WHERE session_id = session.id AND block_number IS NOT NULL
        ORDER BY token_in DESC, token_out DESC, block_number DESC LIMIT 1
    ) FROM {sessions} session WHERE session.id IN ({ids})
    UNION ALL
    SELECT session_id, (
        SELECT id FROM {trades} trade WHERE trade.session_id = newest.session_id AND trade.block_number IS NOT NULL
        AND (trade.token_in, trade.token_out) < (SELECT token_in, token_out FROM {trades} WHERE id = newest.id)
        ORDER BY token_in DESC, token_out DESC, block_number DESC LIMIT 1
    ) FROM newest WHERE newest.id IS NOT NULL
)
SELECT session_id, token_in, token_out, block_number FROM {trades} WHERE id IN (SELECT id FROM newest)
"""


def newest_blocks(session_ids: Collection[int]) -> list[tuple[int, str, str, int]]:
    """Session, token in, token out and newest booked block of every pair of tokens that a session traded."""
    if not session_ids:
        return []
    statement = NEWEST_BLOCKS.format(
        trades=PaperTrade._meta.db_table,
        sessions=BotSession._meta.db_table,
        ids=", ".join(["%s"] * len(session_ids)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, list(session_ids))
        return list(cursor.fetchall())
