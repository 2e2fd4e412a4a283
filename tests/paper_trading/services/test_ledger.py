import pytest
from django.db import models

from paper_trading.errors import InsufficientBalance, UnbalancedPosting
from paper_trading.models import Book, LedgerEntry, LedgerPosting, PaperTrade, PostingKind, TradeSide
from paper_trading.selectors import balance, balances, check_ledger
from paper_trading.services.ledger import gas_posting, reverse, swap_posting
from paper_trading.services.postings import Movement, draft, write
from paper_trading.services.wallet import LockedWallet
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import DEPOSITS, USDC, WBTC, WETH, World, block_at, new_account, new_world


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def swap(world: World, trade: PaperTrade, paid: int, got: int) -> LedgerPosting:
    drafted = swap_posting(
        wallet=LockedWallet(world.account),
        trade=trade,
        token_in=USDC,
        amount_in=paid,
        token_out=WETH,
        amount_out=got,
        block=block_at(1),
    )
    return write([drafted])[0]


def post_moves(world: World, *moves: Movement) -> None:
    write([draft(wallet=LockedWallet(world.account), kind=PostingKind.SWAP, block=block_at(1), movements=moves)])


def test_a_posting_that_does_not_balance_is_refused(world: World) -> None:
    with pytest.raises(UnbalancedPosting):
        post_moves(
            world,
            Movement(book=Book.MARKET, token=WETH, amount=-5),
            Movement(book=Book.WALLET, token=WBTC, amount=5),
        )
    assert LedgerPosting.objects.count() == 1


def test_a_posting_may_take_the_last_unit_but_no_more(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 1)
    swap(world, trade, DEPOSITS[USDC], 2**255)
    assert balance(world.account, USDC) == 0
    assert balance(world.account, WETH) == 2**255
    with pytest.raises(InsufficientBalance):
        swap(world, trade, 1, 1)


def test_a_balance_of_a_token_never_held_is_zero(world: World) -> None:
    assert balance(world.account, WBTC) == 0


def test_a_swap_is_balanced_by_the_market(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3)
    posting = swap(world, trade, 3, 4)
    assert {(entry.book, entry.token, entry.amount) for entry in posting.entries.all()} == {
        ("wallet", USDC, -3),
        ("market", USDC, 3),
        ("market", WETH, -4),
        ("wallet", WETH, 4),
    }


def test_no_fee_is_no_posting(world: World) -> None:
    assert (
        gas_posting(
            wallet=LockedWallet(world.account), trade=world.trade(TradeSide.BUY, WETH, 3), wei=0, block=block_at(1)
        )
        is None
    )


def test_reversing_takes_back_every_posting_once(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3)
    swap(world, trade, 3, 4)
    gas = gas_posting(wallet=LockedWallet(world.account), trade=trade, wei=9, block=block_at(1))
    assert gas is not None
    write([gas])
    assert len(reverse(wallet=LockedWallet(world.account), trade=trade, block=block_at(2))) == 2
    assert reverse(wallet=LockedWallet(world.account), trade=trade, block=block_at(2)) == []
    assert balances(world.account) == {USDC: DEPOSITS[USDC], NATIVE: DEPOSITS[NATIVE], WETH: 0}
    assert check_ledger(world.account) == []


@pytest.mark.parametrize("model", [LedgerPosting, LedgerEntry])
def test_what_is_written_is_never_changed(books_db: str, model: type[models.Model]) -> None:
    new_account()
    row = model._default_manager.latest("pk")
    for change in (row.save, row.delete, model._default_manager.all().delete):
        with pytest.raises(TypeError, match="never"):
            change()
    with pytest.raises(TypeError, match="never changed"):
        model._default_manager.update(account=1)
