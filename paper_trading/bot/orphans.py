"""What is booked in blocks that the chain no longer has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dex.market.state import MarketState
from dex.types import BlockRef
from paper_trading.models import BotSession
from paper_trading.selectors.trades import newest_booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """``gone`` are blocks that the account booked trades in and that the chain has replaced, newest first.

    ``complete`` is False while the chain is still shorter than the books: what it will hold there cannot be known yet.
    """

    gone: tuple[BlockRef, ...]
    complete: bool


def orphans(sessions: Sequence[BotSession], market: MarketState) -> Mapping[int, Orphans]:
    """Compare what each account has booked, by ended sessions too, with the chain; by session id, in one query.

    Blocks older than what the market keeps cannot be judged here; ``verify_trade`` asks the node about those.
    """
    booked: defaultdict[int, list[BlockRef]] = defaultdict(list)
    for account_id, block in newest_booked({session.account_id for session in sessions}, since=market.floor):
        booked[account_id].append(block)
    return {session.pk: _compared(booked[session.account_id], market) for session in sessions}


def _compared(booked: Sequence[BlockRef], market: MarketState) -> Orphans:
    known = [block for block in booked if block.number <= market.head.number]
    gone = tuple(block for block in known if not _has(market, block))
    return Orphans(gone=gone, complete=len(known) == len(booked))


def _has(market: MarketState, block: BlockRef) -> bool:
    own = market.block_at(block.number)
    return own is not None and own.hash == block.hash
