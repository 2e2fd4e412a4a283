"""Which receipts are computed again: the standing fills of the chain at hand."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from chain.errors import ConfigurationError
from dex.routing.plan import Path
from dex.types import BlockRef
from paper_trading.models import TradeSide
from paper_trading.services.accounts import open_account
from paper_trading.services.booking import book_fill, unbook_trade
from paper_trading.services.verify import States, Verdict
from paper_trading.services.verify_all import other_chains, receipts_on, verify_all
from tests.paper_trading.world import (
    DEPOSITS,
    GENESIS,
    USDC,
    WBTC,
    WETH,
    World,
    block_at,
    fill_of,
    new_session,
    new_world,
)

ELSEWHERE = "0x" + "99" * 32


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def world_on(chain_key: str, *, chain: str = "devnet", recording: str = "") -> World:
    account = open_account(
        user=User.objects.get_or_create(username="alice")[0],
        name="main",
        chain_id=31337,
        chain_key=chain_key,
        quote_token=USDC,
        deposits=DEPOSITS,
        block=block_at(0),
    )
    session = new_session(account)
    session.chain, session.recording = chain, recording
    session.save()
    return World(account=account, session=session)


def trades_on(chain_key: str, trade_id: int | None = None) -> list[int]:
    return [receipt.trade_id for receipt in receipts_on(chain_key, trade_id=trade_id)]


def test_every_fill_is_computed_again_oldest_block_first(world: World) -> None:
    first, second = world.buy(WETH, 3_000, 100), world.sell(WETH, 40, 1_500)
    assert trades_on(GENESIS) == [first.pk, second.pk]


def test_a_fill_that_a_reorg_took_back_is_left_out(world: World) -> None:
    kept, gone = world.buy(WETH, 3_000, 100), world.buy(WBTC, 1_000, 5)
    unbook_trade(trade=gone, block=world.next_block())
    assert trades_on(GENESIS) == [kept.pk]


def test_of_a_trade_that_was_filled_again_only_the_standing_fill_is_left(world: World) -> None:
    trade = world.buy(WETH, 3_000, 100)
    unbook_trade(trade=trade, block=world.next_block())
    later = world.next_block()
    book_fill(session=world.session, trade=trade, fill=fill_of(later, 3_000, 99))
    assert [receipt.block_hash for receipt in receipts_on(GENESIS, trade_id=None)] == [later.hash]


def test_one_trade_can_be_asked_for(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    wanted = world.buy(WBTC, 1_000, 5)
    assert trades_on(GENESIS, wanted.pk) == [wanted.pk]


def test_a_trade_that_never_was_is_refused(world: World) -> None:
    with pytest.raises(ConfigurationError, match=r"trade 4711 has no receipt .* there is no such trade"):
        receipts_on(GENESIS, trade_id=4711)


def test_a_trade_without_a_fill_is_refused(world: World) -> None:
    waiting = world.trade(TradeSide.BUY, WETH, 3_000)
    with pytest.raises(ConfigurationError, match="made on devnet, or was never filled"):
        receipts_on(GENESIS, trade_id=waiting.pk)


def test_a_trade_of_another_chain_is_refused_and_the_chain_named(books_db: str) -> None:
    trade = world_on(ELSEWHERE, chain="optimism", recording="recording weth-op").buy(WETH, 3_000, 100)
    with pytest.raises(ConfigurationError, match="made on recording weth-op"):
        receipts_on(GENESIS, trade_id=trade.pk)


def test_receipts_of_other_chains_are_counted_by_what_they_were_made_on(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    former = world_on(ELSEWHERE)
    former.buy(WETH, 3_000, 100)
    former.buy(WBTC, 3_000, 100)
    world_on("recording:ab", chain="optimism", recording="recording weth-op").buy(WETH, 3_000, 100)
    assert other_chains(GENESIS) == {"devnet": 2, "recording weth-op": 1}


def test_nothing_elsewhere_counts_nothing(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    assert other_chains(GENESIS) == {}


class Empty:
    """A chain that has none of the blocks."""

    witness = None

    async def block(self, number: int) -> BlockRef | None:
        return None

    async def states(self, path: Path, block: BlockRef) -> States:
        raise AssertionError("no block, no states")


async def verdicts() -> list[Verdict]:
    return [verdict async for verdict in verify_all(GENESIS, Empty(), trade_id=None)]


def test_one_wrong_receipt_does_not_keep_the_next_from_being_checked(db: None) -> None:
    world = new_world()
    trades = [world.buy(WETH, 3_000, 100), world.buy(WBTC, 1_000, 5)]
    found = async_to_sync(verdicts)()
    assert [(verdict.receipt.trade_id, verdict.ok) for verdict in found] == [(trade.pk, False) for trade in trades]
