from collections.abc import Collection

from django.db.models import Exists, Max, OuterRef, QuerySet

from paper_trading.models import BOOKED_STATUSES, LedgerPosting, PaperAccount, PaperTrade


def booked_since_reset(account: PaperAccount) -> QuerySet[PaperTrade]:
    """The account's booked trades of its present generation: what came before a reset is history and stays so."""
    present = LedgerPosting.objects.filter(account=account, generation=account.generation, trade=OuterRef("pk"))
    return PaperTrade.objects.filter(Exists(present), account=account, status__in=BOOKED_STATUSES)


def booked_in_blocks(account: PaperAccount, block_hashes: Collection[str]) -> list[PaperTrade]:
    """The account's booked trades of these blocks, last booked first: the order in which a reorg un-books them."""
    booked = booked_since_reset(account).filter(block_hash__in=block_hashes)
    return list(booked.annotate(booked=Max("receipts__sequence")).order_by("-booked"))
