from collections.abc import Collection

from django.db.models import Max

from paper_trading.models import BOOKED_STATUSES, PaperAccount, PaperTrade


def booked_in_blocks(account: PaperAccount, block_hashes: Collection[str]) -> list[PaperTrade]:
    """The account's booked trades of these blocks, last booked first: the order in which a reorg un-books them."""
    booked = PaperTrade.objects.filter(account=account, status__in=BOOKED_STATUSES, block_hash__in=block_hashes)
    return list(booked.annotate(booked=Max("receipts__sequence")).order_by("-booked"))
